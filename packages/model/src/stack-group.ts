import type { Frame } from './site.js';

/**
 * Goroutines that share a stack, however they were read: pprof's reader makes these from the proto and debug=1
 * forms (no ids, no state), the goroutine engine from debug=2 dumps. Frames are leaf first; `created by` is
 * not a frame but `creator`.
 */
export interface StackGroup {
  readonly count: number;
  readonly frames: readonly Frame[];
  readonly creator: Frame | null;
  readonly state: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly ids: readonly number[];
}
