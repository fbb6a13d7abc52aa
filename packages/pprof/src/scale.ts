import { TidemarkError } from '@tidemark/model';
import { Int64List } from './columns.js';
import { truncateToInt64 } from './formats/lines.js';
import { assertCompatible, mergeProfiles } from './merge.js';
import type { Profile } from './profile.js';

/** Keeps the samples for which `keep` answers true; symbols stay as they are. */
export function selectSamples(p: Profile, keep: (sample: number) => boolean, values = p.values): Profile {
  const width = p.sampleTypes.length;
  const kept: number[] = [];
  let stackLength = 0;
  let labelLength = 0;
  for (let s = 0; s < p.sampleCount; s++) {
    if (!keep(s)) continue;
    kept.push(s);
    stackLength += p.stackStarts[s + 1]! - p.stackStarts[s]!;
    labelLength += p.labelStarts[s + 1]! - p.labelStarts[s]!;
  }
  if (kept.length === p.sampleCount) return values === p.values ? p : p.with({ values });
  const n = kept.length;
  const stackStarts = new Uint32Array(n + 1);
  const stackLocations = new Uint32Array(stackLength);
  const labelStarts = new Uint32Array(n + 1);
  const labelRows = new Uint32Array(labelLength);
  const wide = values instanceof BigInt64Array;
  const out = wide ? new BigInt64Array(n * width) : new Float64Array(n * width);
  let stackAt = 0;
  let labelAt = 0;
  kept.forEach((s, i) => {
    stackStarts[i] = stackAt;
    const stack = p.stackLocations.subarray(p.stackStarts[s]!, p.stackStarts[s + 1]!);
    stackLocations.set(stack, stackAt);
    stackAt += stack.length;
    labelStarts[i] = labelAt;
    for (let l = p.labelStarts[s]!; l < p.labelStarts[s + 1]!; l++) labelRows[labelAt++] = l;
    for (let t = 0; t < width; t++) out[i * width + t] = values[s * width + t]!;
  });
  stackStarts[n] = stackAt;
  labelStarts[n] = labelAt;
  const numbers =
    p.labelNumbers instanceof BigInt64Array ? new BigInt64Array(labelLength) : new Float64Array(labelLength);
  for (let i = 0; i < labelLength; i++) numbers[i] = p.labelNumbers[labelRows[i]!]!;
  return p.with({
    sampleCount: n,
    stackStarts,
    stackLocations,
    values: out,
    labelStarts,
    labelKeys: labelRows.map((l) => p.labelKeys[l]!),
    labelTexts: labelRows.map((l) => p.labelTexts[l]!),
    labelUnits: labelRows.map((l) => p.labelUnits[l]!),
    labelNumbers: numbers,
  });
}

/**
 * Multiplies each value column by its ratio, rounded to whole numbers, halves away from zero. A sample goes when
 * no value that was multiplied stays; ratio 1 leaves a column alone (google/pprof profile.ScaleN).
 */
export function scaleColumns(p: Profile, ratios: readonly number[]): Profile {
  if (ratios.length !== p.sampleTypes.length) {
    throw new TidemarkError('TM_USAGE', `${p.sampleTypes.length} ratios are needed, ${ratios.length} were given`);
  }
  if (ratios.every((r) => r === 1)) return p;
  const width = ratios.length;
  const values = new Int64List(p.values.length);
  const keep = new Uint8Array(p.sampleCount);
  for (let i = 0; i < p.values.length; i++) {
    const ratio = ratios[i % width]!;
    const value = p.values[i]!;
    if (ratio === 1) {
      values.push(value);
      continue;
    }
    const scaled = truncateToInt64(roundHalfAway(Number(value) * ratio));
    values.push(scaled);
    if (Number(scaled) !== 0) keep[Math.floor(i / width)] = 1;
  }
  return selectSamples(p, (s) => keep[s] === 1, values.finish());
}

/** All columns by one ratio. */
export function scale(p: Profile, ratio: number): Profile {
  return scaleColumns(p, new Array<number>(p.sampleTypes.length).fill(ratio));
}

function roundHalfAway(x: number): number {
  const floor = Math.floor(Math.abs(x));
  return Math.sign(x) * (Math.abs(x) - floor >= 0.5 ? floor + 1 : floor);
}

/** Scales `p` so that its totals equal those of `base`, column by column; 0 where a column of `p` is empty. */
export function normaliseTo(p: Profile, base: Profile): Profile {
  assertCompatible(p, base);
  return scaleColumns(
    p,
    p.sampleTypes.map((_, t) => {
      const sum = wrappingSum(p, t);
      return sum === 0 ? 0 : wrappingSum(base, t) / sum;
    }),
  );
}

/** The sum of a column as int64s add up: beyond 2^63 it wraps around. */
function wrappingSum(p: Profile, type: number): number {
  if (p.values instanceof Float64Array) return p.sum(type);
  let sum = 0n;
  for (let i = type; i < p.values.length; i += p.sampleTypes.length) sum += p.values[i]!;
  return Number(BigInt.asIntN(64, sum));
}

export interface DiffOptions {
  /** Factor by column, applied to the base before it is subtracted; 1 by default. */
  readonly ratios?: readonly number[];
  /** Scale the newer profile to the base's totals first. */
  readonly normalise?: boolean;
}

/**
 * What `p` has more than `base`, stack by stack: every column is subtracted. For cumulative columns (alloc_*,
 * contentions) that is what happened in between; for inuse_* it is how the live heap changed, a comparison.
 * Throws TM_WRONG_PROFILE_TYPE where the types differ.
 */
export function diffProfiles(p: Profile, base: Profile, options: DiffOptions = {}): Profile {
  assertCompatible(p, base);
  const newer = options.normalise ? normaliseTo(p, base) : p;
  const ratios = options.ratios ?? p.sampleTypes.map(() => 1);
  return mergeProfiles([
    newer,
    scaleColumns(
      base,
      ratios.map((r) => -r),
    ),
  ]);
}
