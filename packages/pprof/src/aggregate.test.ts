import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProfile } from '../test/arbitrary.js';
import { aggregate } from './aggregate.js';
import type { Profile } from './profile.js';
import { parseTextProfile } from './text-columns.js';

const rows = (text: string, by: 'function' | 'line', type = 0) =>
  aggregate(parseTextProfile(text), type, by).map(({ site, flat, cum }) => [
    site.line ? `${site.function}:${site.line}` : site.function,
    flat,
    cum,
  ]);

const CALLS = `objects/count space/bytes
5 50 main@m.go:1;f@f.go:2
-7 70 main@m.go:3;f@f.go:2;+g@g.go:4
0 0 main@m.go:1;never@n.go:1`;

it.each([
  [
    'function',
    0,
    [
      ['g', -7, -7],
      ['f', 5, -2],
      ['main', 0, -2],
    ],
  ],
  [
    'function',
    1,
    [
      ['g', 70, 70],
      ['f', 50, 120],
      ['main', 0, 120],
    ],
  ],
  [
    'line',
    1,
    [
      ['g:4', 70, 70],
      ['f:2', 50, 120],
      ['main:3', 0, 70],
      ['main:1', 0, 50],
    ],
  ],
] as const)('by %s, column %d', (by, type, expected) => {
  expect(rows(CALLS, by, type)).toEqual(expected);
});

it.each([
  [
    'function',
    [
      ['f', 3, 3],
      ['main', 0, 3],
    ],
  ],
  // Lines of one function are places of their own.
  [
    'line',
    [
      ['f:2', 3, 3],
      ['main:1', 0, 3],
      ['f:1', 0, 3],
    ],
  ],
] as const)('counts recursion once, by %s', (by, expected) => {
  const found = rows('v/count\n3 main@m.go:1;f@f.go:1;f@f.go:1;f@f.go:2', by);
  expect(found[0]).toEqual(expected[0]);
  expect(new Set(found.map(String))).toEqual(new Set(expected.map(String)));
});

it('grows beyond its first 1024 places without losing any', () => {
  const text = `v/count\n${Array.from({ length: 3000 }, (_, i) => `${i + 1} main;f${i}`).join('\n')}`;
  const found = rows(text, 'function');
  expect(found).toHaveLength(3001);
  expect(found[0]).toEqual(['f2999', 3000, 3000]);
  expect(found.at(-1)).toEqual(['main', 0, (3000 * 3001) / 2]);
});

describe('of any profile', () => {
  const counted = (p: Profile, by: 'function' | 'line', type: number) => {
    const sums = new Map<string, [number, number]>();
    for (let s = 0; s < p.sampleCount; s++) {
      const value = p.value(s, type);
      const keys = p.sites(s).map((f) => (by === 'line' ? `${f.function} ${f.file}:${f.line}` : f.function));
      for (const key of new Set(keys)) {
        const row = sums.get(key) ?? [0, 0];
        sums.set(key, row);
        row[1] += value;
        if (key === keys[0]) row[0] += value;
      }
    }
    return sums;
  };

  it.each(['function', 'line'] as const)('by %s is what adding up stack by stack gives', (by) => {
    fc.assert(
      fc.property(anyProfile({ bare: true }), fc.constantFrom(0, 1), (p, type) => {
        const expected = counted(p, by, type);
        for (const { site, flat, cum } of aggregate(p, type, by)) {
          const key = by === 'line' ? `${site.function} ${site.file}:${site.line}` : site.function;
          expect([key, flat, cum]).toEqual([key, ...expected.get(key)!]);
          expected.delete(key);
        }
        // What is missing is only of samples without a value.
        expect([...expected.values()].flat().filter((v) => v !== 0)).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('has flat values that add up to the sum of samples that have a stack, largest first', () => {
    fc.assert(
      fc.property(anyProfile(), (p) => {
        const found = aggregate(p, 0, 'function');
        let stacked = 0;
        for (let s = 0; s < p.sampleCount; s++) if (p.frames(s).length > 0) stacked += p.value(s, 0);
        expect(found.reduce((sum, r) => sum + r.flat, 0)).toBe(stacked);
        const amounts = found.map((r) => Math.abs(r.flat));
        expect(amounts).toEqual(amounts.toSorted((a, b) => b - a));
      }),
      { numRuns: 60 },
    );
  });

  it('has cum at least flat where nothing is negative', () => {
    fc.assert(
      fc.property(anyProfile({ signed: false }), (p) => {
        for (const r of aggregate(p, 1, 'line')) expect(r.cum).toBeGreaterThanOrEqual(r.flat);
      }),
      { numRuns: 60 },
    );
  });
});
