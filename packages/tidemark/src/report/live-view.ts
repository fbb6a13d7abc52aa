import type { Report } from '@tidemark/model';
import { paint } from '../base/paint.js';
import { printable } from '../base/text.js';
import { formatBytes, formatCount, formatSeconds } from '../base/units.js';
import { liveHeap, type Readings, waterfall } from '../signals/index.js';
import { sparkline } from './sparkline.js';

/** What is known of a target between two looks. */
export interface LiveState {
  readonly target: string;
  readonly look: number;
  readonly looks: number;
  /** Readings of each look of the process that is judged, oldest first. */
  readonly readings: readonly Readings[];
  readonly liveBytes: readonly number[];
  readonly report: Report | null;
  /** What the numbers of the looks show over time. */
  readonly growth: { readonly verdict: string; readonly why: readonly string[] } | null;
  readonly problem: string | null;
}

const BAR = 32;
/** Places that grow which are named; diagnose shows the rest. */
const FINDINGS = 3;

/** One calm block of lines for a target: tidemarks of the heap, goroutines, what memory consists of, verdict so far. */
export function renderLive(state: LiveState, options: { color: boolean; columns: number }): string[] {
  const ink = paint(options.color);
  const width = Math.max(60, Math.min(options.columns, 110));
  const cut = (line: string) => (line.length > width ? `${line.slice(0, width - 1)}…` : line);
  const { report } = state;
  const subject = report?.subject;
  const head = [subject?.service ?? state.target, subject?.goVersion, subject?.pid && `pid ${subject.pid}`]
    .filter(Boolean)
    .join(' · ');
  const lines = [
    `${ink.strong(printable(head, 60))} ${ink.dim(`· ${state.target} · look ${state.look} of ${state.looks}`)}`,
  ];
  if (state.problem) lines.push(ink.bad(cut(`  ${printable(state.problem, 200)}`)));
  const now = state.readings.at(-1);
  if (!now) return lines;
  if (state.liveBytes.length) lines.push(cut(`  Live heap   ${tidemarks(state.liveBytes, formatBytes)}`));
  const goroutines = state.readings.flatMap((r) => r.get('goroutines') ?? []);
  if (goroutines.length) lines.push(cut(`  Goroutines  ${tidemarks(goroutines, formatCount)}`));
  lines.push(...gcLine(state.readings).map(cut), ...waterfallLines(now).map(cut));
  if (state.growth)
    lines.push(cut(`  Trend       ${state.growth.verdict}: ${printable(state.growth.why[0] ?? '', 160)}`));
  if (report) lines.push(...verdictLines(report, ink).map((line) => (options.color ? line : cut(line))));
  return lines;
}

/** The line of high water: now, and the least and most that was seen. */
function tidemarks(values: readonly number[], format: (value: number) => string): string {
  const now = values.at(-1)!;
  return `${format(now).padStart(9)}  ${sparkline(values).padEnd(24)}  low ${format(Math.min(...values))}, high ${format(Math.max(...values))}`;
}

function gcLine(readings: readonly Readings[]): string[] {
  const now = readings.at(-1)!;
  const cycles = now.get('gc_cycles');
  const goal = now.get('heap_goal_bytes');
  const live = liveHeap(now);
  const parts = [
    cycles !== undefined &&
      `${formatCount(cycles)} cycles, ${formatCount(cycles - (readings[0]!.get('gc_cycles') ?? cycles))} while watched`,
    goal !== undefined && `next goal ${formatBytes(goal)}`,
    live && !live.measured && `live by the goal ${formatBytes(live.bytes)}`,
  ].filter(Boolean);
  return parts.length ? [`  GC          ${parts.join('; ')}`] : [];
}

function waterfallLines(now: Readings): string[] {
  const fall = waterfall(now);
  if (!fall) {
    const rss = now.get('process_rss_bytes');
    return rss === undefined
      ? []
      : [`  RSS         ${formatBytes(rss)}; add expvar or /metrics to see what it consists of`];
  }
  const most = Math.max(fall.totalBytes, ...fall.parts.map((part) => part.bytes));
  return [
    `  Memory      ${formatBytes(fall.totalBytes)} ${fall.of}${fall.notResidentBytes ? `; ${formatBytes(fall.notResidentBytes)} more are mapped, not resident` : ''}`,
    ...fall.parts
      .filter((part) => part.bytes >= fall.totalBytes * 0.01)
      .map(
        (part) =>
          `    ${formatBytes(part.bytes).padStart(9)}  ${'▇'.repeat(Math.max(1, Math.round((part.bytes / most) * BAR))).padEnd(BAR)}  ${part.title}`,
      ),
  ];
}

function verdictLines(report: Report, ink: ReturnType<typeof paint>): string[] {
  const color = { leak: ink.bad, suspect: ink.warn, clear: ink.good }[report.verdict as string] ?? ink.dim;
  const lines = [
    `  So far      ${color(ink.strong(report.verdict.toUpperCase()))} after ${formatSeconds(report.window.seconds)}`,
  ];
  for (const finding of report.findings
    .filter((f) => f.verdict === 'leak' || f.verdict === 'suspect')
    .slice(0, FINDINGS)) {
    const place = finding.site ? `${finding.site.function}  ${finding.site.file}:${finding.site.line}` : finding.title;
    const grew =
      finding.quantity === null
        ? ''
        : `  +${finding.quantity.unit === 'bytes' ? formatBytes(finding.quantity.value) : formatCount(finding.quantity.value)}`;
    lines.push(`    ${color(finding.verdict)}  ${printable(place, 90)}${grew}`);
  }
  return lines;
}
