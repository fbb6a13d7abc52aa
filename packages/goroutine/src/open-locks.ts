import type { DumpStack, GoroutineDump } from './dump.js';
import type { LockPlace, SourceKnowledge } from './source.js';
import { isPointerMethod, receiverType, type StackWait, stackWait } from './stack-wait.js';
import type { WaitKind } from './wait.js';
import type { LockKind, Waiter } from './wait-graph.js';

/** A lock while its waiters are collected. */
export interface OpenLock {
  readonly kind: LockKind;
  address: number | null;
  /** Base of the object around it, as an argument tells it. */
  object: number | null;
  /** Type whose method asks for it. */
  readonly type: string | null;
  /** What the source says that is asked for; empty without source. */
  readonly places: readonly LockPlace[];
  readonly waiters: Waiter[];
  /** A goroutine that can run is in the middle of taking it. */
  moving: boolean;
  /** Too many like it to look for its holder: silence says nothing. */
  crowded: boolean;
}

/** Distances beyond this are not taken for a field of the object that an argument points to. */
const MAX_OBJECT_BYTES = 4096;

const LOCK_KINDS: Partial<Record<WaitKind, LockKind>> = {
  mutex: 'mutex',
  'rwmutex-r': 'rwmutex',
  'rwmutex-w': 'rwmutex',
  waitgroup: 'waitgroup',
  cond: 'cond',
  'chan send': 'channel',
  'chan receive': 'channel',
};

export interface CollectedLocks {
  readonly locks: readonly OpenLock[];
  /** The lock that a goroutine waits for, by row. */
  readonly lockOfRow: ReadonlyMap<number, OpenLock>;
  /** What each goroutine waits for, by stack and state. */
  waitOf(row: number): StackWait;
}

/** Collects who waits for which lock in the rows [from, to) of a dump. */
export function collectLocks(
  dump: GoroutineDump,
  [from, to]: readonly [number, number],
  source: SourceKnowledge | null,
): CollectedLocks {
  const waits = new Map<string, StackWait>();
  const waitOf = (row: number): StackWait => {
    const { state } = dump.header(row);
    const key = `${dump.stackIndex(row)} ${state}`;
    let wait = waits.get(key);
    if (!wait) {
      wait = stackWait(dump.stack(dump.stackIndex(row)), state);
      waits.set(key, wait);
    }
    return wait;
  };
  const byKey = new Map<string, OpenLock>();
  const lockOfRow = new Map<number, OpenLock>();
  const moving = new Set<number>();
  for (let row = from; row < to; row++) {
    const wait = waitOf(row);
    if (wait.kind === 'runnable' || wait.kind === 'running') {
      const address = addressBeingTaken(dump, row);
      if (address !== null) moving.add(address);
      continue;
    }
    const lock = lockOf(dump, row, wait, source, byKey);
    if (lock) lockOfRow.set(row, lock);
  }
  const merged = mergeByObject([...byKey.values()]);
  for (const [row, lock] of lockOfRow) lockOfRow.set(row, merged.get(lock) ?? lock);
  const locks = [...byKey.values()].filter((lock) => !merged.has(lock));
  for (const lock of locks) if (lock.address !== null && moving.has(lock.address)) lock.moving = true;
  return { locks, lockOfRow, waitOf };
}

function lockOf(
  dump: GoroutineDump,
  row: number,
  wait: StackWait,
  source: SourceKnowledge | null,
  byKey: Map<string, OpenLock>,
): OpenLock | null {
  const stack = dump.stack(dump.stackIndex(row));
  const kind = isInOnce(stack, wait.asker) ? 'once' : LOCK_KINDS[wait.kind];
  if (!kind) return null;
  const site = stack.frames[wait.asker];
  if (!site) return null;
  const word = wait.address && dump.word(row, wait.address.live);
  let address = word ? word + wait.address!.delta : null;
  const places = source?.asksAt(site) ?? [];
  if (address === null && kind !== 'once') address = addressByPlace(dump, row, wait, places);
  if (kind === 'channel' && address === null) return null;
  const object = objectOf(dump, row, wait, address);
  const type = receiverType(site.function);
  const classes = places.flatMap((place) => place.classes).join(' ');
  const key =
    address !== null
      ? `${kind} at ${address}`
      : object !== null
        ? `${kind} in ${object}`
        : `${kind} of ${classes || type || site.function}`;
  let lock = byKey.get(key);
  if (!lock) {
    lock = { kind, address, object, type, places, waiters: [], moving: false, crowded: false };
    byKey.set(key, lock);
  }
  lock.object ??= object;
  lock.waiters.push({ row, goroutine: dump.id(row), waitsIn: wait.kind, site });
  return lock;
}

