import { TidemarkError } from '@tidemark/model';
import { parseInt64 } from '../formats/lines.js';
import type { Profile } from '../profile.js';
import type { Int } from '../report/int.js';
import type { CompileRegex, Matcher } from '../report/options.js';
import { scaleUnit } from '../report/units.js';
import { selectSamples } from '../scale.js';
import { labelGroups } from './label-groups.js';

export type SampleTest = (p: Profile, sample: number) => boolean;

/**
 * A filter of samples by their labels, in the words of the reference: a range of numbers (`32kb`, `:64kb`,
 * `4mb:`, `1kb:2kb`), else regular expressions, comma-separated; `key=` in front restricts it to one label.
 * Without a key all expressions must match some `key:value`, with one any of them must match a value of it.
 */
export function compileTagFilter(
  name: string,
  value: string,
  units: ReadonlyMap<string, string>,
  compile: CompileRegex,
  warn: (message: string) => void,
): SampleTest {
  const equals = value.indexOf('=');
  const key = equals < 0 ? '' : value.slice(0, equals);
  const filter = equals < 0 ? value : value.slice(equals + 1);
  const range = parseRange(filter);
  if (range) {
    warn(`${name}:Interpreted '${filter}' as range, not regexp`);
    return (p, sample) => {
      for (const [k, group] of labelGroups(p, sample).numbers) {
        if (key !== '' && k !== key) continue;
        if (group.numbers.some((n) => range(n, units.get(k) ?? ''))) return true;
      }
      return false;
    };
  }
  const matchers: Matcher[] = filter.split(',').map((pattern) => {
    try {
      return compile(pattern);
    } catch (error) {
      throw new TidemarkError('TM_USAGE', `parsing ${name} regexp: ${(error as Error).message}`);
    }
  });
  if (key === '') {
    return (p, sample) => {
      const { texts } = labelGroups(p, sample);
      return matchers.every((matches) => [...texts].some(([k, vs]) => vs.some((v) => matches(`${k}:${v}`))));
    };
  }
  return (p, sample) => {
    const values = labelGroups(p, sample).texts.get(key);
    return values !== undefined && matchers.some((matches) => values.some(matches));
  };
}

function parseRange(filter: string): ((value: Int, unit: string) => boolean) | null {
  const found = [...filter.matchAll(/([+-]?[0-9]+)([a-zA-Z]+)?/g)].slice(0, 2);
  const first = found[0];
  if (!first) return null;
  const number = (m: RegExpExecArray): Int => {
    const value = parseInt64(m[1]!);
    if (value === null) throw new TidemarkError('TM_USAGE', `failed to parse int ${m[1]}`);
    return value;
  };
  const low = scaleUnit(number(first), first[2] ?? '', first[2] ?? '');
  const within = (test: (v: number) => boolean) => (value: Int, unit: string) => {
    const scaled = scaleUnit(value, unit, low.unit);
    return scaled.unit === low.unit && test(scaled.value);
  };
  const second = found[1];
  if (!second) {
    if (filter === first[0]) return within((v) => v === low.value);
    if (filter === `${first[0]}:`) return within((v) => v >= low.value);
    if (filter === `:${first[0]}`) return within((v) => v <= low.value);
    return null;
  }
  if (filter !== `${first[0]}:${second[0]}`) return null;
  const high = scaleUnit(number(second), second[2] ?? '', low.unit);
  if (high.unit !== low.unit) return null;
  return within((v) => v >= low.value && v <= high.value);
}

/** Keeps the samples that focus accepts and ignore does not. */
export function filterByTag(
  p: Profile,
  focus: SampleTest | null,
  ignore: SampleTest | null,
): { profile: Profile; focusHit: boolean; ignoreHit: boolean } {
  let focusHit = false;
  let ignoreHit = false;
  const profile = selectSamples(p, (s) => {
    const focused = focus === null || focus(p, s);
    const ignored = ignore?.(p, s) ?? false;
    focusHit ||= focused;
    ignoreHit ||= ignored;
    return focused && !ignored;
  });
  return { profile, focusHit, ignoreHit };
}

/** Keeps the labels whose key show accepts and hide does not. */
export function filterTagNames(
  p: Profile,
  show: Matcher | null,
  hide: Matcher | null,
): { profile: Profile; showHit: boolean; hideHit: boolean } {
  const hit = { showHit: false, hideHit: false };
  if (!show && !hide) {
    // Without a pattern everything is shown, which counts as a hit as soon as there is a label.
    hit.showHit = p.labelKeys.length > 0;
    return { profile: p, ...hit };
  }
  const answers = new Map<number, boolean>();
  const keep = (key: number): boolean => {
    let known = answers.get(key);
    if (known === undefined) {
      const name = p.strings.get(key);
      const shown = !show || show(name);
      const hidden = hide?.(name) ?? false;
      hit.showHit ||= shown;
      hit.hideHit ||= hidden;
      known = shown && !hidden;
      answers.set(key, known);
    }
    return known;
  };
  return { profile: selectLabels(p, (label) => keep(p.labelKeys[label]!)), ...hit };
}

/** Keeps the label rows for which `keep` answers true. */
export function selectLabels(p: Profile, keep: (label: number) => boolean): Profile {
  const starts = new Uint32Array(p.sampleCount + 1);
  const rows: number[] = [];
  for (let s = 0; s < p.sampleCount; s++) {
    starts[s] = rows.length;
    for (let i = p.labelStarts[s]!; i < p.labelStarts[s + 1]!; i++) if (keep(i)) rows.push(i);
  }
  starts[p.sampleCount] = rows.length;
  const numbers =
    p.labelNumbers instanceof BigInt64Array ? new BigInt64Array(rows.length) : new Float64Array(rows.length);
  rows.forEach((row, i) => {
    numbers[i] = p.labelNumbers[row]!;
  });
  return p.with({
    labelStarts: starts,
    labelKeys: Uint32Array.from(rows, (i) => p.labelKeys[i]!),
    labelTexts: Uint32Array.from(rows, (i) => p.labelTexts[i]!),
    labelUnits: Uint32Array.from(rows, (i) => p.labelUnits[i]!),
    labelNumbers: numbers,
  });
}
