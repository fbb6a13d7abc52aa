import type { Frame } from '@tidemark/model';
import type { GoroutineDump } from './dump.js';
import type { CollectedLocks, OpenLock } from './open-locks.js';
import { wordAt } from './open-locks.js';
import type { HeldPlace, SourceKnowledge } from './source.js';
import { receiverType } from './stack-wait.js';

/**
 * A frame that may hold a lock. `held`: the source says so, and the address is equal or there is one instance;
 * `held-class`: the source says so of that field, the instance is not told; `address`: an argument is the lock's
 * object; `type`: a method of the object's type, on an object that is not told.
 */
export interface Sighting {
  readonly row: number;
  readonly frame: number;
  readonly strength: 'held' | 'held-class' | 'address' | 'type';
  readonly held: HeldPlace | null;
}

/** Looks through all stacks for frames that may hold one of the locks. */
export function sightHolders(
  dump: GoroutineDump,
  [from, to]: readonly [number, number],
  collected: CollectedLocks,
  source: SourceKnowledge | null,
): Map<OpenLock, Sighting[]> {
  const found = new Map<OpenLock, Sighting[]>(collected.locks.map((lock) => [lock, []]));
  if (collected.locks.length === 0) return found;
  const byAddress = new Map<number, OpenLock[]>();
  const byType = new Map<string, OpenLock[]>();
  const byClass = new Map<string, ClassOfLocks>();
  const onces: OpenLock[] = [];
  for (const lock of collected.locks) {
    // Groups, conditions and channels are not held: who will end those waits is another question.
    if (lock.kind === 'once') onces.push(lock);
    if (lock.kind !== 'mutex' && lock.kind !== 'rwmutex') continue;
    for (const address of new Set([lock.object, lock.address])) if (address !== null) put(byAddress, address, lock);
    if (lock.type) put(byType, lock.type, lock);
    for (const place of lock.places) for (const name of place.classes) putClass(byClass, name, lock);
  }
  const sightings = new Sightings(found);
  if (onces.length > MANY) for (const lock of onces.splice(0)) lock.crowded = true;
  const heldInStack = new Map<number, { frame: number; held: HeldPlace }[]>();
  for (let row = from; row < to && !sightings.full; row++) {
    const stack = dump.stack(dump.stackIndex(row));
    const wait = collected.waitOf(row);
    const own = collected.lockOfRow.get(row);
    if (onces.length > 0) sightOnces(dump, row, wait.asker, onces, source, sightings);
    if (source) {
      let held = heldInStack.get(stack.index);
      if (!held) {
        held = stack.frames.flatMap((frame, at) =>
          at < wait.asker ? [] : source.heldAt(frame).map((place) => ({ frame: at, held: place })),
        );
        heldInStack.set(stack.index, held);
      }
      for (const { frame, held: place } of held) {
        // `forks[i]` held and `forks[j]` asked for in one frame are two locks of one class.
        const another =
          own && frame === wait.asker && own.places.every((asked) => asked.path !== place.path) ? own : null;
        sightHeld(dump, row, frame, place, byClass, another, sightings);
      }
    }
    const unknown = (frame: Frame) => !source?.knows(frame);
    for (const [n, { frame }] of stack.live.entries()) {
      if (frame < wait.asker || !unknown(stack.frames[frame]!)) continue;
      const value = dump.word(row, n);
      if (!value) continue;
      const inside = byAddress.get(value) ?? [];
      if (inside.length > MANY) for (const lock of inside) lock.crowded = true;
      // To know an object of many locks is to hold none of them.
      else
        for (const lock of inside) {
          // That a waiter has the object in the very frame that asks says nothing about who holds it.
          if (own === lock && frame <= wait.askerEnd) continue;
          sightings.add(lock, { row, frame, strength: 'address', held: null });
        }
    }
    if (byType.size === 0) continue;
    for (let frame = wait.asker; frame < stack.frames.length; frame++) {
      const at = stack.frames[frame]!;
      if (!unknown(at)) continue;
      const alike = byType.get(receiverType(at.function) ?? '') ?? [];
      // A type says little; of many objects of one type it says nothing.
      if (alike.length > MANY) continue;
      for (const lock of alike) {
        if (own === lock && frame <= wait.askerEnd) continue;
        // A receiver that is told and another one rules the frame out.
        const receiver = wordAt(dump, row, frame, 0);
        if (receiver === null || lock.object === null)
          sightings.add(lock, { row, frame, strength: 'type', held: null });
      }
    }
  }
  sightings.end();
  for (const known of byClass.values()) if (known.crowded) for (const lock of known.all) lock.crowded = true;
  return found;
}

