import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alignRight } from './tab-table.js';

// Expected is what Go's text/tabwriter writes with (out, 0, 0, 1, ' ', AlignRight).
it.each<[string, string[], string[]]>([
  ['nothing', [], []],
  ['text without a cell', ['a', '', 'bc'], ['a', '', 'bc']],
  ['a column to its widest cell and a blank', ['a\t1', 'bbb\t2'], ['   a1', ' bbb2']],
  ['two columns each for itself', ['a\tbbb\tx', 'aa\tb\ty'], ['  a bbbx', ' aa   by']],
  // A line without a cell in a column ends the column's block.
  ['columns anew behind a line without them', ['aaaa\tx', '', 'b\ty'], [' aaaax', '', ' by']],
  ['an inner column of some of the lines', ['a\tb\tx', 'cc\tdd', 'e\tf\ty'], ['  a bx', ' ccdd', '  e fy']],
  ['empty cells', ['\tx', 'aa\ty'], ['   x', ' aay']],
  ['what is behind the last tab not at all', ['a\tlong text', 'b\tc'], [' along text', ' bc']],
  ['characters, not bytes or UTF-16 units', ['ü\tx', '😀😀\ty', 'abc\tz'], ['   üx', '  😀😀y', ' abcz']],
])('aligns %s', (_, lines, expected) => expect(alignRight(lines)).toEqual(expected));

it('loses no text, and ends every cell of a column of one block at one place', () => {
  const cell = fc.constantFrom('', 'a', 'bb', 'ccc ccc', 'ü');
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 }), (table) => {
      const lines = alignRight(table.map((cells) => cells.join('\t')));
      const ends = lines.map((line, i) => [...line].length - [...table[i]![2]].length);
      expect(new Set(ends).size).toBe(1);
      lines.forEach((line, i) => {
        expect(line.replaceAll(' ', '')).toBe(table[i]!.join('').replaceAll(' ', ''));
      });
      const widest = (c: number) => Math.max(...table.map((cells) => [...cells[c]!].length));
      expect(ends[0]).toBe(widest(0) + widest(1) + 2);
    }),
  );
});

it('is bounded where every line is the start of a block', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? 'a\tb\tc' : 'a\tb'));
  expect(alignRight(lines)).toHaveLength(20_000);
});
