import type { HeapStratum, Interval } from '@tidemark/model';
import { normalQuantile, normalTail } from './distributions.js';
import { chanceOfGrowth, joinByWeight, type Movement, squaredReach } from './exact.js';

/** The change of one site between two snapshots of ONE process. */
export interface SiteDelta {
  /** Estimated change of live bytes. */
  readonly bytes: number;
  readonly interval: Interval;
  /** Standard deviation of the sampling noise in `bytes`. */
  readonly sdBytes: number;
  /** Chance that noise alone shows such a growth when live bytes did not grow. */
  readonly pGrowth: number;
  /** Sampled objects that were allocated, and that were freed, in between. */
  readonly births: number;
  readonly deaths: number;
  readonly bornBytes: number;
  readonly freedBytes: number;
}

/** Up to this many sampled objects the test is exact; beyond it the normal approximation is as good. */
const EXACT_UP_TO = 100;

/** Bytes that one sampled object of this size stands for: s/(1 − e^(−s/R)). */
export function bytesPerSample(objectBytes: number, rateBytes: number): number {
  return rateBytes <= 1 ? objectBytes : objectBytes / -Math.expm1(-objectBytes / rateBytes);
}

/**
 * Growth of a site from snapshot `from` to `to` of one process.
 *
 * The runtime samples an object of size s with probability p = 1 − e^(−s/R), once, at its birth. Objects that live in
 * both snapshots are the same samples, so they cancel; what carries noise are the objects that were born and live, and
 * the old ones that died: each of n samples contributes w²(1 − p) to the variance, w = s/p bytes a sample; that is v(s)·T
 * with v(s) = s/(e^(s/R) − 1). A profile tells only births and deaths, so those that left are put at their bound
 * min(deaths, old samples), and with them those that came to stay, at min(births, new samples): T at its bound.
 * Test and interval: exact.ts.
 */
export function siteDelta(
  input: {
    readonly rateBytes: number;
    readonly strata: readonly HeapStratum[];
    readonly from: number;
    readonly to: number;
  },
  level = 0.95,
): SiteDelta {
  let births = 0;
  let deaths = 0;
  let bornBytes = 0;
  let freedBytes = 0;
  const movements: Movement[] = [];
  for (const stratum of input.strata) {
    if (!isSize(stratum.objectBytes)) continue;
    const weightBytes = bytesPerSample(stratum.objectBytes, input.rateBytes);
    const old = wholeCount(stratum.inuseSamples[input.from]);
    const now = wholeCount(stratum.inuseSamples[input.to]);
    const born = Math.max(0, wholeCount(stratum.allocSamples[input.to]) - wholeCount(stratum.allocSamples[input.from]));
    const died = Math.max(0, born - (now - old));
    births += born;
    deaths += died;
    bornBytes += weightBytes * born;
    freedBytes += weightBytes * died;
    const left = Math.min(died, old);
    movements.push({
      weightBytes,
      missed: missedShare(stratum.objectBytes, input.rateBytes),
      came: left + now - old,
      left,
    });
  }
  return { ...judge(movements, level), births, deaths, bornBytes, freedBytes };
}

/** Difference of two processes or pods: nothing cancels, so both snapshots' samples carry noise. */
export function independentDelta(
  a: { readonly rateBytes: number; readonly strata: readonly HeapStratum[]; readonly at: number },
  b: { readonly rateBytes: number; readonly strata: readonly HeapStratum[]; readonly at: number },
  level = 0.95,
): Pick<SiteDelta, 'bytes' | 'interval' | 'sdBytes' | 'pGrowth'> {
  const movements: Movement[] = [];
  for (const side of [a, b]) {
    for (const stratum of side.strata) {
      if (!isSize(stratum.objectBytes)) continue;
      const samples = wholeCount(stratum.inuseSamples[side.at]);
      movements.push({
        weightBytes: bytesPerSample(stratum.objectBytes, side.rateBytes),
        missed: missedShare(stratum.objectBytes, side.rateBytes),
        came: side === b ? samples : 0,
        left: side === a ? samples : 0,
      });
    }
  }
  return judge(movements, level);
}

function judge(movements: readonly Movement[], level: number) {
  let bytes = 0;
  let variance = 0;
  let samples = 0;
  for (const { weightBytes, missed, came, left } of movements) {
    bytes += weightBytes * (came - left);
    variance += weightBytes * weightBytes * missed * (came + left);
    samples += came + left;
  }
  const sdBytes = Math.sqrt(variance);
  const classes = joinByWeight(movements);
  const tail = (1 - level) / 2;
  const { below, above } = squaredReach(classes, tail, normalQuantile(tail));
  const exact = samples <= EXACT_UP_TO;
  return {
    bytes,
    sdBytes,
    interval: { low: bytes - Math.sqrt(below), high: bytes + Math.sqrt(above), level },
    pGrowth: bytes <= 0 ? 1 : exact ? chanceOfGrowth(classes) : sdBytes === 0 ? 0 : normalTail(bytes / sdBytes),
  };
}

/** Share of the objects of this size that the sampler does not see: e^(−s/R). */
function missedShare(objectBytes: number, rateBytes: number): number {
  return rateBytes <= 1 ? 0 : Math.exp(-objectBytes / rateBytes);
}

/** A profile is hostile input: sizes and counts that no machine has are left out. */
const isSize = (bytes: number) => bytes > 0 && bytes < 2 ** 53;
const wholeCount = (count: number | undefined) =>
  count !== undefined && count > 0 && count < 2 ** 53 ? Math.round(count) : 0;

/**
 * How much longer to watch, in seconds, until growth at the present rate reaches the level at which it would be told
 * from noise: the test statistic grows with the square root of time. Infinity when nothing grew.
 */
export function secondsToTell(delta: SiteDelta, watchedSeconds: number, alpha: number, leastBytes: number): number {
  if (delta.bytes <= 0 || delta.births <= delta.deaths) return Number.POSITIVE_INFINITY;
  // Sites are asked about when they happen to look large: the rate is taken somewhat below its estimate, or the time
  // would come out too short (the winner's curse).
  const bytes = Math.max(delta.bytes / 3, delta.bytes - 0.6 * delta.sdBytes);
  const forSize = (watchedSeconds * leastBytes) / bytes;
  const z = delta.sdBytes > 0 ? bytes / delta.sdBytes : Number.POSITIVE_INFINITY;
  const wanted = normalQuantile(alpha);
  const forNoise = Number.isFinite(z) ? watchedSeconds * (wanted / z) ** 2 : 0;
  return Math.max(0, Math.max(forSize, forNoise) - watchedSeconds);
}
