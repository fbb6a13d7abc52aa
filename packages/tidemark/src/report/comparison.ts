import type { Comparison, ComparisonRow } from '@tidemark/model';
import { paint } from '../base/paint.js';
import { printable } from '../base/text.js';
import { formatBytes, formatChance, formatCount, formatPercent, formatSeconds } from '../base/units.js';

/** A change is marked as real below this chance of error. */
const REAL = 0.01;

/** Two snapshots as a table: the places that grew most, then those that shrank most. */
export function renderComparison(c: Comparison, options: { color: boolean; columns: number; top: number }): string {
  const ink = paint(options.color);
  const lines = [
    `${c.sameProcess ? 'one process' : 'two processes'}${c.seconds !== null ? `, ${formatSeconds(c.seconds)} apart` : ''}`,
  ];
  if (c.heap) {
    const { before, after, rows } = c.heap;
    const changed = rows.filter((r) => r.delta !== 0);
    const shown = ends(changed, options.top);
    lines.push(
      '',
      `${ink.strong('Live heap')}  ${formatBytes(before)} → ${formatBytes(after)}  (${signedBytes(after - before)})`,
    );
    if (changed.length === 0) lines.push('  no place changed');
    for (const row of shown) {
      const real = row.errorChance !== null && row.errorChance < REAL;
      const mark = real ? ink.bad('▲') : row.delta < 0 ? ink.good('▼') : ' ';
      const { low, high } = row.interval!;
      lines.push(
        `${mark} ${signedBytes(row.delta).padStart(11)}  [${signedBytes(low)} … ${signedBytes(high)}]  ${formatBytes(row.before)} → ${formatBytes(row.after)}` +
          (row.freedShare !== null
            ? ink.dim(`  freed ${formatPercent(row.freedShare)} of ${formatBytes(row.allocated!)}`)
            : '') +
          (real ? ink.dim(`  error ${formatChance(row.errorChance!)}`) : ''),
        `              ${place(row)}`,
      );
    }
    if (shown.length < changed.length)
      lines.push(ink.dim(`  … ${changed.length - shown.length} more (--top ${changed.length})`));
    lines.push(
      ink.dim(
        `  ▲ larger beyond sampling noise (1 sample per ${formatBytes(c.heap.rateBytes)}), over all ${rows.length} places`,
      ),
    );
  }
  if (c.goroutines) {
    const { before, after, rows } = c.goroutines;
    lines.push('', `${ink.strong('Goroutines')}  ${formatCount(before)} → ${formatCount(after)}`);
    for (const row of ends(rows, options.top)) {
      const sign = row.delta > 0 ? '+' : '';
      lines.push(
        `  ${`${sign}${formatCount(row.delta)}`.padStart(9)}  ${formatCount(row.before)} → ${formatCount(row.after)}  ${place(row)}  ${ink.dim(`[${row.waitsIn ?? '?'}]`)}`,
      );
    }
    if (rows.length === 0) lines.push('  no place changed');
  }
  for (const note of c.notes)
    if (note.level !== 'info') lines.push('', `${ink.warn('Note')}  ${printable(note.text, 500)}`);
  return `${lines.join('\n')}\n`;
}

const signedBytes = (bytes: number) => (bytes > 0 ? `+${formatBytes(bytes)}` : formatBytes(bytes));

function place({ site }: ComparisonRow): string {
  return printable(`${site.function}   ${site.file}${site.line > 0 ? `:${site.line}` : ''}`, 300);
}

/** The most grown, and a few of the most shrunk. */
function ends(rows: readonly ComparisonRow[], top: number): readonly ComparisonRow[] {
  const grown = rows.filter((r) => r.delta > 0).slice(0, top);
  const shrunk = rows.filter((r) => r.delta < 0);
  return [...grown, ...shrunk.slice(Math.max(0, shrunk.length - Math.max(3, Math.floor(top / 4))))];
}
