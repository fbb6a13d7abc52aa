import { binomialMass, binomialTail, incompleteBeta, risingRoot } from './distributions.js';

/**
 * Sampled objects of about one weight (bytes that one of them stands for): how many came to stay, and how many of the
 * old ones left, between two snapshots. Survivors are in neither.
 */
export interface Movement {
  readonly weightBytes: number;
  /** Chance that an object of this size is not sampled: e^(−s/R). */
  readonly missed: number;
  readonly came: number;
  readonly left: number;
}

/** Sampling so dense is counting: one object in a million escapes. */
const COUNTED = 1e-6;
/** Below this share of missed objects the binomial of ½, always on the careful side, is the more careful of the two. */
const DENSE = 0.25;
/** Chance of error granted to the unknown number of objects behind a dense sample (Berger & Boos 1994). */
const NUISANCE = 1e-10;
/** Steps of the grid, per smallest weight, on which classes of different weights are added up. */
const GRID = 32;
/** Steps of the grid, at most, that one sample of the largest weight takes. Sizes of one process stay far below. */
const MOST_STEPS = 1024;
/** Below this chance of being sampled the limits, in samples, are Poisson's: they do not depend on it any more. */
const POISSON = 1e-9;

/**
 * Joins strata whose sampled objects stand for about the same number of bytes: all sizes well below the sampling rate
 * stand for R bytes each, whatever their size, so their counts may be added up and tested as one.
 */
export function joinByWeight(movements: readonly Movement[]): Movement[] {
  const classes = new Map<number, { weight: number; missed: number; came: number; left: number; share: number }>();
  for (const m of movements) {
    const key = Math.round(Math.log(m.weightBytes) / 0.1) + (m.missed < COUNTED ? 1e6 : 0);
    const all = classes.get(key) ?? { weight: 0, missed: 0, came: 0, left: 0, share: 0 };
    const share = m.came + m.left + 1e-6; // a class without any sample still has a weight
    all.weight += m.weightBytes * share;
    all.missed += m.missed * share;
    all.share += share;
    all.came += m.came;
    all.left += m.left;
    classes.set(key, all);
  }
  return [...classes.values()].map(({ weight, missed, came, left, share }) => ({
    weightBytes: weight / share,
    missed: missed / share,
    came,
    left,
  }));
}

/**
 * Chance of a Σ weight · (came − left) of at least what was seen, if nothing grew.
 *
 * Sparse classes: given came + left, each of them is as likely an arrival as a departure (binomial of ½). Dense classes
 * (objects from about 1.4 R on): came and left are Binomial(N, p) with one unknown N, which is put at its upper
 * limit; the difference spreads the more the larger N is, so that is the careful side. What is counted exactly adds no
 * chance. Classes are independent: their distributions are convolved on a grid, and a tie counts as seen.
 */
export function chanceOfGrowth(classes: readonly Movement[]): number {
  let bytes = 0;
  let counted = 0;
  const drawn: Movement[] = [];
  for (const c of classes) {
    bytes += c.weightBytes * (c.came - c.left);
    if (c.missed < COUNTED) counted += c.weightBytes * (c.came - c.left);
    else if (c.came + c.left > 0) drawn.push(c);
  }
  if (drawn.length === 0) return bytes > 0 ? 0 : 1;
  const only = drawn[0]!;
  if (drawn.length === 1 && counted === 0 && only.missed >= DENSE) {
    return binomialTail(only.came, only.came + only.left, 0.5);
  }
  const weights = drawn.map((c) => c.weightBytes);
  // Two processes may sample at rates that are millions apart: a weight far below the grid counts as one step of it, which
  // spreads it the more and so is the careful side.
  const unit = Math.max(Math.min(...weights) / (drawn.length === 1 ? 1 : GRID), Math.max(...weights) / MOST_STEPS);
  let sum = new Float64Array([1]);
  let granted = 0;
  for (const c of drawn) {
    const difference = c.missed >= DENSE ? sparseDifference(c) : denseDifference(c);
    if (c.missed < DENSE) granted += NUISANCE;
    sum = convolve(sum, difference, Math.max(1, Math.round(c.weightBytes / unit)));
  }
  // Every difference is symmetric about 0, so the middle of the sum is 0. Rounding of weights is taken as seen.
  const needed = (bytes - counted) / unit - (drawn.length === 1 ? 1e-6 : drawn.length);
  const middle = (sum.length - 1) / 2;
  let chance = granted;
  for (let i = sum.length - 1; i >= 0 && i - middle >= needed; i--) chance += sum[i]!;
  return Math.min(1, chance);
}

