import { TidemarkError } from '@tidemark/model';
import { ProfileBuilder } from './builder.js';
import { MergedSymbols } from './merge-symbols.js';
import { type Int64Column, NO_SAMPLES, type Profile, type SampleColumns, type ValueType } from './profile.js';
import { type ProfileSource, sourceOf } from './source.js';
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

/** Stays for good, as the decoder's does: see formats/proto.ts. */
const KEPT: ProfileMerger[] = [];

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
  private readonly comments = new Set<string>();
  private scratch = new Uint32Array(256);

  /**
   * Throws TM_WRONG_PROFILE_TYPE when the profile's types differ from those before. Throws TM_PROFILE_CORRUPT for a
   * source whose samples are malformed: the sum is of no use then, for it has some of them.
   */
  add(profile: Profile | ProfileSource): this {
    const source = sourceOf(profile);
    const { head } = source;
    if (this.first === null) this.begin(head);
    else assertCompatible(this.first, head);
    this.mergeHeader(head);
    this.symbols.enter(head);
    this.stacks.restart();
    source.eachBatch((batch) => this.addSamples(batch));
    return this;
  }

  private addSamples(samples: SampleColumns): void {
    const { sampleCount, values } = samples;
    const sum = this.builder.values;
    const width = this.builder.sampleTypes.length;
    for (let s = 0; s < sampleCount; s++) {
      if (isZero(values, s * width, width)) continue;
      const index = this.sampleOfSum(samples, s);
      if (index === this.builder.sampleCount) this.addNew(samples, s);
      else for (let t = 0; t < width; t++) sum.add(index * width + t, values[s * width + t]!);
    }
  }

  /** The sample with that stack and labels; the next one that the sum is to get when there is none. */
  private sampleOfSum(samples: SampleColumns, sample: number): number {
    const { stacks, symbols } = this;
    const { likely } = stacks;
    if (likely >= 0 && this.hasStack(likely, samples, sample)) {
      if (symbols.hasLabelSet(stacks.extras.array[likely]!, samples, sample)) {
        stacks.follow(likely);
        return likely;
      }
    }
    return this.internStack(samples, sample);
  }

  /** Adds the sample whose stack was interned last. */
  private addNew(samples: SampleColumns, sample: number): void {
    const width = this.builder.sampleTypes.length;
    const depth = samples.stackStarts[sample + 1]! - samples.stackStarts[sample]!;
    this.builder.addSample(
      this.scratch.subarray(0, depth),
      samples.values.subarray(sample * width, (sample + 1) * width),
    );
    this.symbols.copyLabels(samples, sample);
  }

  /** The sum. Throws TM_USAGE when nothing was added. */
  finish(): Profile {
    if (this.first === null) throw new TidemarkError('TM_USAGE', 'no profiles to merge');
    this.builder.comments = [...this.comments];
    const merged = this.builder.build();
    if (KEPT.length === 0) KEPT.push(new ProfileMerger());
    // What cancelled out is dropped, with everything that only it used, by merging the sum with nothing.
    return hasZeroSample(merged) ? new ProfileMerger().add(merged).finish() : merged;
  }

  private begin(p: Profile): void {
    this.first = p.with(NO_SAMPLES);
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
  private hasStack(index: number, samples: SampleColumns, sample: number): boolean {
    const { starts, items } = this.stacks;
    const from = samples.stackStarts[sample]!;
    const to = samples.stackStarts[sample + 1]!;
    const start = starts.array[index]!;
    if (starts.array[index + 1]! - start !== to - from) return false;
    const { stackLocations } = samples;
    const { locationOf } = this.symbols;
    for (let i = from; ; ) {
      i = firstDifference(stackLocations, i, to, locationOf, items.array, start - from);
      if (i === to) return true;
      const location = stackLocations[i]!;
      if (locationOf[location]! >= 0) return false;
      this.symbols.location(location);
    }
  }

  /** The sample's place in the sum; its stack, in the sum's locations, is left in `scratch`. */
  private internStack(samples: SampleColumns, sample: number): number {
    const from = samples.stackStarts[sample]!;
    const to = samples.stackStarts[sample + 1]!;
    if (to - from > this.scratch.length) this.scratch = new Uint32Array((to - from) * 2);
    for (let i = from; i < to; i++) this.scratch[i - from] = this.symbols.location(samples.stackLocations[i]!);
    return this.stacks.intern(this.scratch, 0, to - from, this.symbols.labelSet(samples, sample));
  }
}

/**
 * The first i in from … to whose location is not, once it is mapped, the one at i + shift of those known; `to` when all
 * are. It calls nothing, so that nothing need be looked up anew in the loop: most of merging is here.
 */
function firstDifference(
  locations: Uint32Array,
  from: number,
  to: number,
  mapped: Int32Array,
  known: Uint32Array,
  shift: number,
): number {
  let i = from;
  while (i < to && mapped[locations[i]!] === known[i + shift]) i++;
  return i;
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
export function mergeProfiles(profiles: Iterable<Profile | ProfileSource>): Profile {
  const merger = new ProfileMerger();
  for (const p of profiles) merger.add(p);
  return merger.finish();
}
