import { expect, it } from 'vitest';
import { render, testHost } from '../../test/render.js';

const PROFILE = `cpu/count
5 main@m.go:3;work@w.go:12
2 main@m.go:3;work@w.go:13
1 main@m.go:3;other@o.go:1
1 main@m.go:3;bare`;
const readSource = (file: string) =>
  file === 'o.go' ? new Error('gone') : Array.from({ length: 20 }, (_, i) => `${file} ${i + 1}`);
const list = (symbol: string) => render(PROFILE, { format: 'list', symbol }, testHost([], { readSource }));

it('shows five lines around those with a value', () => {
  expect(list('^work$')).toMatchInlineSnapshot(`
    "Total: 9
    ROUTINE ======================== work in w.go
             7          7 (flat, cum) 77.78% of Total
             .          .      7:w.go 7
             .          .      8:w.go 8
             .          .      9:w.go 9
             .          .     10:w.go 10
             .          .     11:w.go 11
             5          5     12:w.go 12
             2          2     13:w.go 13
             .          .     14:w.go 14
             .          .     15:w.go 15
             .          .     16:w.go 16
             .          .     17:w.go 17
             .          .     18:w.go 18
    "
  `);
});

it('goes on where a source is missing, by name', () => {
  expect(list('other|bare')).toMatchInlineSnapshot(`
    "Total: 9
    No source information for bare
    ROUTINE ======================== other in o.go
             1          1 (flat, cum) 11.11% of Total
     Error: gone
    "
  `);
});

it('stays within the file', () => {
  expect(
    list('^main$')
      .split('\n')
      .slice(3)
      .map((l) => l.trim()),
  ).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `.          ${n === 3 ? 9 : '.'}      ${n}:m.go ${n}`).concat(''));
});

it('refuses what is nowhere', () => {
  expect(() => list('nowhere')).toThrow(expect.objectContaining({ code: 'TM_USAGE' }));
});
