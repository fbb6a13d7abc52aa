import type { HeapStratum, Interval } from '@tidemark/model';
import { binomialTail, normalQuantile, normalTail } from './distributions.js';

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

/** Below this many sampled objects the normal approximation is replaced by an exact test. */
const EXACT_BELOW = 20;

/** Bytes that one sampled object of this size stands for: s/(1 − e^(−s/R)). */
export function bytesPerSample(objectBytes: number, rateBytes: number): number {
  return rateBytes <= 1 ? objectBytes : objectBytes / -Math.expm1(-objectBytes / rateBytes);
}

/**
 * Growth of a site from snapshot `from` to `to` of one process.
 *
 * The runtime samples an object of size s with probability p = 1 − e^(−s/R), once, at its birth. Objects that live in
 * both snapshots are the same samples, so they cancel; what carries noise are the objects that were born and live, and
 * the old ones that died: each of n samples contributes w²(1 − p) to the variance, w = s/p bytes a sample. Their number is
 * at most min(old + new samples, births + deaths). That is v(s)·T with v(s) = s/(e^(s/R) − 1).
 *
 * With few samples of small objects the test is exact: if nothing grew, each birth or death is as likely the one as the
 * other, so births ~ Binomial(births + deaths, ½).
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
  let bytes = 0;
  let variance = 0;
  let births = 0;
  let deaths = 0;
  let bornBytes = 0;
  let freedBytes = 0;
  let noisySamples = 0;
  let smallBirths = 0;
  let smallDeaths = 0;
  let largestWeight = 0;
  for (const stratum of input.strata) {
    const weight = bytesPerSample(stratum.objectBytes, input.rateBytes);
    const missed = Math.exp(-stratum.objectBytes / input.rateBytes);
    const old = stratum.inuseSamples[input.from] ?? 0;
    const now = stratum.inuseSamples[input.to] ?? 0;
    const born = Math.max(0, (stratum.allocSamples[input.to] ?? 0) - (stratum.allocSamples[input.from] ?? 0));
    const died = Math.max(0, born - (now - old));
    const carriers = Math.min(old + now, born + died);
    bytes += weight * (now - old);
    variance += weight * weight * missed * carriers;
    births += born;
    deaths += died;
    bornBytes += weight * born;
    freedBytes += weight * died;
    if (carriers > 0) largestWeight = Math.max(largestWeight, weight * Math.sqrt(missed));
    if (missed > 0.05) {
      noisySamples += carriers;
      smallBirths += born;
      smallDeaths += died;
    }
  }
  const sdBytes = Math.sqrt(variance);
  const pNormal = bytes <= 0 ? 1 : sdBytes === 0 ? 0 : normalTail(bytes / sdBytes);
  const exact = noisySamples > 0 && noisySamples < EXACT_BELOW;
  // Objects above ~3R are nearly always sampled: what they grew by is seen, not estimated, and the exact test would
  // only throw that away.
  const pExact = exact ? binomialTail(smallBirths, smallBirths + smallDeaths, 0.5) : 0;
  const mostlySeen = sdBytes > 0 && bytes > 8 * sdBytes;
  const pGrowth = exact && !mostlySeen ? Math.max(pNormal, pExact) : pNormal;
  // One more carrier in the interval: no sample at all does not mean that nothing was there.
  const half = normalQuantile((1 - level) / 2) * Math.sqrt(variance + largestWeight * largestWeight);
  return {
    bytes,
    interval: { low: bytes - half, high: bytes + half, level },
    sdBytes,
    pGrowth,
    births,
    deaths,
    bornBytes,
    freedBytes,
  };
}

/** Difference of two processes or pods: nothing cancels, so both snapshots' samples carry noise. */
export function independentDelta(
  a: { readonly rateBytes: number; readonly strata: readonly HeapStratum[]; readonly at: number },
  b: { readonly rateBytes: number; readonly strata: readonly HeapStratum[]; readonly at: number },
  level = 0.95,
): Pick<SiteDelta, 'bytes' | 'interval' | 'sdBytes' | 'pGrowth'> {
  let bytes = 0;
  let variance = 0;
  for (const [side, sign] of [
    [a, -1],
    [b, 1],
  ] as const) {
    for (const stratum of side.strata) {
      const weight = bytesPerSample(stratum.objectBytes, side.rateBytes);
      const samples = stratum.inuseSamples[side.at] ?? 0;
      bytes += sign * weight * samples;
      variance += weight * weight * Math.exp(-stratum.objectBytes / side.rateBytes) * samples;
    }
  }
  const sdBytes = Math.sqrt(variance);
  const half = normalQuantile((1 - level) / 2) * sdBytes;
  return {
    bytes,
    sdBytes,
    interval: { low: bytes - half, high: bytes + half, level },
    pGrowth: bytes <= 0 ? 1 : sdBytes === 0 ? 0 : normalTail(bytes / sdBytes),
  };
}

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
