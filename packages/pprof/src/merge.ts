import { TidemarkError } from '@tidemark/model';
import { ProfileBuilder } from './builder.js';
import { labelKey } from './labels.js';
import type { Mapping, Profile, ValueType } from './profile.js';
import { StackTable } from './stack-table.js';

/** The profiles cannot be put together: TM_WRONG_PROFILE_TYPE with what differs. */
export function assertCompatible(a: Profile, b: Profile): void {
  const show = (t: ValueType) => `${t.type}/${t.unit}`;
  if (show(a.periodType) !== show(b.periodType)) {
    throw new TidemarkError(
      'TM_WRONG_PROFILE_TYPE',
      `incompatible period types ${show(a.periodType)} and ${show(b.periodType)}`,
    );
  }
  const types = (p: Profile) => p.sampleTypes.map(show).join(' ');
  if (types(a) !== types(b)) {
    throw new TidemarkError('TM_WRONG_PROFILE_TYPE', `incompatible sample types ${types(a)} and ${types(b)}`);
  }
}

/**
 * Adds profiles up one at a time, so that of many only one is in memory beside the sum. Equal stacks with equal
 * labels become one sample; ids follow first appearance. Follows google/pprof's profile.Merge in what is equal:
 * mappings by size (in 4 KiB pages), offset and build id or file; locations by address within the mapping.
 */
export class ProfileMerger {
  private readonly builder = new ProfileBuilder('proto');
  private first: Profile | null = null;
  private readonly stacks = new StackTable();
  private readonly labelSets = new Map<string, number>([['', 0]]);
  private readonly locations = new Map<string, number>();
  private readonly functions = new Map<string, number>();
  private readonly mappings = new Map<string, number>();
  private readonly comments = new Set<string>();
  private scratch = new Uint32Array(256);

  /** Throws TM_WRONG_PROFILE_TYPE when the profile's types differ from those before. */
  add(p: Profile): this {
    if (this.first === null) this.begin(p);
    else assertCompatible(this.first, p);
    this.mergeHeader(p);
    const mappingOf = new Int32Array(p.mappings.length + 1).fill(-1);
    mappingOf[0] = 0;
    if (this.builder.mappings.length === 0 && p.mappings.length > 0) this.mapMapping(p, 1, mappingOf);
    const locationOf = new Int32Array(p.locationCount).fill(-1);
    const functionOf = new Int32Array(p.functionCount).fill(-1);
    const oneNumber = new Map<number, number>();
    const width = p.sampleTypes.length;
    const values = p.values;
    const sum = this.builder.values;
    for (let s = 0; s < p.sampleCount; s++) {
      let zero = true;
      for (let t = 0; t < width; t++) {
        if (values[s * width + t]) {
          zero = false;
          break;
        }
      }
      if (zero) continue;
      const from = p.stackStarts[s]!;
      const to = p.stackStarts[s + 1]!;
      if (to - from > this.scratch.length) this.scratch = new Uint32Array((to - from) * 2);
      const stack = this.scratch;
      for (let i = from; i < to; i++) {
        const location = p.stackLocations[i]!;
        const known = locationOf[location]!;
        stack[i - from] = known >= 0 ? known : this.mapLocation(p, location, locationOf, functionOf, mappingOf);
      }
      const labels = p.labelStarts[s] === p.labelStarts[s + 1] ? 0 : this.labelSet(p, s, oneNumber);
      const index = this.stacks.intern(stack, 0, to - from, labels);
      if (index < this.builder.sampleCount) {
        const total = sum.array;
        if (total instanceof Float64Array && values instanceof Float64Array) {
          for (let t = 0, to = index * width, from = s * width; t < width; t++, to++, from++) {
            const value = total[to]! + values[from]!;
            if (Number.isSafeInteger(value)) total[to] = value;
            else {
              // What is left of this sample needs exact integers from here on.
              for (let rest = t; rest < width; rest++) sum.add(index * width + rest, values[s * width + rest]!);
              break;
            }
          }
        } else for (let t = 0; t < width; t++) sum.add(index * width + t, values[s * width + t]!);
      } else {
        this.builder.addSample(stack.subarray(0, to - from), values.subarray(s * width, (s + 1) * width));
        this.copyLabels(p, s);
      }
    }
    return this;
  }

  /** The sum. Throws TM_USAGE when nothing was added. */
  finish(): Profile {
    if (this.first === null) throw new TidemarkError('TM_USAGE', 'no profiles to merge');
    this.builder.comments = [...this.comments];
    const merged = this.builder.build();
    // What cancelled out is dropped, with everything that only it used, by merging the sum with nothing.
    return hasZeroSample(merged) ? new ProfileMerger().add(merged).finish() : merged;
  }

  private begin(p: Profile): void {
    this.first = p.with({ sampleCount: 0 });
    const b = this.builder;
    b.sampleTypes = p.sampleTypes;
    b.periodType = p.periodType;
    b.dropFrames = p.dropFrames;
    b.keepFrames = p.keepFrames;
    b.declaredKind = p.declaredKind;
  }

  private mergeHeader(p: Profile): void {
    const b = this.builder;
    if (b.timeNanos === 0n || p.timeNanos < b.timeNanos) b.timeNanos = p.timeNanos;
    b.durationNanos = BigInt.asIntN(64, b.durationNanos + p.durationNanos);
    if (b.period === 0n || b.period < p.period) b.period = p.period;
    for (const c of p.comments) this.comments.add(c);
    b.defaultSampleType ||= p.defaultSampleType;
    b.docUrl ||= p.docUrl;
  }

