import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycles } from './cycles.js';
import { type Lock, parseDump, waitGraph } from './index.js';

const locksOf = (waitsFor: readonly (number | null)[]) =>
  waitsFor.map((next) => ({ holder: { waitsFor: next } }) as unknown as Lock);

describe('findCycles', () => {
  it.each<[string, (number | null)[], number[][]]>([
    ['nothing', [], []],
    ['a chain', [1, 2, null], []],
    ['one of itself', [0], [[0]]],
    ['two', [1, 0], [[0, 1]]],
    ['a tail into a cycle', [1, 2, 3, 1], [[1, 2, 3]]],
    [
      'two apart',
      [1, 0, 3, 2],
      [
        [0, 1],
        [2, 3],
      ],
    ],
  ])('in %s', (_, waitsFor, cycles) => expect(findCycles(locksOf(waitsFor))).toEqual(cycles));

  it('finds exactly the locks that lead back to themselves, each once', () => {
    const graph = fc
      .integer({ min: 1, max: 12 })
      .chain((n) => fc.array(fc.option(fc.nat({ max: n - 1 }), { nil: null }), { minLength: n, maxLength: n }));
    fc.assert(
      fc.property(graph, (waitsFor) => {
        const returns = waitsFor.flatMap((_, start) => {
          let at: number | null = waitsFor[start]!;
          for (let i = 0; i < waitsFor.length && at !== null && at !== start; i++) at = waitsFor[at]!;
          return at === start ? [start] : [];
        });
        const cycles = findCycles(locksOf(waitsFor));
        expect(cycles.flat().sort((a, b) => a - b)).toEqual(returns);
        for (const cycle of cycles) {
          cycle.forEach((lock, i) => {
            expect(waitsFor[lock]).toBe(cycle[(i + 1) % cycle.length]);
          });
        }
      }),
    );
  });
});

describe('a ring of goroutines', () => {
  const MUTEX = 'internal/sync.(*Mutex).lockSlow';
  const address = (i: number) => `0xc0000${(0x10000 + i * 0x2000).toString(16)}`;
  const ring = (n: number, broken: boolean) =>
    Array.from({ length: n }, (_, i) => {
      const wants = address((i + 1) % n);
      const has = broken && i === 0 ? '0xc000999000' : address(i);
      return `goroutine ${i + 10} [sync.Mutex.Lock]:\n${MUTEX}(${wants})\n\tmutex.go:1 +0x1\nmain.step(${has}, ${wants})\n\tm.go:5 +0x1\ncreated by main.main in goroutine 1\n\tm.go:9 +0x1\n`;
    }).join('\n');
  it.each([2, 3, 5, 8])('of %d is one cycle, and none once one of them lets go', (n) => {
    const { cycles, locks } = waitGraph(parseDump(ring(n, false)));
    expect(cycles.map((cycle) => cycle.length)).toEqual([n]);
    expect(new Set(locks.map((lock) => lock.holder.kind))).toEqual(new Set(['other']));
    expect(waitGraph(parseDump(ring(n, true))).cycles).toEqual([]);
  });
});
