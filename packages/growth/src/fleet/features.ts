import type { ChannelFit } from './channel.js';

const SINGLE = [
  'evidence',
  'evidence²',
  'growth',
  'growth²',
  'evidence × growth',
  'significance',
  'one pod',
  'kink seen',
  'kink × evidence',
  'steps beside',
  'steps instead',
  'processes',
  'share of the window',
  'slow warm-up instead',
  'purges',
  'noise',
  'inflation',
  'points',
  'kills',
  'warm-up beside',
  'grown since start',
  'bend, significance',
  'bend',
  'slowest pod',
  'slowest pod, significance',
  'pods agree',
] as const;

/** Those whose meaning depends on each other (growth without a kink, evidence against slow noise …): their products count too. */
const PAIRED = [
  'evidence',
  'growth',
  'significance',
  'one pod',
  'kink seen',
  'steps beside',
  'processes',
  'share of the window',
  'slow warm-up instead',
  'noise',
  'inflation',
  'points',
] as const satisfies readonly (typeof SINGLE)[number][];
const PAIRS = PAIRED.flatMap((a, i) => PAIRED.slice(i).map((b) => [SINGLE.indexOf(a), SINGLE.indexOf(b)] as const));

/** What a verdict rests on, as numbers; `belief` weighs them. Names in the order of the values. */
export const FEATURE_NAMES: readonly string[] = [...SINGLE, ...PAIRS.map(([a, b]) => `${SINGLE[a]} × ${SINGLE[b]}`)];

/** The features of one channel's fit; all of them finite and of the size of 1. */
export function features(fit: ChannelFit, pods: number, rows: number, kills: number): number[] {
  const evidence = Math.log1p(Math.max(0, fit.evidence)) / 3 - 1;
  const growth = Math.log10(Math.min(10, Math.max(0.005, fit.grownBy))) + 1;
  const significance = Math.log1p(Math.max(0, fit.slope / Math.max(fit.slopeError, 1e-9 * fit.level))) / 2 - 1;
  const steps = (list: ChannelFit['quiet']) => list.filter((one) => one.kind === 'step').length / 3;
  const slow = fit.quiet.some((one) => one.kind === 'warm-up' && one.tauHours > 0.5 * fit.longestHours);
  const kink = fit.kinkSeen ? 1 : 0;
  const single = [
    evidence,
    evidence * evidence,
    growth,
    growth * growth,
    evidence * growth,
    Math.min(3, significance),
    fit.ramp.pod !== null && pods > 1 ? 1 : 0,
    kink,
    kink * evidence,
    steps(fit.leaky),
    steps(fit.quiet),
    Math.log2(Math.max(1, fit.processes)) / 2,
    Math.log10(Math.max(0.01, fit.longestHours / Math.max(fit.spanHours, 1e-9))),
    slow ? 1 : 0,
    [...fit.quiet, ...fit.leaky].some((one) => one.kind === 'purge') ? 1 : 0,
    Math.log10(Math.max(1e-3, fit.noise)) + 2,
    Math.log2(fit.autocorrelation) / 2,
    Math.log10(Math.max(1, rows)) - 2,
    Math.log1p(kills),
    fit.leaky.some((one) => one.kind === 'warm-up') ? 1 : 0,
    (1 - kink) * growth,
    within(fit.bend.significance / 4, 2),
    within(fit.bend.share, 2),
    fit.pods ? within(fit.pods.lowestShare, 1) : 1,
    fit.pods ? within(fit.pods.lowestSignificance / 3, 1) : 1,
    fit.pods ? Math.log1p(Math.max(0, fit.pods.meanOverError)) : 0,
  ];
  return [...single, ...PAIRS.map(([a, b]) => single[a]! * single[b]!)];
}

const within = (x: number, most: number) => Math.max(-most, Math.min(most, Number.isFinite(x) ? x : 0));
