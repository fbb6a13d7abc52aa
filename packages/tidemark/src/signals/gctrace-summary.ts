import type { SignalSeries } from '@tidemark/model';
import type { GcCycle, GcTrace } from './gctrace.js';
import { SeriesBuilder } from './series.js';

/** What the cycles of one process of a log come to. */
export interface GcSummary {
  readonly incarnation: number;
  readonly cycles: number;
  /** Cycles that the log lacks between its first and last. */
  readonly missingCycles: number;
  readonly forcedCycles: number;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Lowest live heap in each tenth of the time: what a GC could not free, whatever the load did in between. */
  readonly floorBytes: readonly number[];
  readonly firstLiveBytes: number;
  readonly lastLiveBytes: number;
  readonly maxGoalBytes: number;
  readonly medianPauseSeconds: number;
  readonly p99PauseSeconds: number;
  readonly maxPauseSeconds: number;
  /** Seconds stopped ÷ seconds watched. */
  readonly pausedRatio: number;
  /** Share of CPU spent in the GC since the start, at the last cycle. */
  readonly cpuRatio: number;
  /** Mean growth from live heap to the next goal: 1 is GOGC=100; less than 0.5 says that a limit presses. */
  readonly meanGrowthRatio: number;
}

const TENTHS = 10;

/** One summary a process, in the order of the log. */
export function summariseGcTrace(trace: GcTrace): GcSummary[] {
  return byProcess(trace.cycles).map(summarise);
}

/** The cycles of each process, none empty. */
export function byProcess(cycles: readonly GcCycle[]): GcCycle[][] {
  const out: GcCycle[][] = [];
  for (const cycle of cycles) {
    const last = out.at(-1);
    if (last && last[0]!.incarnation === cycle.incarnation) last.push(cycle);
    else out.push([cycle]);
  }
  return out;
}

function summarise(cycles: readonly GcCycle[]): GcSummary {
  const first = cycles[0]!;
  const last = cycles.at(-1)!;
  const span = last.atSeconds - first.atSeconds;
  const floors = new Array<number>(TENTHS).fill(Number.POSITIVE_INFINITY);
  for (const cycle of cycles) {
    const tenth =
      span > 0 ? Math.min(TENTHS - 1, Math.floor(((cycle.atSeconds - first.atSeconds) / span) * TENTHS)) : 0;
    floors[tenth] = Math.min(floors[tenth]!, cycle.liveBytes);
  }
  const pauses = cycles.map((cycle) => cycle.pauseSeconds).sort((a, b) => a - b);
  const paused = pauses.reduce((a, b) => a + b, 0);
  const growth = cycles.filter((c) => c.liveBytes > 0).map((c) => Math.max(0, c.goalBytes / c.liveBytes - 1));
  return {
    incarnation: first.incarnation,
    cycles: cycles.length,
    missingCycles: Math.max(0, last.cycle - first.cycle + 1 - cycles.length),
    forcedCycles: cycles.filter((cycle) => cycle.forced).length,
    fromSeconds: first.atSeconds,
    toSeconds: last.atSeconds,
    floorBytes: floors.filter(Number.isFinite),
    firstLiveBytes: first.liveBytes,
    lastLiveBytes: last.liveBytes,
    maxGoalBytes: cycles.reduce((max, cycle) => Math.max(max, cycle.goalBytes), 0),
    medianPauseSeconds: quantile(pauses, 0.5),
    p99PauseSeconds: quantile(pauses, 0.99),
    maxPauseSeconds: pauses.at(-1)!,
    pausedRatio: span > 0 ? paused / span : 0,
    cpuRatio: last.cpuRatio,
    meanGrowthRatio: growth.length ? growth.reduce((a, b) => a + b, 0) / growth.length : 0,
  };
}

/** Nearest rank; the values are sorted and not empty. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? sorted[0]!;
}

/** When a process began, from any line with a date; null where the log has none. */
export function startOf(cycles: readonly GcCycle[]): number | null {
  const dated = cycles.find((cycle) => cycle.loggedAtMs !== null);
  return dated ? dated.loggedAtMs! - dated.atSeconds * 1000 : null;
}

/** The cycles of one process as signals under the vocabulary. Times count from the start where the log has no dates. */
export function signalsOfGcTrace(cycles: readonly GcCycle[]): SignalSeries {
  const series = new SeriesBuilder('gctrace');
  const startMs = startOf(cycles) ?? 0;
  let paused = 0;
  for (const cycle of cycles) {
    const atMs = startMs + cycle.atSeconds * 1000;
    paused += cycle.pauseSeconds;
    series.addPoint('heap_live_bytes', atMs, cycle.liveBytes);
    series.addPoint('heap_goal_bytes', atMs, cycle.goalBytes);
    series.addPoint('gc_cycles', atMs, cycle.cycle);
    series.addPoint('gc_pause_seconds', atMs, paused);
    series.addPoint('gc_cpu_ratio', atMs, cycle.cpuRatio);
    series.addPoint('gomaxprocs', atMs, cycle.processors);
    if (cycle.stacksBytes !== null) series.addPoint('gc_scan_stacks_bytes', atMs, cycle.stacksBytes);
    if (cycle.globalsBytes !== null) series.addPoint('gc_scan_globals_bytes', atMs, cycle.globalsBytes);
  }
  return {
    kind: 'signal-series',
    signals: series.build(),
    limits: ['gctrace writes sizes in whole MiB: growth below 1 MiB does not show'],
  };
}
