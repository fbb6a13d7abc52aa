import type { ChannelFit } from './channel.js';
import { FEATURE_NAMES, features } from './features.js';
import type { LeakKind, ServiceFits } from './fits.js';
import { WEIGHTS } from './weights.js';

/**
 * Log odds of a leak in one channel: a logistic regression over `features`, fitted on simulated services alone (bench/growth/fit.mjs), for looks
 * at any part of a window together, so that what is said early is as sound as what is said late.
 */
export function belief(
  kind: LeakKind,
  fit: ChannelFit,
  pods: number,
  fits: Pick<ServiceFits, 'rows' | 'kills'>,
): number {
  if (!(fit.slope > 0)) return Number.NEGATIVE_INFINITY;
  const weights = WEIGHTS[kind];
  const values = features(fit, pods, fits.rows.count, fits.kills);
  let sum = weights[0]!;
  for (let i = 0; i < FEATURE_NAMES.length; i++) sum += weights[i + 1]! * values[i]!;
  return sum;
}

export { LEAK_AT } from './weights.js';
/** Odds lower by e are still worth a look. */
export const SUSPECT_AT = 0;