/** Masses of came − left at −n … n, given n = came + left. */
function sparseDifference({ came, left }: Movement): Float64Array {
  const n = came + left;
  const masses = new Float64Array(2 * n + 1);
  for (let k = 0; k <= n; k++) masses[2 * k] = binomialMass(k, n, 0.5);
  return masses;
}

/** Masses of came − left at −N … N for two draws of N objects each. */
function denseDifference({ came, left, missed }: Movement): Float64Array {
  const p = 1 - missed;
  const objects = Math.floor(mostObjects(came + left, p, NUISANCE) / 2);
  const draw = Float64Array.from({ length: objects + 1 }, (_, k) => binomialMass(k, objects, p));
  const masses = new Float64Array(2 * objects + 1);
  for (let a = 0; a <= objects; a++) {
    for (let b = 0; b <= objects; b++) masses[a - b + objects]! += draw[a]! * draw[b]!;
  }
  return masses;
}

function convolve(a: Float64Array, b: Float64Array, stride: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(a.length + (b.length - 1) * stride);
  for (let j = 0; j < b.length; j++) {
    if (b[j] === 0) continue;
    for (let i = 0; i < a.length; i++) out[i + j * stride]! += a[i]! * b[j]!;
  }
  return out;
}

/** The largest number of objects behind k sampled ones at this chance of error: P(Binomial(N, p) ≤ k) = chance. */
function mostObjects(k: number, p: number, chance: number): number {
  const reach = (k + 60 + 12 * Math.sqrt(k + 1)) / p;
  return risingRoot((n) => incompleteBeta(p, k + 1, Math.max(1e-9, n - k)) - (1 - chance), k, reach);
}

/**
 * Squared distances, in bytes², from the estimate to the limits of the growth of all classes, each limit wrong with
 * chance `tail`. For every count the exact limits of "how many were there" given that k were sampled with chance p (Clopper
 * & Pearson turned round; Garwood's Poisson limits for small p), joined for a sum of differences as in MOVER (Zou &
 * Donner, Stat. Med. 27, 2008): without a single sample the upper limit is not 0.
 */
export function squaredReach(classes: readonly Movement[], tail: number, z: number): { below: number; above: number } {
  let below = 0;
  let above = 0;
  for (const c of classes) {
    if (c.missed < COUNTED) continue;
    const seen = Math.max(POISSON, 1 - c.missed);
    const came = limits(c.came, seen, tail, z);
    const left = limits(c.left, seen, tail, z);
    below += c.weightBytes ** 2 * (came.below ** 2 + left.above ** 2);
    above += c.weightBytes ** 2 * (came.above ** 2 + left.below ** 2);
  }
  return { below, above };
}

/** From this many samples on the normal limits are within 3 % of the exact ones. */
const MANY = 400;

function limits(k: number, p: number, tail: number, z: number): { below: number; above: number } {
  const spread = z * Math.sqrt(k * (1 - p));
  if (k > MANY) return { below: spread, above: spread };
  const reach = (k + 60 + 12 * Math.sqrt(k + 1)) / p;
  // P(Binomial(N, p) ≥ k) = I_p(k, N − k + 1) rises with N, which may be any real number of at least k.
  const least = k === 0 ? 0 : risingRoot((n) => incompleteBeta(p, k, n - k + 1) - tail, k, reach) * p;
  return { below: Math.max(0, k - least), above: Math.max(0, mostObjects(k, p, tail) * p - k) };
}
