import type { Profile } from '../profile.js';
import { scaledLabel } from '../report/units.js';
import { type LabelGroups, labelGroups } from './label-groups.js';
import { rewriteStacks } from './samples.js';

/**
 * Adds frames made of labels: one a key, at the root (first key outermost) or at the leaf (last key innermost),
 * named by the label's values, with the key as the file. Samples without the label get a frame without a name.
 */
export function addTagFrames(
  p: Profile,
  rootKeys: readonly string[],
  leafKeys: readonly string[],
  outputUnit: string,
): { profile: Profile; rootHit: boolean; leafHit: boolean } {
  const hit = { rootHit: false, leafHit: false };
  if (rootKeys.length + leafKeys.length === 0) return { profile: p, ...hit };
  const made = new Map<string, number>();
  const names: number[] = [];
  const files: number[] = [];
  const location = (key: string, values: string[]): number => {
    const name = values.join(',');
    const id = `${name}\u0000${key}`;
    let index = made.get(id);
    if (index === undefined) {
      index = p.locationCount + made.size;
      made.set(id, index);
      names.push(p.strings.add(name));
      files.push(p.strings.add(key));
    }
    return index;
  };
  const frames = (groups: LabelGroups, keys: readonly string[]): { locations: number[]; matched: boolean } => {
    let matched = false;
    const locations = keys.toReversed().map((key) => {
      const values = labelValues(groups, key, outputUnit);
      if (values.length > 0) matched = true;
      return location(key, values);
    });
    return { locations, matched };
  };
  const rewritten = rewriteStacks(p, (sample, from, to, out) => {
    const groups = labelGroups(p, sample);
    const root = frames(groups, rootKeys);
    const leaf = frames(groups, leafKeys);
    hit.rootHit ||= root.matched;
    hit.leafHit ||= leaf.matched;
    for (const l of leaf.locations) out.push(l);
    for (let i = from; i < to; i++) out.push(p.stackLocations[i]!);
    for (const l of root.locations) out.push(l);
    return true;
  });
  return { profile: withFrames(rewritten, names, files), ...hit };
}

/** Appends a function and a location for every name. */
function withFrames(p: Profile, names: number[], files: number[]): Profile {
  const n = names.length;
  const lineCount = p.lineFunctions.length;
  const u32 = (a: Uint32Array, more: ArrayLike<number>) => {
    const out = new Uint32Array(a.length + more.length);
    out.set(a);
    out.set(more, a.length);
    return out;
  };
  const f64 = (a: Float64Array) => {
    const out = new Float64Array(a.length + n);
    out.set(a);
    return out;
  };
  const ids = (a: BigUint64Array | null) => {
    if (a === null) return null;
    const out = new BigUint64Array(a.length + n);
    out.set(a);
    let max = a.reduce((x, y) => (x > y ? x : y), 0n);
    for (let i = a.length; i < out.length; i++) out[i] = ++max;
    return out;
  };
  const addresses = new BigUint64Array(p.locationCount + n);
  addresses.set(p.locationAddresses);
  const folded = new Uint8Array(p.locationCount + n);
  folded.set(p.locationFolded);
  return p.with({
    functionCount: p.functionCount + n,
    functionIds: ids(p.functionIds),
    functionNames: u32(p.functionNames, names),
    functionSystemNames: u32(p.functionSystemNames, new Uint32Array(n)),
    functionFiles: u32(p.functionFiles, files),
    functionStartLines: f64(p.functionStartLines),
    locationCount: p.locationCount + n,
    locationIds: ids(p.locationIds),
    locationMappings: u32(p.locationMappings, new Uint32Array(n)),
    locationAddresses: addresses,
    locationFolded: folded,
    lineStarts: u32(
      p.lineStarts,
      names.map((_, i) => lineCount + i + 1),
    ),
    lineFunctions: u32(
      p.lineFunctions,
      names.map((_, i) => p.functionCount + i),
    ),
    lineNumbers: f64(p.lineNumbers),
    lineColumns: f64(p.lineColumns),
  });
}

function labelValues(groups: LabelGroups, key: string, outputUnit: string): string[] {
  const values = [...(groups.texts.get(key) ?? [])];
  const numbers = groups.numbers.get(key);
  numbers?.numbers.forEach((n, i) => {
    values.push(numbers.units ? scaledLabel(n, numbers.units[i]!, outputUnit) : scaledLabel(n, '', ''));
  });
  return values;
}
