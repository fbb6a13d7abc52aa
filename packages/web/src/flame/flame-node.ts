/** A frame of a difference flame graph: what it holds now (`value`) and held before (`base`), children included. */
export interface FlameNode {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly value: number;
  readonly base: number;
  /** The part of `value` and `base` that is this frame's own, not its children's. */
  readonly self: number;
  readonly selfBase: number;
  readonly children: readonly FlameNode[];
}
