import { isNumber, type MaybeNumber } from '../base/format.js';

/** [milliseconds since 1970, value] in ascending time. */
export type Point = readonly [number, number];

/** Points that a chart can draw: numbers only, ascending, one a moment. Whatever else was given is left out. */
export function cleanPoints(points: unknown): Point[] {
  if (!Array.isArray(points)) return [];
  const kept = points.filter(
    (p): p is Point => Array.isArray(p) && isNumber(p[0] as MaybeNumber) && isNumber(p[1] as MaybeNumber),
  );
  kept.sort((a, b) => a[0] - b[0]);
  return kept.filter((p, i) => i === 0 || p[0] > kept[i - 1]![0]);
}

/** At most about `limit` points that keep every peak and trough: first, lowest, highest and last of each bucket. */
export function thinOut(points: readonly Point[], limit = 1200): Point[] {
  if (points.length <= limit) return [...points];
  const bucket = Math.ceil(points.length / (limit / 4));
  const out: Point[] = [];
  for (let from = 0; from < points.length; from += bucket) {
    const to = Math.min(points.length, from + bucket);
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      if (points[i]![1] < points[low]![1]) low = i;
      if (points[i]![1] > points[high]![1]) high = i;
    }
    for (const i of [...new Set([from, low, high, to - 1])].sort((a, b) => a - b)) out.push(points[i]!);
  }
  return out;
}

/** A quantity's interval as a cone: it opens at the start of the growth and is as wide as the interval at the end. */
export interface Cone {
  readonly from: Point;
  readonly toMs: number;
  readonly low: number;
  readonly high: number;
}

/** The cone's edges at the moments of a chart; null before it opens. */
export function coneEdges(times: readonly number[], cone: Cone): { low: (number | null)[]; high: (number | null)[] } {
  const [t0, y0] = cone.from;
  const span = Math.max(1, cone.toMs - t0);
  const edge = (change: number) => times.map((t) => (t < t0 ? null : y0 + (change * (t - t0)) / span));
  return { low: edge(cone.low), high: edge(cone.high) };
}

/** Axis range: from zero, unless the change would be too small to see. Whatever is drawn lies within. */
export function valueRange(values: readonly (number | null)[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    if (v === null || !Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low > high) return [0, 1];
  if (low === high) return low === 0 ? [0, 1] : low > 0 ? [0, low * 1.25] : [low * 1.25, 0];
  const span = high - low;
  if (low >= 0 && span >= high * 0.12) return [0, high + span * 0.08];
  return [low >= 0 ? Math.max(0, low - span * 0.6) : low - span * 0.1, high + span * 0.3];
}
