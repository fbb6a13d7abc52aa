import type { Frame } from '@tidemark/model';
import { findCycles } from './cycles.js';
import type { GoroutineDump } from './dump.js';
import { chooseHolder } from './holder.js';
import { collectLocks } from './open-locks.js';
import { sightHolders } from './sightings.js';
import type { SourceKnowledge } from './source.js';
import type { WaitKind } from './wait.js';

export type LockKind = 'mutex' | 'rwmutex' | 'once' | 'waitgroup' | 'cond' | 'channel';

/** A goroutine that waits for a lock. */
export interface Waiter {
  readonly row: number;
  readonly goroutine: number;
  readonly waitsIn: WaitKind;
  /** Where it asked. */
  readonly site: Frame;
}

/** How sure the holder is. `proven`: the source says that this very lock is held there; `likely`, `possible`: by the dump. */
export type Confidence = 'proven' | 'likely' | 'possible';

/**
 * Who keeps the waiters waiting. `self`: one of the waiters itself; `other`: another goroutine that is alive;
 * `gone`: nobody alive holds it, so it was never released; `unknown`: the dump does not tell.
 */
export interface Holder {
  readonly kind: 'self' | 'other' | 'gone' | 'unknown';
  readonly confidence: Confidence;
  readonly row: number | null;
  readonly goroutine: number | null;
  /** The frame in which it holds the lock. */
  readonly site: Frame | null;
  /** For reading (`rlock`) or writing, when the source tells. */
  readonly mode: 'lock' | 'rlock' | null;
  /** Where the lock was taken, when the source tells. */
  readonly acquired: Frame | null;
  /** What the holder does: waits in, and where. */
  readonly waitsIn: WaitKind | null;
  readonly waitsAt: Frame | null;
  /** Position in `locks` of the lock that the holder waits for; null for anything else, and for one of several told by the type alone. */
  readonly waitsFor: number | null;
  /** How many goroutines could be it. */
  readonly candidates: number;
}

/** One lock (or group, condition, channel) that goroutines wait for. */
export interface Lock {
  readonly kind: LockKind;
  /** Null where the dump shows only the object that it lies in, or not even that. */
  readonly address: number | null;
  /** Base address of the object around it and the distance, when a frame's argument tells. */
  readonly object: number | null;
  readonly offset: number | null;
  /** Type whose methods lock it: `main.(*T)`. */
  readonly type: string | null;
  /** `T.mu` or `main.mu` from the source. */
  readonly name: string | null;
  readonly waiters: readonly Waiter[];
  readonly holder: Holder;
  /** True when a goroutine is just being handed the lock: the dump caught it in motion, nothing is stuck. */
  readonly moving: boolean;
}

/** Who waits for whom in one dump. */
export interface WaitGraph {
  readonly locks: readonly Lock[];
  /** Each cycle as positions in `locks`: the holder of each waits for the next, the last one's for the first. */
  readonly cycles: readonly (readonly number[])[];
  /** What makes the graph weaker than it could be. */
  readonly limits: readonly string[];
}

/**
 * Builds the wait-for graph of one section of a dump. With `source` (a build's facts) locks are named and holders
 * are proved; without, holders are told by equal addresses in arguments and never more than likely.
 * Channels are in it only where the text has their addresses (SIGQUIT, GOTRACEBACK=system).
 */
export function waitGraph(
  dump: GoroutineDump,
  options: { section?: number; source?: SourceKnowledge } = {},
): WaitGraph {
  const source = options.source ?? null;
  const rows = dump.sectionRange(options.section ?? 0);
  const collected = collectLocks(dump, rows, source);
  const sightings = sightHolders(dump, rows, collected, source);
  const positions = new Map(collected.locks.map((lock, at) => [lock, at]));
  const locks = collected.locks.map(
    (lock): Lock => ({
      kind: lock.kind,
      address: lock.address,
      object: lock.object,
      offset: lock.address !== null && lock.object !== null ? lock.address - lock.object : null,
      type: lock.type,
      name: lock.places.length === 1 ? lock.places[0]!.name : null,
      waiters: lock.waiters,
      holder: chooseHolder(dump, lock, sightings.get(lock)!, collected, positions, source),
      moving: lock.moving,
    }),
  );
  const limits: string[] = [];
  if (dump.cut) limits.push('the dump is cut: a holder may be among the goroutines that are missing');
  if (!source) limits.push('no facts of the build: holders are told by equal addresses, not by what the code does');
  return { locks, cycles: findCycles(locks), limits };
}
