import { TidemarkError } from '@tidemark/model';
import { ProfileBuilder } from './builder.js';
import { Uint32List } from './columns.js';
import { MergedSymbols } from './merge-symbols.js';
import type { Int64Column, Profile, ValueType } from './profile.js';
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
  private readonly symbols = new MergedSymbols(this.builder);
  private readonly stacks = new StackTable();
  /** By 1 + sample of the sum, the one that followed it in the profile before; 0 means nobody knows. */
  private readonly followers = new Uint32List(1024);
  private readonly comments = new Set<string>();
  private scratch = new Uint32Array(256);

  constructor() {
    this.followers.push(0);
  }

  /** Throws TM_WRONG_PROFILE_TYPE when the profile's types differ from those before. */
  add(p: Profile): this {
    if (this.first === null) this.begin(p);
    else assertCompatible(this.first, p);
    this.mergeHeader(p);
    const { symbols, followers } = this;
    const { extras } = this.stacks;
    symbols.enter(p);
    const { sampleCount, values } = p;
    const width = p.sampleTypes.length;
    // Profiles of one process list their stacks in much the same order: the guess is right nearly always.
    let last = 0;
    for (let s = 0; s < sampleCount; s++) {
      if (isZero(values, s * width, width)) continue;
      const guess = followers.array[last]! - 1;
      const isGuess = guess >= 0 && this.hasStack(guess, p, s) && symbols.hasLabelSet(extras.array[guess]!, s);
      const index = isGuess ? guess : this.internStack(p, s);
      if (index < this.builder.sampleCount) this.addValues(index * width, values, s * width, width);
      else {
        const depth = p.stackStarts[s + 1]! - p.stackStarts[s]!;
        this.builder.addSample(this.scratch.subarray(0, depth), values.subarray(s * width, (s + 1) * width));
        this.copyLabels(p, s);
        followers.push(0);
      }
      followers.array[last] = index + 1;
      last = index + 1;
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

  /** True when the sample has the stack of a sample of the sum. */
  private hasStack(index: number, p: Profile, sample: number): boolean {
    const { starts, items } = this.stacks;
    const from = p.stackStarts[sample]!;
    const to = p.stackStarts[sample + 1]!;
    const start = starts.array[index]!;
    if (starts.array[index + 1]! - start !== to - from) return false;
    const known = items.array;
    const { stackLocations } = p;
    const { locationOf } = this.symbols;
    for (let i = from, k = start; i < to; i++, k++) {
      const location = stackLocations[i]!;
      let mapped = locationOf[location]!;
      if (mapped < 0) mapped = this.symbols.location(location);
      if (mapped !== known[k]) return false;
    }
    return true;
  }

  /** The sample's place in the sum; its stack, in the sum's locations, is left in `scratch`. */
  private internStack(p: Profile, sample: number): number {
    const from = p.stackStarts[sample]!;
    const to = p.stackStarts[sample + 1]!;
    if (to - from > this.scratch.length) this.scratch = new Uint32Array((to - from) * 2);
    for (let i = from; i < to; i++) this.scratch[i - from] = this.symbols.location(p.stackLocations[i]!);
    return this.stacks.intern(this.scratch, 0, to - from, this.symbols.labelSet(sample));
  }

  private addValues(at: number, values: Int64Column, from: number, width: number): void {
    const sum = this.builder.values;
    for (let t = 0; t < width; t++) {
      const total = sum.array;
      if (total instanceof Float64Array && values instanceof Float64Array) {
        const value = total[at + t]! + values[from + t]!;
        if (Number.isSafeInteger(value)) {
          total[at + t] = value;
          continue;
        }
      }
      sum.add(at + t, values[from + t]!);
    }
  }

  private copyLabels(p: Profile, sample: number): void {
    for (let i = p.labelStarts[sample]!; i < p.labelStarts[sample + 1]!; i++) {
      const key = p.strings.get(p.labelKeys[i]!);
      if (p.labelTexts[i] !== 0) this.builder.addTextLabel(key, p.strings.get(p.labelTexts[i]!));
      else this.builder.addNumberLabel(key, p.labelNumbers[i]!, p.strings.get(p.labelUnits[i]!));
    }
  }
}

/** True when none of the values has anything. */
function isZero(values: Int64Column, from: number, width: number): boolean {
  for (let i = from; i < from + width; i++) if (values[i]) return false;
  return true;
}

function hasZeroSample(p: Profile): boolean {
  const width = p.sampleTypes.length;
  for (let s = 0; s < p.sampleCount; s++) if (isZero(p.values, s * width, width)) return true;
  return false;
}

/** The sum of several profiles of one kind. Throws TM_WRONG_PROFILE_TYPE where their types differ. */
export function mergeProfiles(profiles: Iterable<Profile>): Profile {
  const merger = new ProfileMerger();
  for (const p of profiles) merger.add(p);
  return merger.finish();
}
