import { paint } from '../base/paint.js';
import { formatBytes, formatCount, formatPercent, formatSeconds } from '../base/units.js';
import { byProcess, type GcCycle, type GcSummary, type GcTrace } from '../signals/index.js';
import { sparkline } from './sparkline.js';

/** Rows of the table of one process; more cycles are shown by every so many. */
const ROWS = 12;

/** A gctrace log for people: of each process a table, the floor of its live heap, and what the GC cost. */
export function renderGcTrace(
  trace: GcTrace,
  summaries: readonly GcSummary[],
  options: { color: boolean; rows?: number },
): string {
  const ink = paint(options.color);
  const lines: string[] = [];
  const cycles = byProcess(trace.cycles);
  for (const [i, summary] of summaries.entries()) {
    const of = summaries.length > 1 ? `process ${i + 1} of ${summaries.length} · ` : '';
    lines.push(
      ink.strong(
        `${of}${formatCount(summary.cycles)} GC cycles in ${formatSeconds(summary.toSeconds - summary.fromSeconds)}`,
      ),
      ...table(cycles[i]!, options.rows ?? ROWS).map((line, row) => (row === 0 ? ink.dim(line) : line)),
      ...trends(summary),
      '',
    );
  }
  if (trace.damaged > 0)
    lines.push(`${formatCount(trace.damaged)} lines are damaged: another writer shares the stream`);
  if (trace.thinned) lines.push('the log is long: of its older cycles every second one is kept');
  return lines.length ? `${lines.join('\n').trimEnd()}\n` : '';
}

function table(cycles: readonly GcCycle[], rows: number): string[] {
  const step = Math.max(1, (cycles.length - 1) / Math.max(1, rows - 1));
  const shown = new Set<GcCycle>();
  for (let i = 0; i < cycles.length && shown.size < rows; i++)
    shown.add(cycles[Math.min(cycles.length - 1, Math.round(i * step))]!);
  const cells = [...shown].map((cycle) => [
    formatSeconds(cycle.atSeconds),
    String(cycle.cycle),
    formatBytes(cycle.liveBytes),
    formatBytes(cycle.heapEndBytes),
    formatBytes(cycle.goalBytes),
    formatPause(cycle.pauseSeconds),
    formatPercent(cycle.cpuRatio),
    cycle.forced ? 'forced' : '',
  ]);
  const head = ['since start', 'cycle', 'live', 'at its end', 'goal', 'paused', 'GC CPU', ''];
  const widths = head.map((title, c) => Math.max(title.length, ...cells.map((row) => row[c]!.length)));
  return [head, ...cells].map((row) => `  ${row.map((cell, c) => cell.padStart(widths[c]!)).join('  ')}`.trimEnd());
}

function trends(summary: GcSummary): string[] {
  const { floorBytes } = summary;
  const between = (summary.toSeconds - summary.fromSeconds) / Math.max(1, summary.cycles - 1);
  return [
    `  Live heap  ${sparkline(floorBytes)}  lowest of each tenth of the time: ${formatBytes(floorBytes[0]!)} → ${formatBytes(floorBytes.at(-1)!)}`,
    `  Pauses     median ${formatPause(summary.medianPauseSeconds)}, 99 % ${formatPause(summary.p99PauseSeconds)}, longest ${formatPause(summary.maxPauseSeconds)}; ${formatPercent(summary.pausedRatio)} of the time`,
    `  Cycles     one in ${formatSeconds(between)}${summary.forcedCycles ? `, ${formatCount(summary.forcedCycles)} forced` : ''}${summary.missingCycles ? `, ${formatCount(summary.missingCycles)} missing in the log` : ''}`,
    `  GC CPU     ${formatPercent(summary.cpuRatio)} since the start; the goal is on average ${formatPercent(summary.meanGrowthRatio)} above the live heap`,
  ];
}

/** Pauses are shorter than what formatSeconds was made for. */
function formatPause(seconds: number): string {
  if (seconds > 0 && seconds < 1e-3) return `${Math.round(seconds * 1e6)} µs`;
  return seconds < 0.1 ? `${(seconds * 1000).toFixed(1)} ms` : formatSeconds(seconds);
}
