import { type Frame, normaliseFile, normaliseFunction } from '@tidemark/model';
import type { StringTable } from './strings.js';

/** What a column of values counts (`inuse_space`) and in which unit (`bytes`). */
export interface ValueType {
  readonly type: string;
  readonly unit: string;
}

/** A file that was mapped into the process. Addresses are unsigned 64-bit numbers. */
export interface Mapping {
  readonly id: bigint;
  readonly start: bigint;
  readonly limit: bigint;
  readonly offset: bigint;
  readonly file: string;
  readonly buildId: string;
  readonly hasFunctions: boolean;
  readonly hasFilenames: boolean;
  readonly hasLineNumbers: boolean;
  readonly hasInlineFrames: boolean;
}

/** Which form a profile was read from. */
export type ProfileForm =
  | 'proto'
  | 'heap-text'
  | 'goroutine-text'
  | 'contention-text'
  | 'threadcreate-text'
  | 'count-text'
  | 'thread-text'
  | 'cpu-binary'
  | 'java-heap'
  | 'java-contention'
  | 'java-cpu'
  | 'stacks';

/** Signed 64-bit values: doubles as long as all of them are below 2^53, exact integers otherwise. */
export type Int64Column = Float64Array | BigInt64Array;

/** A label of a sample: a string, or a number with its unit ('' where none was given). */
export type Label =
  | { readonly key: string; readonly text: string }
  | { readonly key: string; readonly number: number; readonly unit: string };

/** The samples of a profile, or some of them: `sampleCount` rows. */
export interface SampleColumns {
  sampleCount: number;
  /** Sample i has the locations stackLocations[stackStarts[i] … stackStarts[i + 1]), leaf first. */
  stackStarts: Uint32Array;
  stackLocations: Uint32Array;
  /** Value t of sample i is values[i * sampleTypes.length + t]. */
  values: Int64Column;
  /** Sample i has the labels labelStarts[i] … labelStarts[i + 1]. */
  labelStarts: Uint32Array;
  labelKeys: Uint32Array;
  /** Index of the label's string, 0 for a numeric label. */
  labelTexts: Uint32Array;
  labelNumbers: Int64Column;
  labelUnits: Uint32Array;
}

/** Everything that a profile holds. Rows are samples, locations, lines of locations and functions. */
export interface ProfileColumns extends SampleColumns {
  form: ProfileForm;
  strings: StringTable;
  sampleTypes: readonly ValueType[];
  defaultSampleType: string;
  dropFrames: string;
  keepFrames: string;
  comments: readonly string[];
  docUrl: string;
  timeNanos: bigint;
  durationNanos: bigint;
  period: bigint;
  periodType: ValueType;
  mappings: readonly Mapping[];

  locationCount: number;
  /** null means 1 … locationCount. */
  locationIds: BigUint64Array | null;
  /** 1 + the index of the mapping, 0 for none. */
  locationMappings: Uint32Array;
  locationAddresses: BigUint64Array;
  locationFolded: Uint8Array;
  /** Location i has the lines lineStarts[i] … lineStarts[i + 1]; the last one is the caller of the others. */
  lineStarts: Uint32Array;
  lineFunctions: Uint32Array;
  lineNumbers: Float64Array;
  lineColumns: Float64Array;

  functionCount: number;
  functionIds: BigUint64Array | null;
  functionNames: Uint32Array;
  functionSystemNames: Uint32Array;
  functionFiles: Uint32Array;
  functionStartLines: Float64Array;

  /** Numbers of `# runtime.MemStats` at the end of a heap's debug=1 text, null elsewhere. */
  memStats: Readonly<Record<string, number>> | null;
  /** What the header of a text form says: `total N` of a goroutine profile; null elsewhere. */
  total: number | null;
  /** The kind that only the text form tells (a proto cannot tell block from mutex). */
  declaredKind: 'block' | 'mutex' | null;
}

/** The columns of a profile without samples. */
export const NO_SAMPLES: SampleColumns = {
  sampleCount: 0,
  stackStarts: new Uint32Array(1),
  stackLocations: new Uint32Array(0),
  values: new Float64Array(0),
  labelStarts: new Uint32Array(1),
  labelKeys: new Uint32Array(0),
  labelTexts: new Uint32Array(0),
  labelNumbers: new Float64Array(0),
  labelUnits: new Uint32Array(0),
};

// The constructor assigns every column, which is what makes this merging sound.
export interface Profile extends Readonly<ProfileColumns> {}

