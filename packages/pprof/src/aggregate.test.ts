import { expect, it } from 'vitest';
import { aggregate } from './aggregate.js';
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
