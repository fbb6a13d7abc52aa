import type { ChannelFit } from './channel.js';
import { LEAK_KINDS, type LeakKind, type ServiceFits } from './fits.js';

/** What a verdict rests on, as numbers; `belief` weighs them. Names in the order of the values. */
export const FEATURE_NAMES = [
  'channel',
  'evidence',
  'growth',
  'evidence × growth',
  'significance',
  'slope over the spread of shapes',
  'slope over both errors',
  'slope, share of the level an hour',
  'one pod',
  'kink seen',
  'kink × evidence',
  'grown since start',
  'grows with load',
  'steps beside',
  'steps instead',
  'terms beside',
  'terms instead',
  'slowest warm-up beside',
  'slowest warm-up instead',
  'purges',
  'processes',
  'longest hours',
  'hours',
  'share of the window',
  'onset, share of the window',
  'noise',
  'inflation',
  'means',
  'kills',
  'pods',
  'deploys',
  'bend, significance',
  'bend',
  'slowest pod',
  'slowest pod, significance',
  'pods agree',
] as const;

/** The features of one channel's fit, in the order of FEATURE_NAMES; all of them finite. */
export function features(
  kind: LeakKind,
  fit: ChannelFit,
  fits: Pick<ServiceFits, 'rows' | 'kills' | 'pods' | 'deploys'>,
): number[] {
  const evidence = Math.log1p(Math.max(0, fit.evidence)) / 3 - 1;
  const growth = Math.log10(Math.min(10, Math.max(0.005, fit.grownBy))) + 1;
  const over = (error: number) => Math.log1p(Math.max(0, fit.slope / Math.max(error, 1e-9 * fit.level)));
  const kink = fit.kinkSeen ? 1 : 0;
  const count = (list: ChannelFit['quiet'], of: string) => list.filter((one) => one.kind === of).length;
  const slowest = (list: ChannelFit['quiet']) =>
    logarithm(Math.max(0, ...list.map((one) => (one.kind === 'warm-up' ? one.tauHours : 0))));
  return [
    LEAK_KINDS.indexOf(kind),
    evidence,
    growth,
    evidence * growth,
    over(fit.slopeError),
    over(fit.shapeError),
    over(Math.hypot(fit.slopeError, fit.shapeError)),
    Math.log10(Math.max(1e-6, Math.abs(fit.slope) / fit.level)),
    fit.ramp.pod !== null && fits.pods > 1 ? 1 : 0,
    kink,
    kink * evidence,
    (1 - kink) * growth,
    fit.ramp.by === 'load' ? 1 : 0,
    count(fit.leaky, 'step'),
    count(fit.quiet, 'step'),
    fit.leaky.length,
    fit.quiet.length,
    slowest(fit.leaky),
    slowest(fit.quiet),
    count([...fit.quiet, ...fit.leaky], 'purge') > 0 ? 1 : 0,
    fit.processes,
    logarithm(fit.longestHours),
    logarithm(fit.spanHours),
    logarithm(fit.longestHours / Math.max(fit.spanHours, 1e-9)),
    fit.ramp.onsetHours / Math.max(fit.spanHours, 0.1),
    Math.log10(Math.max(1e-3, fit.noise)),
    Math.log2(fit.autocorrelation),
    fits.rows.count,
    fits.kills,
    fits.pods,
    fits.deploys,
    within(fit.bend.significance / 4, 2),
    within(fit.bend.share, 2),
    fit.pods ? within(fit.pods.lowestShare, 1) : 1,
    fit.pods ? within(fit.pods.lowestSignificance / 3, 1) : 1,
    fit.pods ? Math.log1p(Math.max(0, fit.pods.meanOverError)) : 0,
  ];
}

const logarithm = (hours: number) => Math.log10(Math.max(0.01, hours));
const within = (x: number, most: number) => Math.max(-most, Math.min(most, Number.isFinite(x) ? x : 0));
