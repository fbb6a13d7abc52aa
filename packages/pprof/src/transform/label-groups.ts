import type { Profile } from '../profile.js';
import type { Int } from '../report/int.js';

/** Numbers of one label key of a sample; units are null when none of them has any. */
export interface NumberGroup {
  readonly numbers: Int[];
  units: string[] | null;
}

/** The labels of a sample by key, as the reports see them. */
export interface LabelGroups {
  readonly texts: Map<string, string[]>;
  readonly numbers: Map<string, NumberGroup>;
}

const NOTHING: LabelGroups = { texts: new Map(), numbers: new Map() };

export function labelGroups(p: Profile, sample: number): LabelGroups {
  const from = p.labelStarts[sample]!;
  const to = p.labelStarts[sample + 1]!;
  if (from === to) return NOTHING;
  const groups: LabelGroups = { texts: new Map(), numbers: new Map() };
  for (let i = from; i < to; i++) {
    const key = p.strings.get(p.labelKeys[i]!);
    const text = p.labelTexts[i]!;
    if (text !== 0) {
      const texts = groups.texts.get(key);
      if (texts) texts.push(p.strings.get(text));
      else groups.texts.set(key, [p.strings.get(text)]);
      continue;
    }
    let group = groups.numbers.get(key);
    if (!group) {
      group = { numbers: [], units: null };
      groups.numbers.set(key, group);
    }
    const unit = p.labelUnits[i]!;
    if (unit !== 0 && group.units === null) group.units = group.numbers.map(() => '');
    group.numbers.push(p.labelNumbers[i]!);
    group.units?.push(p.strings.get(unit));
  }
  return groups;
}

/**
 * The unit of every numeric label key: the first that any sample gives, else what the key suggests. `ignored`
 * lists the other units that were met, sorted.
 */
export function labelUnits(p: Profile): { units: Map<string, string>; ignored: Map<string, string[]> } {
  const units = new Map<string, string>();
  const others = new Map<string, Set<string>>();
  const seen = new Set<number>();
  const keys = new Set<string>();
  let last = -1;
  for (let i = 0; i < p.labelKeys.length; i++) {
    if (p.labelTexts[i] !== 0) continue;
    // Equal pairs of key and unit say nothing new, and mostly one follows its like.
    const pair = p.labelKeys[i]! * 0x200000 + p.labelUnits[i]!;
    if (pair === last || seen.has(pair)) continue;
    last = pair;
    seen.add(pair);
    const key = p.strings.get(p.labelKeys[i]!);
    keys.add(key);
    const unit = p.strings.get(p.labelUnits[i]!);
    if (unit === '') continue;
    const known = units.get(key);
    if (known === undefined) units.set(key, unit);
    else if (known !== unit) {
      const set = others.get(key);
      if (set) set.add(unit);
      else others.set(key, new Set([unit]));
    }
  }
  for (const key of keys) {
    if (!units.has(key)) units.set(key, key === 'alignment' || key === 'request' ? 'bytes' : key);
  }
  return { units, ignored: new Map([...others].map(([key, set]) => [key, [...set].sort()])) };
}
