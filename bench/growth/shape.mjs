// What the memory of one process looks like, in numbers without a unit, so that minutes of a real program and days of a simulated one compare.
import { median } from './score.mjs';

/**
 * `series`: columns of one process from its start on: heapAlloc, nextGc, stacks, outside (resident or working set) in bytes, goroutines, gcCycles.
 * NaN where a measure cannot be taken (e.g. fewer than 20 collections).
 */
export function shapeOf(series, gogc = 100) {
  const g = gogc / 100;
  const live = series.nextGc.map((next, i) => (next - g * series.stacks[i]) / (1 + g));
  // One value a collection: between two of them the goal says nothing new.
  const each = live.filter((v, i) => v > 0 && (i === 0 || series.gcCycles[i] !== series.gcCycles[i - 1]));
  const settled = each.slice(Math.floor(each.length / 4));
  const filled = series.heapAlloc.map((v, i) => v / series.nextGc[i]).slice(Math.floor(live.length / 4));
  const late = (column) => column.slice(Math.floor(column.length / 4));
  return {
    'collections a sample': (series.gcCycles.at(-1) - series.gcCycles[0]) / (series.gcCycles.length - 1),
    'noise of live heap': noise(settled),
    'its growth over 2 collections': wandering(settled, 2),
    'its growth over 8 collections': wandering(settled, 8),
    'lowest HeapAlloc ÷ goal': quantile(filled, 0.05),
    'highest HeapAlloc ÷ goal': quantile(filled, 0.95),
    'noise of goroutines': noise(late(series.goroutines)),
    'outside ÷ goal': median(late(series.outside).map((v, i) => v / late(series.nextGc)[i])),
    ...start(live.filter((v) => v > 0)),
  };
}

/** Relative standard deviation between neighbours (median of second differences), so that slow changes count little. */
function noise(values) {
  if (values.length < 20) return Number.NaN;
  const second = [];
  for (let i = 2; i < values.length; i++) second.push(Math.abs(values[i - 1] - (values[i] + values[i - 2]) / 2));
  return median(second) / 0.6745 / Math.sqrt(1.5) / median(values);
}

/** Variance of the difference over `lag` values by that over 1: 1 for white noise, `lag` for a random walk or a ramp's multiple of it. */
function wandering(values, lag) {
  if (values.length < 4 * lag || values.length < 20) return Number.NaN;
  const typical = (k) => median(values.slice(k).map((v, i) => (v - values[i]) ** 2));
  return typical(lag) / typical(1);
}

/** How it starts: the exponential approach that fits best, its size as a share of the end and its time as a share of what was seen. */
function start(live) {
  const cut = live.slice(0, 2000);
  const n = cut.length;
  if (n < 40) return { 'start missing': Number.NaN, 'start time ÷ watched': Number.NaN };
  const mean = cut.reduce((a, b) => a + b, 0) / n;
  let best = { left: Number.POSITIVE_INFINITY, size: 0, tau: Number.NaN };
  for (let k = -9; k <= 1; k++) {
    const tau = n * 2 ** k;
    const x = cut.map((_, i) => Math.exp(-i / tau));
    const meanX = x.reduce((a, b) => a + b, 0) / n;
    let xx = 0;
    let xy = 0;
    for (let i = 0; i < n; i++) {
      xx += (x[i] - meanX) ** 2;
      xy += (x[i] - meanX) * (cut[i] - mean);
    }
    const slope = xy / xx;
    const left = cut.reduce((sum, v, i) => sum + (v - mean - slope * (x[i] - meanX)) ** 2, 0);
    if (left < best.left) best = { left, size: -slope / (mean - slope * meanX), tau };
  }
  return { 'start missing': best.size, 'start time ÷ watched': best.tau / n };
}

export function quantile(values, p) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length > 0 ? sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] : Number.NaN;
}
