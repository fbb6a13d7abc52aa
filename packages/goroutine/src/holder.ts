import type { Frame } from '@tidemark/model';
import type { DiagnosticKind } from './diagnostics.js';
import type { GoroutineDump } from './dump.js';
import type { CollectedLocks, OpenLock } from './open-locks.js';
import type { Sighting } from './sightings.js';
import type { SourceKnowledge } from './source.js';
import type { StackWait } from './stack-wait.js';
import { uninteresting } from './uninteresting.js';
import { waitsForGoroutine } from './wait.js';
import type { Confidence, Holder } from './wait-graph.js';

const NOBODY: Holder = {
  kind: 'unknown',
  confidence: 'possible',
  row: null,
  goroutine: null,
  site: null,
  mode: null,
  acquired: null,
  waitsIn: null,
  waitsAt: null,
  waitsFor: null,
  candidates: 0,
};

/** Picks who holds a lock among the frames that may, or says that nobody does, or that the dump does not tell. */
export function chooseHolder(
  dump: GoroutineDump,
  lock: OpenLock,
  sightings: readonly Sighting[],
  collected: CollectedLocks,
  positionOf: ReadonlyMap<OpenLock, number>,
  source: SourceKnowledge | null,
): Holder {
  if (lock.kind !== 'mutex' && lock.kind !== 'rwmutex' && lock.kind !== 'once') return NOBODY;
  // Whoever was just woken has it next: the dump caught a lock that works.
  if (lock.moving) return NOBODY;
  const waiting = new Set(lock.waiters.map((waiter) => waiter.row));
  const ranked = sightings
    .map((sighting) => ({ sighting, rank: rankOf(dump, lock, sighting, waiting, collected) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank || a.sighting.row - b.sighting.row || a.sighting.frame - b.sighting.frame);
  const best = ranked[0];
  if (!best) return nobodyAlive(dump, lock, source);
  const { row, frame, strength, held } = best.sighting;
  const equals = new Set(ranked.filter(({ rank }) => rank === best.rank).map(({ sighting }) => sighting.row));
  // Many that merely know the object: to name one of them would be a guess.
  if (!held && equals.size > MOST_CANDIDATES) return { ...NOBODY, candidates: equals.size };
  const stack = dump.stack(dump.stackIndex(row));
  const wait = collected.waitOf(row);
  const own = collected.lockOfRow.get(row);
  return {
    kind: waiting.has(row) ? 'self' : 'other',
    confidence: confidenceOf(strength, held?.maybe ?? false, equals.size),
    row,
    goroutine: dump.id(row),
    // A Once is held by doSlow while the function before it runs: that one is the user's.
    site: plain(stack.frames[lock.kind === 'once' && frame > 0 ? frame - 1 : frame]!),
    mode: held?.mode ?? null,
    acquired: held ? plain(held.acquired) : null,
    waitsIn: wait.kind,
    waitsAt: stack.frames[wait.asker] ? plain(stack.frames[wait.asker]!) : null,
    // One of several by the type alone, which may be any object's: a way that leads on from there would be a guess upon a guess.
    waitsFor: own && (strength !== 'type' || equals.size === 1) ? (positionOf.get(own) ?? null) : null,
    candidates: equals.size,
  };
}

/** So many equally likely holders are named by an example; more are not. */
const MOST_CANDIDATES = 8;

const STRENGTH: Record<Sighting['strength'], number> = { held: 80, 'held-class': 40, address: 20, type: 10 };

/** 0: cannot be it. What the source proves beats arguments; a waiter of the lock beats others; the stuck beat the busy. */
function rankOf(
  dump: GoroutineDump,
  lock: OpenLock,
  sighting: Sighting,
  waiting: ReadonlySet<number>,
  collected: CollectedLocks,
): number {
  const wait = collected.waitOf(sighting.row);
  let rank = STRENGTH[sighting.strength];
  if (sighting.held?.maybe) rank -= 5;
  if (waiting.has(sighting.row) && isEarlierTurn(dump, lock, sighting)) return rank - 1;
  // A type alone is weak: then somebody else who is stuck is likelier than oneself.
  if (waiting.has(sighting.row)) return rank + (sighting.strength === 'type' ? 1 : 4);
  if (sighting.held) return rank;
  // By arguments alone: who waits by design merely knows the object.
  if (waitsByDesign(dump, sighting.row, wait)) return 0;
  if (collected.lockOfRow.has(sighting.row)) return rank + 6;
  if (waitsForGoroutine(wait.kind)) return rank + 3;
  return wait.kind === 'runtime' ? 0 : rank;
}

/** By what all goroutines of one stack and state share: sightings are many more than stacks. */
const BY_DESIGN = new WeakMap<StackWait, boolean>();

function waitsByDesign(dump: GoroutineDump, row: number, wait: StackWait): boolean {
  let known = BY_DESIGN.get(wait);
  if (known === undefined) {
    const { frames, creator } = dump.stack(dump.stackIndex(row));
    const { state } = dump.header(row);
    known = uninteresting({ count: 1, frames, creator, state, labels: {}, ids: [] }) !== null;
    BY_DESIGN.set(wait, known);
  }
  return known;
}

/**
 * A loop that takes a lock a turn holds those of the turns before; only its class is known, so it is likelier another
 * instance than the one that is asked for again: two such loops in different orders are the usual deadlock.
 */
function isEarlierTurn(dump: GoroutineDump, lock: OpenLock, { row, strength, held, frame }: Sighting): boolean {
  if (strength !== 'held-class' || !held?.maybe) return false;
  const { function: name, line } = dump.stack(dump.stackIndex(row)).frames[frame]!;
  const asks = lock.waiters.some((w) => w.row === row && w.site.function === name && w.site.line === line);
  return asks && held.acquired.function === name && held.acquired.line === line;
}

function confidenceOf(strength: Sighting['strength'], maybe: boolean, equals: number): Confidence {
  if (strength === 'held') return maybe ? 'likely' : 'proven';
  if (strength === 'type') return 'possible';
  return equals === 1 ? 'likely' : 'possible';
}

/** No frame may hold it. That proves something only where every stack is there and the source knows them. */
function nobodyAlive(dump: GoroutineDump, lock: OpenLock, source: SourceKnowledge | null): Holder {
  if (lock.crowded || dump.cut || hasUnknownStacks(dump)) return NOBODY;
  if (source && lock.kind !== 'once' && lock.places.length > 0)
    return { ...NOBODY, kind: 'gone', confidence: 'proven' };
  // Without source a holder whose arguments are dead registers would not be seen.
  return lock.object === null ? NOBODY : { ...NOBODY, kind: 'gone', confidence: 'possible' };
}

/** What of a stack may be missing though its goroutine is there, and goroutines that were passed over. */
const MISSING: ReadonlySet<DiagnosticKind> = new Set<DiagnosticKind>([
  'stack-unavailable',
  'frames-elided',
  'frames-over-limit',
  'call-without-file',
  'line-too-long',
  'header-malformed',
]);

function hasUnknownStacks(dump: GoroutineDump): boolean {
  return dump.diagnostics.some((d) => MISSING.has(d.kind));
}

function plain(frame: Frame): Frame {
  return { function: frame.function, file: frame.file, line: frame.line };
}
