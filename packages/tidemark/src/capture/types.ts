import type { Capture, Note, Subject } from '@tidemark/model';
import type { Expvar, MemStats } from '../signals/index.js';
import type { ProcessReading } from '../targets/index.js';

/** Captured bytes and what is known about them. Bytes are as the target sent them, or as the file held them. */
export interface Taken {
  readonly capture: Capture;
  readonly bytes: Uint8Array;
}

/** Everything that was taken at one time. What is null was not offered, not due, or skipped: notes tell. */
export interface Look {
  readonly index: number;
  /** Milliseconds since 1970 when the look began. */
  readonly atMs: number;
  /** Looks with equal numbers saw one process; others must never be compared with them. */
  readonly incarnation: number;
  readonly heap: Taken | null;
  readonly goroutine: Taken | null;
  /** Goroutines in all, by the goroutine profile. */
  readonly goroutineTotal: number | null;
  /** Text with every goroutine (debug=2). */
  readonly dump: Taken | null;
  /** True when the target cut the dump at 64 MB. */
  readonly dumpTruncated: boolean;
  /** Goroutines that the runtime itself found leaked (goroutineleak). */
  readonly leaked: Taken | null;
  /** Who let go of locks that others waited for, and who waited: cumulative since the program switched them on. */
  readonly mutex: Taken | null;
  readonly block: Taken | null;
  readonly memStats: MemStats | null;
  readonly expvar: Expvar | null;
  /** Numbers of /metrics under the vocabulary (docs/signals.md). */
  readonly metrics: Readonly<Record<string, number>> | null;
  readonly process: ProcessReading | null;
}

/** What a watch, or a set of saved files, gives to diagnose. */
export interface Watch {
  readonly subject: Subject;
  readonly looks: readonly Look[];
  readonly captures: readonly Capture[];
  readonly notes: readonly Note[];
  /** True when the looks saw more than one process. */
  readonly restarted: boolean;
  /** True when the user stopped it before its end. */
  readonly stopped: boolean;
  /** Where the captures were kept; null when they were not. */
  readonly spool: string | null;
}

export interface WatchHooks {
  /** Before look `look` of `of` (from 1). */
  onLook?(look: number, of: number): void;
  /** After it: how long until the next one; null after the last. `soFar` gives what the watch has until now. */
  onWait?(look: Look, of: number, nextInMs: number | null, soFar: () => Watch): void;
  onNote?(note: Note): void;
}