/**
 * A profile as columns (struct of arrays). Instances are never changed: what transforms one makes a new one
 * that shares the columns that stayed equal.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: see above
export class Profile {
  private frameCache: (readonly Frame[] | undefined)[] | null = null;
  private siteCache: (readonly Frame[] | undefined)[] | null = null;

  constructor(columns: ProfileColumns) {
    assign(this, columns);
  }

  /** A profile with some columns replaced. */
  with(changes: Partial<ProfileColumns>): Profile {
    const { frameCache: _f, siteCache: _s, ...columns } = this as unknown as Record<string, unknown>;
    return new Profile({ ...(columns as unknown as ProfileColumns), ...changes });
  }

  /** A value as a double: exact below 2^53, nearest beyond. */
  value(sample: number, type: number): number {
    return Number(this.values[sample * this.sampleTypes.length + type]!);
  }

  /** Index of a sample type by its exact name, −1 where there is none. */
  typeIndex(type: string): number {
    return this.sampleTypes.findIndex((t) => t.type === type);
  }

  /** The frames of a sample, leaf first, inlined ones expanded, names as they were read. */
  frames(sample: number): Frame[] {
    return this.collect(sample, (location) => this.locationFrames(location));
  }

  /** The same with normalised function names and file paths: what sites are made of. */
  sites(sample: number): Frame[] {
    return this.collect(sample, (location) => this.locationSites(location));
  }

  /** The frames of one location, innermost first. Without symbols the address stands for the function. */
  locationFrames(location: number): readonly Frame[] {
    this.frameCache ??= new Array(this.locationCount);
    const known = this.frameCache[location];
    if (known) return known;
    const frames: Frame[] = [];
    const first = this.lineStarts[location]!;
    const end = this.lineStarts[location + 1]!;
    for (let l = first; l < end; l++) {
      const fn = this.lineFunctions[l]!;
      const frame: Frame = {
        function: this.functionName(fn),
        file: this.strings.get(this.functionFiles[fn]!),
        line: Math.max(0, this.lineNumbers[l]!),
      };
      if (l < end - 1) frame.inlined = true;
      frames.push(frame);
    }
    if (first === end) {
      const mapping = this.mappings[this.locationMappings[location]! - 1];
      frames.push({
        function: `0x${this.locationAddresses[location]!.toString(16)}`,
        file: mapping?.file ?? '',
        line: 0,
      });
    }
    this.frameCache[location] = frames;
    return frames;
  }

  /** The frames of one location, normalised. */
  locationSites(location: number): readonly Frame[] {
    this.siteCache ??= new Array(this.locationCount);
    const known = this.siteCache[location];
    if (known) return known;
    const sites = this.locationFrames(location).map((f) => ({
      ...f,
      function: normaliseFunction(f.function),
      file: normaliseFile(f.file),
    }));
    this.siteCache[location] = sites;
    return sites;
  }

  functionName(fn: number): string {
    return this.strings.get(this.functionNames[fn]!) || this.strings.get(this.functionSystemNames[fn]!);
  }

  locationId(location: number): bigint {
    return this.locationIds ? this.locationIds[location]! : BigInt(location + 1);
  }

  functionId(fn: number): bigint {
    return this.functionIds ? this.functionIds[fn]! : BigInt(fn + 1);
  }

  labels(sample: number): Label[] {
    const labels: Label[] = [];
    for (let i = this.labelStarts[sample]!; i < this.labelStarts[sample + 1]!; i++) {
      const key = this.strings.get(this.labelKeys[i]!);
      const text = this.labelTexts[i]!;
      if (text !== 0) labels.push({ key, text: this.strings.get(text) });
      else labels.push({ key, number: Number(this.labelNumbers[i]!), unit: this.strings.get(this.labelUnits[i]!) });
    }
    return labels;
  }

  /** The first numeric label of that name, null where there is none. `bytes` is the object size of heap samples. */
  numberLabel(sample: number, key: string): number | null {
    for (let i = this.labelStarts[sample]!; i < this.labelStarts[sample + 1]!; i++) {
      if (this.labelTexts[i] === 0 && this.strings.get(this.labelKeys[i]!) === key)
        return Number(this.labelNumbers[i]!);
    }
    return null;
  }

  /** String labels of a sample; of several values of one key the last wins. */
  textLabels(sample: number): Record<string, string> {
    const labels: Record<string, string> = Object.create(null);
    for (const label of this.labels(sample)) if ('text' in label) labels[label.key] = label.text;
    return labels;
  }

  /** Sum of one value column, negative values included. */
  sum(type: number): number {
    const width = this.sampleTypes.length;
    if (this.values instanceof BigInt64Array) {
      let total = 0n;
      for (let i = type; i < this.values.length; i += width) total += this.values[i]!;
      return Number(total);
    }
    let total = 0;
    for (let i = type; i < this.values.length; i += width) total += this.values[i]!;
    return total;
  }

  private collect(sample: number, of: (location: number) => readonly Frame[]): Frame[] {
    const frames: Frame[] = [];
    for (let i = this.stackStarts[sample]!; i < this.stackStarts[sample + 1]!; i++) {
      frames.push(...of(this.stackLocations[i]!));
    }
    return frames;
  }
}

/** One by one: Object.assign would leave an object whose columns are looked up by hash at every use. */
function assign(to: ProfileColumns, from: ProfileColumns): void {
  to.form = from.form;
  to.strings = from.strings;
  to.sampleTypes = from.sampleTypes;
  to.defaultSampleType = from.defaultSampleType;
  to.dropFrames = from.dropFrames;
  to.keepFrames = from.keepFrames;
  to.comments = from.comments;
  to.docUrl = from.docUrl;
  to.timeNanos = from.timeNanos;
  to.durationNanos = from.durationNanos;
  to.period = from.period;
  to.periodType = from.periodType;
  to.mappings = from.mappings;
  to.sampleCount = from.sampleCount;
  to.stackStarts = from.stackStarts;
  to.stackLocations = from.stackLocations;
  to.values = from.values;
  to.labelStarts = from.labelStarts;
  to.labelKeys = from.labelKeys;
  to.labelTexts = from.labelTexts;
  to.labelNumbers = from.labelNumbers;
  to.labelUnits = from.labelUnits;
  to.locationCount = from.locationCount;
  to.locationIds = from.locationIds;
  to.locationMappings = from.locationMappings;
  to.locationAddresses = from.locationAddresses;
  to.locationFolded = from.locationFolded;
  to.lineStarts = from.lineStarts;
  to.lineFunctions = from.lineFunctions;
  to.lineNumbers = from.lineNumbers;
  to.lineColumns = from.lineColumns;
  to.functionCount = from.functionCount;
  to.functionIds = from.functionIds;
  to.functionNames = from.functionNames;
  to.functionSystemNames = from.functionSystemNames;
  to.functionFiles = from.functionFiles;
  to.functionStartLines = from.functionStartLines;
  to.memStats = from.memStats;
  to.total = from.total;
  to.declaredKind = from.declaredKind;
}
