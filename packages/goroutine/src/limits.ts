/** Bounds on what a dump may cost; the defaults are far beyond what a live service prints. */
export interface DumpLimits {
  /** More goroutines than this is TM_LIMIT. */
  readonly maxGoroutines: number;
  /** Longer lines are skipped and told. */
  readonly maxLineBytes: number;
  /** Deeper frames are skipped and told; the runtime itself prints at most 100. */
  readonly maxFrames: number;
  /** More bytes of different frames, stacks or headers is TM_LIMIT. */
  readonly maxDistinctBytes: number;
  /** Argument words that are kept; beyond it goroutines come without arguments, and it is told. */
  readonly maxArgumentWords: number;
  /** Different headers that are kept apart; beyond it labels and minutes are dropped, and it is told. */
  readonly maxHeaders: number;
}

export const DUMP_LIMITS: DumpLimits = {
  maxGoroutines: 10_000_000,
  maxLineBytes: 1 << 20,
  maxFrames: 1000,
  maxDistinctBytes: 256 << 20,
  maxArgumentWords: 64 << 20,
  maxHeaders: 100_000,
};