/** A Once's mutex is held while its function runs; whoever comes meanwhile waits in Do. */
function isInOnce(stack: DumpStack, asker: number): boolean {
  return stack.frames.some((frame, at) => at < asker && /^sync\.\(\*Once\)\./.test(frame.function));
}

/** The value of a word of a frame; null where it is dead, not printed or inlined away. */
export function wordAt(dump: GoroutineDump, row: number, frame: number, word: number): number | null {
  const { live } = dump.stack(dump.stackIndex(row));
  const n = live.findIndex((place) => place.frame === frame && place.word === word);
  return n < 0 ? null : dump.word(row, n) || null;
}

function addressByPlace(
  dump: GoroutineDump,
  row: number,
  wait: StackWait,
  places: readonly LockPlace[],
): number | null {
  const base = places.length === 1 ? places[0]!.base : null;
  if (!base) return null;
  const value = wordAt(dump, row, wait.asker, base.word);
  return value === null ? null : value + base.offset;
}

/**
 * The object that the lock lies in: the argument closest below its address, in the frame that asked or, where that
 * prints none, a caller's. Without an address (RWMutex) it is the receiver of the method that asked.
 */
function objectOf(dump: GoroutineDump, row: number, wait: StackWait, address: number | null): number | null {
  const stack = dump.stack(dump.stackIndex(row));
  if (address === null) {
    const frame = stack.frames[wait.asker]!;
    return isPointerMethod(frame.function) ? wordAt(dump, row, wait.asker, 0) : null;
  }
  let best: number | null = null;
  let bestFrame = -1;
  for (const [n, { frame }] of stack.live.entries()) {
    if (frame < wait.asker) continue;
    if (best !== null && frame > bestFrame) break;
    const value = dump.word(row, n);
    if (!value || value > address || address - value >= MAX_OBJECT_BYTES) continue;
    if (best === null || value > best) {
      best = value;
      bestFrame = frame;
    }
  }
  return best;
}

/** The address of a mutex whose slow path a goroutine that can run is in: it was just woken, or spins. */
function addressBeingTaken(dump: GoroutineDump, row: number): number | null {
  const stack = dump.stack(dump.stackIndex(row));
  for (const [n, { frame, word }] of stack.live.entries()) {
    if (word === 0 && /^(?:internal\/)?sync\.\(\*Mutex\)\.lockSlow$/.test(stack.frames[frame]!.function)) {
      return dump.word(row, n);
    }
  }
  return null;
}

/**
 * Readers of an RWMutex show no address, its writers do. Where exactly one RWMutex of an object is known by
 * address, those that wait somewhere in the object are taken to it.
 */
function mergeByObject(locks: readonly OpenLock[]): Map<OpenLock, OpenLock> {
  const named = new Map<string, OpenLock[]>();
  const keyOf = (lock: OpenLock) => `${lock.kind} ${lock.object}`;
  for (const lock of locks) {
    if (lock.address === null || lock.object === null) continue;
    const list = named.get(keyOf(lock));
    if (list) list.push(lock);
    else named.set(keyOf(lock), [lock]);
  }
  const merged = new Map<OpenLock, OpenLock>();
  for (const lock of locks) {
    if (lock.address !== null || lock.object === null) continue;
    const [only, ...others] = named.get(keyOf(lock)) ?? [];
    if (!only || others.length > 0) continue;
    merged.set(lock, only);
    for (const waiter of lock.waiters) only.waiters.push(waiter);
  }
  return merged;
}
