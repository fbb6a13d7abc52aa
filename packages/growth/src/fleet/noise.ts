import type { Rows } from './rows.js';

/** Noise is a share of the level, so a row weighs by the level around it (median of its neighbours) and by its points. */
export function rowWeights(rows: Rows, values: Float64Array, level: number): Float64Array {
  const weights = new Float64Array(rows.count);
  let most = 0;
  for (const w of rows.weight) most = Math.max(most, w);
  const around: number[] = [];
  for (let i = 0; i < rows.count; i++) {
    around.length = 0;
    for (let j = Math.max(0, i - 4); j <= Math.min(rows.count - 1, i + 4); j++)
      if (rows.incarnation[j] === rows.incarnation[i] && rows.pod[j] === rows.pod[i]) around.push(values[j]!);
    around.sort((a, b) => a - b);
    const here = Math.max(around[around.length >> 1]!, level * 0.05);
    weights[i] = (Math.sqrt(rows.weight[i]! / most) * level) / here;
  }
  return weights;
}

/** Variance of the noise from one row to the next of the same process (median of second differences), so that slow changes count little. */
export function neighbourVariance(rows: Rows, rest: Float64Array): number {
  const differences: number[] = [];
  for (let i = 1; i + 1 < rest.length; i++)
    if (rows.incarnation[i - 1] === rows.incarnation[i + 1] && rows.pod[i - 1] === rows.pod[i + 1])
      differences.push(Math.abs(rest[i]! - (rest[i - 1]! + rest[i + 1]!) / 2));
  const typical = differences.length > 0 ? median(differences) / 0.6745 : 0;
  return Math.max((typical * typical) / 1.5, 1e-8);
}

/**
 * Long-run variance over variance, at least 1 (Newey & West 1987, Bartlett weights): how much autocorrelation widens a slope. Pods are summed
 * apart, processes too.
 */
export function varianceInflation(rows: Rows, rest: Float64Array): number {
  const lags = 10;
  const sums = new Float64Array(lags + 1);
  for (let i = 0; i < rest.length; i++)
    for (let k = 0; k <= lags && i - k >= 0; k++) {
      if (rows.pod[i] !== rows.pod[i - k] || rows.incarnation[i] !== rows.incarnation[i - k]) break;
      sums[k]! += rest[i]! * rest[i - k]!;
    }
  let inflation = 1;
  if (sums[0]! > 0) for (let k = 1; k <= lags; k++) inflation += 2 * (1 - k / (lags + 1)) * (sums[k]! / sums[0]!);
  return Math.max(1, inflation);
}

export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted.length > 0 ? sorted[sorted.length >> 1]! : Number.NaN;
}