  /** `oneNumber` remembers sets of a single number by its row's key, unit and value: nearly all of a heap's. */
  private labelSet(p: Profile, sample: number, oneNumber: Map<number, number>): number {
    const row = p.labelStarts[sample]!;
    const number = p.labelNumbers[row]!;
    const isOne = p.labelStarts[sample + 1] === row + 1 && p.labelTexts[row] === 0 && typeof number === 'number';
    const short =
      isOne && number >= 0 && number < 2 ** 32 && p.labelKeys[row]! < 2 ** 10 && p.labelUnits[row]! < 2 ** 10;
    const id = short ? (p.labelKeys[row]! * 1024 + p.labelUnits[row]!) * 2 ** 32 + number : -1;
    const quick = short ? oneNumber.get(id) : undefined;
    if (quick !== undefined) return quick;
    const key = labelKey(p, sample);
    let set = this.labelSets.get(key);
    if (set === undefined) {
      set = this.labelSets.size;
      this.labelSets.set(key, set);
    }
    if (short) oneNumber.set(id, set);
    return set;
  }

  private copyLabels(p: Profile, sample: number): void {
    for (let i = p.labelStarts[sample]!; i < p.labelStarts[sample + 1]!; i++) {
      const key = p.strings.get(p.labelKeys[i]!);
      if (p.labelTexts[i] !== 0) this.builder.addTextLabel(key, p.strings.get(p.labelTexts[i]!));
      else this.builder.addNumberLabel(key, p.labelNumbers[i]!, p.strings.get(p.labelUnits[i]!));
    }
  }

  private mapMapping(p: Profile, mapping: number, mappingOf: Int32Array): number {
    const known = mappingOf[mapping]!;
    if (known >= 0) return known;
    const m = p.mappings[mapping - 1]!;
    const key = mappingKey(m);
    let index = this.mappings.get(key);
    if (index === undefined) {
      index = this.builder.mappings.push({ ...m, id: BigInt(this.builder.mappings.length + 1) });
      this.mappings.set(key, index);
    }
    mappingOf[mapping] = index;
    return index;
  }

  private mapLocation(
    p: Profile,
    location: number,
    locationOf: Int32Array,
    functionOf: Int32Array,
    mappingOf: Int32Array,
  ): number {
    const mapping = this.mapMapping(p, p.locationMappings[location]!, mappingOf);
    const from = p.locationMappings[location]!;
    const shift = from === 0 ? 0n : this.builder.mappings[mapping - 1]!.start - p.mappings[from - 1]!.start;
    const address = BigInt.asUintN(64, p.locationAddresses[location]! + shift);
    const lines: { fn: number; line: number; column: number }[] = [];
    for (let l = p.lineStarts[location]!; l < p.lineStarts[location + 1]!; l++) {
      const fn = this.mapFunction(p, p.lineFunctions[l]!, functionOf);
      lines.push({ fn, line: p.lineNumbers[l]!, column: p.lineColumns[l]! });
    }
    const base = mapping === 0 ? 0n : this.builder.mappings[mapping - 1]!.start;
    const folded = p.locationFolded[location]! !== 0;
    const key = `${BigInt.asUintN(64, address - base).toString(36)} ${mapping} ${folded} ${linesKey(lines)}`;
    let index = this.locations.get(key);
    if (index === undefined) {
      index = this.builder.addLocation(address, lines, mapping, folded);
      this.locations.set(key, index);
    }
    locationOf[location] = index;
    return index;
  }

  private mapFunction(p: Profile, fn: number, functionOf: Int32Array): number {
    const known = functionOf[fn]!;
    if (known >= 0) return known;
    const name = p.strings.get(p.functionNames[fn]!);
    const system = p.strings.get(p.functionSystemNames[fn]!);
    const file = p.strings.get(p.functionFiles[fn]!);
    const startLine = p.functionStartLines[fn]!;
    const key = `${startLine}\u0000${name}\u0000${system}\u0000${file}`;
    let index = this.functions.get(key);
    if (index === undefined) {
      index = this.builder.addFunction(name, file, system, startLine);
      this.functions.set(key, index);
    }
    functionOf[fn] = index;
    return index;
  }
}

/**
 * The reference writes three numbers a line to places two apart, so that all but the last column are overwritten
 * by the next function (profile/merge.go). Lines that differ only there merge; we follow, to merge the same.
 */
function linesKey(lines: readonly { fn: number; line: number; column: number }[]): string {
  let key = '';
  for (const { fn, line } of lines) key += `${fn}|${line}|`;
  return key + (lines.at(-1)?.column ?? '');
}

function mappingKey(m: Mapping): string {
  const pages = BigInt.asUintN(64, m.limit - m.start + 0xfffn) & ~0xfffn;
  return `${pages} ${m.offset} ${m.buildId || m.file}`;
}

function hasZeroSample(p: Profile): boolean {
  const width = p.sampleTypes.length;
  for (let s = 0; s < p.sampleCount; s++) {
    let zero = true;
    for (let t = 0; t < width && zero; t++) if (p.values[s * width + t]) zero = false;
    if (zero) return true;
  }
  return false;
}

/** The sum of several profiles of one kind. Throws TM_WRONG_PROFILE_TYPE where their types differ. */
export function mergeProfiles(profiles: Iterable<Profile>): Profile {
  const merger = new ProfileMerger();
  for (const p of profiles) merger.add(p);
  return merger.finish();
}
