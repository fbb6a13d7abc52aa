import type { Signal } from '@tidemark/model';
import type { Readings } from './readings.js';
import { definitionOf } from './vocabulary.js';

/** Most points that one series keeps: a week at 15 s. */
const MAX_POINTS = 50_000;

/** Makes `Signal` series of readings over time. Points stay ascending: what comes late or twice is dropped and counted. */
export class SeriesBuilder {
  readonly #source: string;
  readonly #series = new Map<string, [number, number][]>();
  /** Points that were not taken: out of order, duplicate, or beyond the bound. */
  dropped = 0;

  constructor(source: string) {
    this.#source = source;
  }

  add(readings: Readings, atMs: number): void {
    for (const [name, value] of readings) this.addPoint(name, atMs, value);
  }

  addPoint(name: string, atMs: number, value: number): void {
    let points = this.#series.get(name);
    if (!points) {
      points = [];
      this.#series.set(name, points);
    }
    const last = points.at(-1);
    if (!Number.isFinite(value) || !Number.isFinite(atMs) || (last && atMs <= last[0]) || points.length >= MAX_POINTS)
      this.dropped++;
    else points.push([atMs, value]);
  }

  build(): Signal[] {
    return [...this.#series].flatMap(([name, points]) => {
      const definition = definitionOf(name);
      return definition && points.length > 0
        ? [{ name, unit: definition.unit, kind: definition.kind, labels: {}, source: this.#source, points }]
        : [];
    });
  }
}

/** A stretch of time in which one process ran: [fromMs, toMs], both included. */
export interface Incarnation {
  readonly fromMs: number;
  readonly toMs: number;
  /** Why it began: what went back or changed; null for the first. */
  readonly reason: string | null;
}

/** Counters that a GC or a quiet phase cannot lower, so that only a new process does. */
const TELLING = /^(?:heap_allocated_|heap_freed_|gc_cycles|gc_pause|goroutines_created|process_cpu)/;

/**
 * Cuts the time into processes: a counter that goes back or a start time that changes begins a new one. Sources
 * round counters, so a drop of less than a millionth is none.
 */
export function incarnationsOf(signals: readonly Signal[]): Incarnation[] {
  const cuts = new Map<number, string>();
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { name, kind, points } of signals) {
    if (points.length === 0) continue;
    from = Math.min(from, points[0]![0]);
    to = Math.max(to, points.at(-1)![0]);
    const isStart = name === 'process_start_ms';
    if (!isStart && !(kind === 'counter' && TELLING.test(name))) continue;
    for (let i = 1; i < points.length; i++) {
      const [before, after] = [points[i - 1]![1], points[i]![1]];
      const cut = isStart ? after - before > 2000 : after < before * (1 - 1e-6);
      if (cut) cuts.set(points[i]![0], `${name} went from ${before} to ${after}`);
    }
  }
  if (from > to) return [];
  const times = [...cuts].sort(([a], [b]) => a - b);
  // Two sources tell one restart at their next points, which need not coincide.
  const starts = times.filter(([atMs], i) => i === 0 || atMs - times[i - 1]![0] > 1000);
  const begins: [number, string | null][] = [[from, null], ...starts.filter(([atMs]) => atMs > from)];
  return begins.map(([fromMs, reason], i) => ({
    fromMs,
    toMs: i + 1 < begins.length ? lastBefore(signals, begins[i + 1]![0], fromMs) : to,
    reason,
  }));
}

function lastBefore(signals: readonly Signal[], beforeMs: number, atLeastMs: number): number {
  let last = atLeastMs;
  for (const { points } of signals) for (const [atMs] of points) if (atMs < beforeMs && atMs > last) last = atMs;
  return last;
}

/** The points of every series that lie in an incarnation. */
export function during(signals: readonly Signal[], { fromMs, toMs }: Incarnation): Signal[] {
  return signals.map((signal) => ({
    ...signal,
    points: signal.points.filter(([atMs]) => atMs >= fromMs && atMs <= toMs),
  }));
}
