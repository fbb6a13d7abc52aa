import { normalTail, studentTail } from './distributions.js';

/** How many goroutines wait at one place, look by look. */
export interface CountSeries {
  readonly counts: readonly number[];
  /** Of those at look i, how many were still there at look i + 1; null (or absent) where ids are unknown. */
  readonly stayed?: readonly (number | null)[];
}

/** Below this spread the whole numbers themselves are too coarse to say that increments are regular. */
const LEAST_SPREAD = 0.5;
/** With fewer increments their spread is too uncertain to be used. */
const LEAST_INCREMENTS = 4;

/**
 * Chance that a number of goroutines that only comes and goes shows such a rise from the first to the last look.
 *
 * Where ids tell who stayed, arrivals are tested against departures: each one seen is as likely the one as the other, so
 * (born − gone)/√(born + gone) is about normal.
 *
 * Without ids the rise is judged in two ways, and the better chance is doubled (Bonferroni):
 * - Against a queue in balance: whatever the time that goroutines stay, an M/M/∞ population of mean c has
 *   Var(N(t) − N(0)) = 2c(1 − e^(−t/τ)) ≤ 2c, estimated by first + last; more where increments scatter more than that.
 * - Against the scatter of its own increments (Student): steady growth on a large constant stock. For a queue in balance
 *   increments are uncorrelated or negatively correlated, which makes this test careful.
 */
export function countsGrew({ counts, stayed = [] }: CountSeries): number {
  const last = counts.length - 1;
  const grown = (counts[last] ?? 0) - (counts[0] ?? 0);
  if (last < 1 || !(grown > 0)) return 1;
  const followed = arrivals(counts, stayed);
  if (followed) {
    const { born, gone } = followed;
    return normalTail((born - gone - 0.5) / Math.sqrt(Math.max(1, born + gone)));
  }
  const increments = counts.slice(1).map((count, i) => count - counts[i]!);
  const mean = grown / increments.length;
  const spread2 = increments.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, increments.length - 1);
  const average = counts.reduce((sum, c) => sum + c, 0) / counts.length;
  // Leaks have increments that scatter less than a queue's: only more scatter says something about the queue.
  const scatter = increments.length >= LEAST_INCREMENTS ? Math.max(1, spread2 / Math.max(1, 2 * average)) : 1;
  const asQueue = normalTail((grown - 0.5) / Math.sqrt(scatter * (counts[0]! + counts[last]!)));
  if (increments.length < LEAST_INCREMENTS) return asQueue;
  const error = Math.max(LEAST_SPREAD, Math.sqrt(spread2)) / Math.sqrt(increments.length);
  return Math.min(1, 2 * Math.min(asQueue, studentTail(mean / error, increments.length - 1)));
}

/** All arrivals and departures between looks, where ids are known from each look to the next; null where not. */
function arrivals(
  counts: readonly number[],
  stayed: readonly (number | null)[],
): { born: number; gone: number } | null {
  let born = 0;
  let gone = 0;
  for (let i = 1; i < counts.length; i++) {
    const stay = stayed[i - 1];
    if (stay == null) return null;
    gone += Math.max(0, counts[i - 1]! - stay);
    born += Math.max(0, counts[i]! - stay);
  }
  return { born, gone };
}
