import { runeCount } from './go-format.js';

/**
 * Aligns cells to the right as Go's text/tabwriter does with AlignRight and a padding of one blank: a cell is what
 * ends in a tab, and a column's width is the widest of consecutive lines that have a cell in it.
 */
export function alignRight(lines: readonly string[]): string[] {
  const cells = lines.map((line) => line.split('\t'));
  const out: string[] = [];
  const widths: number[] = [];
  format(0, cells.length);
  return out;

  function format(from: number, to: number): void {
    const column = widths.length;
    let start = from;
    for (let i = from; i < to; i++) {
      if (column >= cells[i]!.length - 1) continue;
      print(start, i);
      start = i;
      let width = 0;
      let end = i;
      for (; end < to && column < cells[end]!.length - 1; end++) {
        width = Math.max(width, runeCount(cells[end]![column]!) + 1);
      }
      widths.push(width);
      format(start, end);
      widths.pop();
      start = end;
      i = end - 1;
    }
    print(start, to);
  }

  function print(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      out.push(
        cells[i]!.map((cell, j) =>
          j < widths.length ? ' '.repeat(Math.max(0, widths[j]! - runeCount(cell))) + cell : cell,
        ).join(''),
      );
    }
  }
}
