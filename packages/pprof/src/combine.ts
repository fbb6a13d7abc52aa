import { TidemarkError } from '@tidemark/model';
import { truncateToInt64 } from './formats/lines.js';
import { mergeProfiles, ProfileMerger } from './merge.js';
import type { Profile, ValueType } from './profile.js';
import { sameUnitFamily, scaleUnit } from './report/units.js';
import { scaleColumns } from './scale.js';
import { type ProfileSource, sourceOf } from './source.js';

/** How many profiles the reference merges at a time; ids come out the same only when we do so too. */
const CHUNK = 128;

/**
 * Adds up any number of profiles of one program, which `load` gives one at a time, so that not all of them are in
 * memory at once; of a ProfileSource not even its samples are. Profiles with other sample types or units than the first are made to fit: common types stay, in
 * the finest unit; `load` is then called again for their chunk. One profile alone is left as it is.
 */
export function combineSources(count: number, load: (index: number) => Profile | ProfileSource): Profile {
  let total: Profile | null = null;
  for (let start = 0; start < count; start += CHUNK) {
    const chunk = combineChunk(Math.min(CHUNK, count - start), (i) => sourceOf(load(start + i)));
    total = total === null ? chunk : combineProfiles([total, chunk]);
  }
  if (total === null) throw new TidemarkError('TM_USAGE', 'no profiles to merge');
  return total;
}

function combineChunk(count: number, load: (index: number) => ProfileSource): Profile {
  const first = load(0);
  if (count === 1) return combineProfiles([first.whole()]);
  const shape = shapeOf(first.head);
  if (new Set(first.head.sampleTypes.map((t) => t.type)).size === first.head.sampleTypes.length) {
    const merger = new ProfileMerger().add(first);
    let i = 1;
    for (; i < count; i++) {
      const next = load(i);
      if (shapeOf(next.head) !== shape) break;
      merger.add(next);
    }
    if (i === count) return merger.finish();
  }
  return combineProfiles(Array.from({ length: count }, (_, i) => load(i).whole()));
}

function shapeOf(p: Profile): string {
  return [p.periodType, ...p.sampleTypes].map((t) => `${t.type}/${t.unit}`).join(' ');
}

/** The sum of profiles whose types and units may differ; see combineSources. Throws TM_WRONG_PROFILE_TYPE. */
export function combineProfiles(profiles: readonly Profile[]): Profile {
  const fitting = commonUnits(commonTypes(profiles));
  return fitting.length === 1 ? fitting[0]! : mergeProfiles(fitting);
}

/** Keeps the sample types that all profiles have, in the order of the first. */
function commonTypes(profiles: readonly Profile[]): Profile[] {
  const counts = new Map<string, number>();
  for (const p of profiles) for (const t of p.sampleTypes) counts.set(t.type, (counts.get(t.type) ?? 0) + 1);
  const types = profiles[0]!.sampleTypes.map((t) => t.type).filter((t) => counts.get(t) === profiles.length);
  if (types.length === 0) {
    throw new TidemarkError('TM_WRONG_PROFILE_TYPE', 'profiles have empty common sample type list');
  }
  return profiles.map((p) => {
    const indexes = types.map((t) => p.typeIndex(t));
    if (indexes.length === p.sampleTypes.length && indexes.every((index, i) => index === i)) return p;
    const width = p.sampleTypes.length;
    const size = p.sampleCount * indexes.length;
    const values = p.values instanceof BigInt64Array ? new BigInt64Array(size) : new Float64Array(size);
    let n = 0;
    for (let s = 0; s < p.sampleCount; s++) for (const i of indexes) values[n++] = p.values[s * width + i]!;
    return p.with({
      sampleTypes: indexes.map((i) => p.sampleTypes[i]!),
      defaultSampleType: types.includes(p.defaultSampleType) ? p.defaultSampleType : types[0]!,
      values,
    });
  });
}

/** Scales all profiles to the finest unit of each column and of the period. */
function commonUnits(profiles: readonly Profile[]): Profile[] {
  const period = finest(profiles.map((p) => p.periodType));
  const units = profiles[0]!.sampleTypes.map((_, i) => finest(profiles.map((p) => p.sampleTypes[i]!)));
  return profiles.map((p) => {
    let out = p;
    if (period && period.unit !== p.periodType.unit) {
      const scaled = truncateToInt64(scaleUnit(p.period, p.periodType.unit, period.unit).value);
      out = out.with({ period: BigInt(scaled), periodType: { ...p.periodType, unit: period.unit } });
    }
    const ratios = p.sampleTypes.map((t, i) => (units[i] ? scaleUnit(1, t.unit, units[i].unit).value : 1));
    out = scaleColumns(out, ratios);
    if (p.sampleTypes.every((t, i) => !units[i] || t.unit === units[i].unit)) return out;
    return out.with({ sampleTypes: p.sampleTypes.map((t, i) => (units[i] ? { ...t, unit: units[i].unit } : t)) });
  });
}

/** The type with the finest unit; null for one alone, which needs no scaling. */
function finest(types: readonly ValueType[]): ValueType | null {
  if (types.length <= 1) return null;
  let min = types[0]!;
  for (const t of types.slice(1)) {
    const plain = (name: string) => name.replace(/s$/, '');
    if (plain(min.type) !== plain(t.type) || (min.unit !== t.unit && !sameUnitFamily(min.unit, t.unit))) {
      throw new TidemarkError(
        'TM_WRONG_PROFILE_TYPE',
        `incompatible types: ${min.type}/${min.unit} and ${t.type}/${t.unit}`,
      );
    }
    if (scaleUnit(1, t.unit, min.unit).value < 1) min = t;
  }
  return min;
}

/** Marks all samples as a diff's base: totals and percentages are then of them. */
export function markBase(p: Profile): Profile {
  const n = p.sampleCount;
  const key = p.strings.add('pprof::base');
  const text = p.strings.add('true');
  const size = p.labelKeys.length + n;
  const starts = new Uint32Array(n + 1);
  const keys = new Uint32Array(size);
  const texts = new Uint32Array(size);
  const units = new Uint32Array(size);
  const numbers = p.labelNumbers instanceof BigInt64Array ? new BigInt64Array(size) : new Float64Array(size);
  let at = 0;
  for (let s = 0; s < n; s++) {
    starts[s] = at;
    for (let i = p.labelStarts[s]!; i < p.labelStarts[s + 1]!; i++) {
      // A label of that very name is replaced.
      if (p.labelTexts[i] !== 0 && p.strings.get(p.labelKeys[i]!) === 'pprof::base') continue;
      keys[at] = p.labelKeys[i]!;
      texts[at] = p.labelTexts[i]!;
      units[at] = p.labelUnits[i]!;
      numbers[at++] = p.labelNumbers[i]!;
    }
    keys[at] = key;
    texts[at++] = text;
  }
  starts[n] = at;
  return p.with({
    labelStarts: starts,
    labelKeys: keys.subarray(0, at),
    labelTexts: texts.subarray(0, at),
    labelUnits: units.subarray(0, at),
    labelNumbers: numbers.subarray(0, at),
  });
}
