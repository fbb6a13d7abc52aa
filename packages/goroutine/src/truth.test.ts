import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeldPlace, type LockPlace, parseDump, type SourceKnowledge, waitGraph } from './index.js';

/**
 * Programs made at random: locks, each held by a goroutine or by nobody, and goroutines that wait for at most one of
 * them. The dump is written from that truth, and the graph must say it again.
 */
interface Program {
  /** Holder of each lock; null: whoever had it is gone. */
  readonly holders: readonly (number | null)[];
  /** The lock that each goroutine waits for; null: it waits for a channel. */
  readonly waits: readonly (number | null)[];
}

const program = fc
  .record({ locks: fc.integer({ min: 1, max: 6 }), goroutines: fc.integer({ min: 1, max: 10 }) })
  .chain(({ locks, goroutines }) =>
    fc.record({
      holders: fc.array(fc.option(fc.nat({ max: goroutines - 1 })), { minLength: locks, maxLength: locks }),
      waits: fc.array(fc.option(fc.nat({ max: locks - 1 })), { minLength: goroutines, maxLength: goroutines }),
    }),
  );

const hex = (n: number) => `0x${n.toString(16)}`;
/** Objects far apart, so that none lies in another; the lock 24 bytes into each. */
const objectOf = (lock: number) => 0x7f0000100000 + lock * 0x4000;
const idOf = (goroutine: number) => goroutine + 10;

function write({ holders, waits }: Program, order: readonly number[]): string {
  return order
    .map((g) => {
      const lock = waits[g]!;
      const asks =
        lock === null
          ? ['main.receive()']
          : [`internal/sync.(*Mutex).lockSlow(${hex(objectOf(lock) + 24)})`, `main.ask(${hex(objectOf(lock))})`];
      const holds = holders.flatMap((holder, l) => (holder === g ? [`main.hold(${hex(objectOf(l))})`] : []));
      const frames = [...asks, ...holds, 'main.run()'].map((call) => `${call}\n\tm.go:5 +0x1\n`).join('');
      const state = lock === null ? 'chan receive' : 'sync.Mutex.Lock';
      return `goroutine ${idOf(g)} [${state}]:\n${frames}created by main.main in goroutine 1\n\tm.go:9 +0x1\n`;
    })
    .join('\n');
}

const place: LockPlace = {
  classes: ['T.mu'],
  name: 'T.mu',
  path: 't.mu',
  base: { word: 0, offset: 24 },
  instance: null,
};
const held: HeldPlace = {
  ...place,
  mode: 'lock',
  acquired: { function: 'main.hold', file: 'm.go', line: 4 },
  maybe: false,
};
const source: SourceKnowledge = {
  knows: () => true,
  asksAt: (frame) => (frame.function === 'main.ask' ? [place] : []),
  heldAt: (frame) => (frame.function === 'main.hold' ? [held] : []),
};

/** Follows holder after holder by the truth alone. */
function cycleThrough({ holders, waits }: Program, start: number): number[] | null {
  const path: number[] = [];
  for (let lock: number | null = start; lock !== null && path.length <= holders.length; ) {
    path.push(lock);
    const holder: number | null = holders[lock]!;
    lock = holder === null ? null : waits[holder]!;
    if (lock === start) return path;
  }
  return null;
}

const shuffled = (made: Program) =>
  fc.shuffledSubarray(
    made.waits.map((_, g) => g),
    { minLength: made.waits.length, maxLength: made.waits.length },
  );
const cases = program.chain((made) => shuffled(made).map((order) => ({ made, order })));

describe('the wait-for graph of a program that is known', () => {
  it('with source: who waits, who holds, that nobody does, and every cycle', () => {
    fc.assert(
      fc.property(cases, ({ made, order }) => {
        const { locks, cycles } = waitGraph(parseDump(write(made, order)), { source });
        const waited = [...new Set(made.waits.filter((lock) => lock !== null))].sort((a, b) => a - b);
        const numberOf = (address: number | null) => (address! - 24 - objectOf(0)) / 0x4000;
        expect(locks.map((lock) => numberOf(lock.address)).sort((a, b) => a - b)).toEqual(waited);
        for (const lock of locks) {
          const l = numberOf(lock.address);
          const waiters = made.waits.flatMap((w, g) => (w === l ? [idOf(g)] : []));
          expect(lock.waiters.map((w) => w.goroutine).sort((a, b) => a - b)).toEqual(waiters);
          const holder = made.holders[l]!;
          const kind = holder === null ? 'gone' : made.waits[holder] === l ? 'self' : 'other';
          expect([lock.holder.kind, lock.holder.confidence, lock.holder.goroutine]).toEqual([
            kind,
            'proven',
            holder === null ? null : idOf(holder),
          ]);
          const next = holder === null ? null : made.waits[holder]!;
          expect(lock.holder.waitsFor === null ? null : numberOf(locks[lock.holder.waitsFor]!.address)).toBe(next);
        }
        const inCycles = cycles
          .flat()
          .map((at) => numberOf(locks[at]!.address))
          .sort((a, b) => a - b);
        expect(inCycles).toEqual(waited.filter((lock) => cycleThrough(made, lock) !== null));
      }),
      { numRuns: 300 },
    );
  });

  it('without: nothing is proven, and no holder is named that does not have the object', () => {
    fc.assert(
      fc.property(cases, ({ made, order }) => {
        for (const lock of waitGraph(parseDump(write(made, order))).locks) {
          const l = (lock.address! - 24 - objectOf(0)) / 0x4000;
          expect(lock.holder.confidence).not.toBe('proven');
          const named = lock.holder.goroutine;
          if (named !== null) expect(named === idOf(made.holders[l] ?? -1) || made.waits[named - 10] === l).toBe(true);
          // Whoever holds prints the object in a frame of his own: he is found.
          if (made.holders[l] !== null) expect(lock.holder.kind).toMatch(/^(?:self|other)$/);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('does not depend on the order of goroutines, nor on where the heap lies', () => {
    fc.assert(
      fc.property(program, ({ holders, waits }) => {
        const order = waits.map((_, g) => g);
        const text = write({ holders, waits }, order);
        const said = (dump: string) =>
          waitGraph(parseDump(dump), { source })
            .locks.map((lock) =>
              [
                lock.offset,
                lock.waiters
                  .map((w) => w.goroutine)
                  .sort()
                  .join(),
                lock.holder.kind,
                lock.holder.goroutine,
              ].join(' '),
            )
            .sort();
        expect(said(write({ holders, waits }, order.reverse()))).toEqual(said(text));
        expect(said(text.replaceAll('0x7f00001', '0x1'))).toEqual(said(text));
      }),
      { numRuns: 100 },
    );
  });

  it('a goroutine that is missing turns what is not known into nothing worse than unknown', () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 9 }), ({ made, order }, at) => {
        const lost = order[at % order.length]!;
        const rest = order.filter((g) => g !== lost);
        if (rest.length === 0) return;
        const { locks } = waitGraph(parseDump(`${write(made, rest)}\ngoroutine 99 [select]:\nmain.f(0x`), { source });
        for (const lock of locks) {
          const l = (lock.address! - 24 - objectOf(0)) / 0x4000;
          const holder = made.holders[l]!;
          if (holder === lost || holder === null) expect(lock.holder.kind).toBe('unknown');
          else expect(lock.holder.goroutine).toBe(idOf(holder));
        }
      }),
      { numRuns: 200 },
    );
  });
});