/** Above so many locks that cannot be told apart none is guessed at. */
const MANY = 256;

/** Locks of one field or variable: those whose address is known, and all. */
interface ClassOfLocks {
  readonly byAddress: Map<number, OpenLock>;
  readonly withoutAddress: OpenLock[];
  readonly all: OpenLock[];
  crowded: boolean;
}

function putClass(map: Map<string, ClassOfLocks>, name: string, lock: OpenLock): void {
  let known = map.get(name);
  if (!known) {
    known = { byAddress: new Map(), withoutAddress: [], all: [], crowded: false };
    map.set(name, known);
  }
  known.all.push(lock);
  if (lock.address === null) known.withoutAddress.push(lock);
  else known.byAddress.set(lock.address, lock);
}

function sightHeld(
  dump: GoroutineDump,
  row: number,
  frame: number,
  place: HeldPlace,
  byClass: ReadonlyMap<string, ClassOfLocks>,
  another: OpenLock | null,
  sightings: Sightings,
): void {
  const base = place.base && wordAt(dump, row, frame, place.base.word);
  const address = base !== null && place.base ? base + place.base.offset : null;
  const seen = new Set<OpenLock>();
  for (const name of place.classes) {
    const known = byClass.get(name);
    if (!known) continue;
    const told = address === null ? null : known.byAddress.get(address);
    const untold = address === null ? known.all : known.withoutAddress;
    if (untold.length > MANY) known.crowded = true;
    for (const lock of [...(told ? [told] : []), ...(untold.length > MANY ? [] : untold)]) {
      if (seen.has(lock)) continue;
      seen.add(lock);
      if (lock === another && (address === null || lock.address === null)) continue;
      const asked = place.instance === null ? [] : lock.places.map((p) => p.instance).filter((name) => name !== null);
      const named = place.instance !== null && asked.includes(place.instance);
      // Two package variables of one type are two locks.
      if (asked.length > 0 && asked.length === lock.places.length && !named) continue;
      const sure = named || (address !== null && address === lock.address);
      sightings.add(lock, { row, frame, strength: sure ? 'held' : 'held-class', held: place });
    }
  }
}

/**
 * Whoever runs a Once's function holds it: a frame of doSlow beyond the asker. Which Once it is tell the address, the
 * line that called Do, or the source.
 */
function sightOnces(
  dump: GoroutineDump,
  row: number,
  asker: number,
  onces: readonly OpenLock[],
  source: SourceKnowledge | null,
  sightings: Sightings,
): void {
  const { frames } = dump.stack(dump.stackIndex(row));
  for (let frame = asker + 1; frame < frames.length; frame++) {
    if (frames[frame]!.function !== 'sync.(*Once).doSlow') continue;
    const caller = frames.slice(frame).find((f) => !f.function.startsWith('sync.'));
    const base = wordAt(dump, row, frame, 0);
    const instances = new Set(caller && source ? source.asksAt(caller).map((place) => place.instance) : []);
    for (const lock of onces) {
      const site = lock.waiters[0]!.site;
      const near = base !== null && lock.address !== null && lock.address >= base && lock.address - base < ONCE_BYTES;
      const same =
        near ||
        (caller?.function === site.function && caller.line === site.line) ||
        lock.places.some((place) => place.instance !== null && instances.has(place.instance));
      sightings.add(lock, { row, frame, strength: same ? 'held' : 'type', held: null });
    }
  }
}

/** sync.Once is a flag and a mutex. */
const ONCE_BYTES = 16;

function put<K>(map: Map<K, OpenLock[]>, key: K, lock: OpenLock): void {
  const list = map.get(key);
  if (list) list.push(lock);
  else map.set(key, [lock]);
}

/** Sightings by lock, and a bound on all of them: goroutines times locks of one object may be any number. */
class Sightings {
  readonly #found: Map<OpenLock, Sighting[]>;
  #left = MOST_SIGHTINGS;

  constructor(found: Map<OpenLock, Sighting[]>) {
    this.#found = found;
  }

  get full(): boolean {
    return this.#left <= 0;
  }

  add(lock: OpenLock, sighting: Sighting): void {
    this.#left--;
    this.#found.get(lock)?.push(sighting);
  }

  /** When not all was looked at, only what the source proves counts, and silence nowhere. */
  end(): void {
    if (!this.full) return;
    for (const [lock, list] of this.#found) {
      lock.crowded = true;
      this.#found.set(
        lock,
        list.filter(({ strength }) => strength === 'held'),
      );
    }
  }
}

/** About 100 MB. */
const MOST_SIGHTINGS = 1 << 20;
