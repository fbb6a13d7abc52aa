import type { ChannelFit } from './channel.js';
import { features } from './features.js';
import type { LeakKind, ServiceFits } from './fits.js';
import { FOREST, LEAK_AT } from './forest.js';

/**
 * Log odds of a leak in one channel, less what an early look owes. The odds come from boosted trees over `features`, fitted on simulated services
 * alone (bench/growth/fit.mjs), for looks at any part of a window together, so that what is said early is as sound as what is said late.
 */
export function belief(kind: LeakKind, fit: ChannelFit, fits: ServiceFits): number {
  if (!(fit.slope > 0)) return Number.NEGATIVE_INFINITY;
  return logOdds(features(kind, fit, fits)) - earlyDebt(fits.points);
}

function logOdds(x: readonly number[]): number {
  let sum = FOREST.start;
  for (const { feature, below, less, more, leaf } of FOREST.trees) {
    let node = 0;
    while (node >= 0) node = (x[feature[node]!]! < below[node]! ? less : more)[node]!;
    sum += leaf[-1 - node]!;
  }
  return sum;
}

/** Points of the window at which the first and the last of the looks were that trees and threshold were fitted on. */
const FIRST_POINTS = 144;
export const FULL_POINTS = 720;

/**
 * What an early look owes, in log odds. Looks that are repeated add up their false alarms; where early ones ask for more, later ones may ask for
 * less. O'Brien and Fleming (1979): one bound for the score all along is a bound of 1/t times the log odds at information t. So a clear leak is told early, a
 * doubtful one later, and over all looks more of them are found at equal false alarms (docs/decisions/fleet-growth.md).
 */
export function earlyDebt(points: number): number {
  return Math.max(0, FULL_POINTS / Math.max(FIRST_POINTS, points) - 1);
}

export { LEAK_AT };
/** Odds lower by e are still worth a look. */
export const SUSPECT_AT = LEAK_AT - 1;
