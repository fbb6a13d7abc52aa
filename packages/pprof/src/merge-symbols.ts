import type { ProfileBuilder } from './builder.js';
import { compareUtf8 } from './encode.js';
import type { Mapping, Profile, SampleColumns } from './profile.js';
import { StackTable } from './stack-table.js';

/** What the labels of a set begin with: a text has two numbers more, a number has four. */
const NUMBER = 0;
const TEXT = 1;

/** A row of numbers to look up; 64-bit ones take two. */
class Row {
  items = new Uint32Array(256);
  length = 0;
  private readonly wide = new BigUint64Array(1);
  private readonly words = new Uint32Array(this.wide.buffer);

  push(value: number): void {
    if (this.length === this.items.length) {
      const next = new Uint32Array(this.length * 2);
      next.set(this.items);
      this.items = next;
    }
    this.items[this.length++] = value;
  }

  /** An integer modulo 2^64. */
  push64(value: number | bigint): void {
    if (typeof value === 'number') {
      if (value >= 0 && value <= 0x7fffffff) {
        this.push(value | 0);
        this.push(0);
        return;
      }
      this.push(value);
      this.push(Math.floor(value / 4294967296));
      return;
    }
    this.wide[0] = value;
    this.push(this.words[0]!);
    this.push(this.words[1]!);
  }
}

/**
 * Symbols of a sum of profiles: finds for strings, functions, locations, mappings and label sets of each profile
 * those of the sum, adding what is new. Texts are compared as bytes and everything else as rows of numbers, since
 * profiles of one program repeat nearly all of them.
 */
export class MergedSymbols {
  /** By location of the profile at hand its location in the sum, −1 where nobody asked yet: see `location`. */
  locationOf = new Int32Array(0);

  private readonly builder: ProfileBuilder;
  private p!: Profile;
  private stringOf = new Int32Array(0);
  private functionOf = new Int32Array(0);
  private mappingOf = new Int32Array(0);
  /** Addresses of the profile's locations, and starts of its mappings by 1 + index: the low word, then the high one. */
  private addresses: Uint32Array = new Uint32Array(0);
  private bases: Uint32Array = new Uint32Array(0);
  private readonly row = new Row();
  private readonly spelling = new Row();
  private readonly spellings = new StackTable();
  private readonly texts: number[] = [];
  private readonly functions = new StackTable();
  private readonly locations = new StackTable();
  private readonly labelSets = new StackTable();
  private readonly mappings = new Map<string, number>();

  constructor(builder: ProfileBuilder) {
    this.builder = builder;
    this.labelSets.intern([], 0, 0, 0);
  }

  /** Turns to the next profile. */
  enter(p: Profile): void {
    this.p = p;
    this.stringOf = new Int32Array(p.strings.length).fill(-1);
    this.functionOf = new Int32Array(p.functionCount).fill(-1);
    this.locationOf = new Int32Array(p.locationCount).fill(-1);
    this.mappingOf = new Int32Array(p.mappings.length + 1).fill(-1);
    this.mappingOf[0] = 0;
    this.addresses = wordsOf(p.locationAddresses);
    this.bases = wordsOf(BigUint64Array.from([0n, ...p.mappings.map((m) => m.start)]));
    if (this.builder.mappings.length === 0 && p.mappings.length > 0) this.mapping(1);
  }

  location(location: number): number {
    const known = this.locationOf[location]!;
    if (known >= 0) return known;
    const { p, row, addresses, bases } = this;
    const from = p.locationMappings[location]!;
    const mapping = this.mapping(from);
    const first = p.lineStarts[location]!;
    const end = p.lineStarts[location + 1]!;
    for (let l = first; l < end; l++) this.function(p.lineFunctions[l]!);
    row.length = 0;
    // The address within the mapping, modulo 2^64.
    const low = addresses[location * 2]!;
    const baseLow = bases[from * 2]!;
    row.push(low - baseLow);
    row.push(addresses[location * 2 + 1]! - bases[from * 2 + 1]! - (low < baseLow ? 1 : 0));
    for (let l = first; l < end; l++) {
      row.push(this.functionOf[p.lineFunctions[l]!]!);
      row.push64(p.lineNumbers[l]!);
    }
    // The reference writes three numbers a line to places two apart, so that all but the last column are overwritten
    // by the next function (profile/merge.go). Lines that differ only there merge; we follow, to merge the same.
    if (end > first) row.push64(p.lineColumns[end - 1]!);
    const folded = p.locationFolded[location]!;
    const index = this.locations.intern(row.items, 0, row.length, mapping * 2 + folded);
    if (index === this.builder.locationCount) this.addLocation(location, mapping);
    this.locationOf[location] = index;
    return index;
  }

  private addLocation(location: number, mapping: number): void {
    const { p, builder } = this;
    const from = p.locationMappings[location]!;
    const base = from === 0 ? 0n : p.mappings[from - 1]!.start;
    const start = mapping === 0 ? 0n : builder.mappings[mapping - 1]!.start;
    const address = BigInt.asUintN(64, p.locationAddresses[location]! - base + start);
    builder.addLocation(address, [], mapping, p.locationFolded[location]! !== 0);
    for (let l = p.lineStarts[location]!; l < p.lineStarts[location + 1]!; l++) {
      builder.addLine(this.functionOf[p.lineFunctions[l]!]!, p.lineNumbers[l]!, p.lineColumns[l]!);
    }
  }

  /**
   * A number for the labels of a sample, equal for equal sets: keys sorted, strings before numbers, several values
   * of a key in their order, units as they were. 0 is no labels.
   */
  labelSet(p: SampleColumns, sample: number): number {
    const { row } = this;
    const from = p.labelStarts[sample]!;
    const to = p.labelStarts[sample + 1]!;
    row.length = 0;
    if (to === from + 1) this.pushLabel(p, from);
    else for (const label of this.sortedLabels(p, from, to)) this.pushLabel(p, label);
    return this.labelSets.intern(row.items, 0, row.length, 0);
  }

  /** True when that set is the sample's, in that order; what is not told so may still be equal. */
  hasLabelSet(set: number, p: SampleColumns, sample: number): boolean {
    const { labelSets } = this;
    const items = labelSets.items.array;
    const end = labelSets.starts.array[set + 1]!;
    const to = p.labelStarts[sample + 1]!;
    let k = labelSets.starts.array[set]!;
    for (let i = p.labelStarts[sample]!; i < to; i++, k += 5) {
      if (k === end || this.string(p.labelKeys[i]!) !== items[k + 1]) return false;
      const number = p.labelNumbers[i]!;
      // Texts and exact integers are few; the long way finds them.
      if (items[k] !== NUMBER || p.labelTexts[i] !== 0 || typeof number !== 'number') return false;
      if (number >>> 0 !== items[k + 2] || Math.floor(number / 4294967296) >>> 0 !== items[k + 3]) return false;
      if (this.string(p.labelUnits[i]!) !== items[k + 4]) return false;
    }
    return k === end;
  }

  /** Gives the sample that the sum has got last the labels of one of the profile. */
  copyLabels(p: SampleColumns, sample: number): void {
    const { strings } = this.p;
    for (let i = p.labelStarts[sample]!; i < p.labelStarts[sample + 1]!; i++) {
      const key = strings.get(p.labelKeys[i]!);
      if (p.labelTexts[i] !== 0) this.builder.addTextLabel(key, strings.get(p.labelTexts[i]!));
      else this.builder.addNumberLabel(key, p.labelNumbers[i]!, strings.get(p.labelUnits[i]!));
    }
  }

  /** Rows of labels from … to: strings before numbers, by key, equal keys as they come. */
  private sortedLabels(p: SampleColumns, from: number, to: number): number[] {
    const { strings } = this.p;
    const order = Array.from({ length: to - from }, (_, i) => from + i);
    return order.sort((a, b) => {
      const texts = (p.labelTexts[a] === 0 ? 1 : 0) - (p.labelTexts[b] === 0 ? 1 : 0);
      return texts || compareUtf8(strings.get(p.labelKeys[a]!), strings.get(p.labelKeys[b]!)) || a - b;
    });
  }

  private pushLabel(p: SampleColumns, label: number): void {
    const { row } = this;
    const text = p.labelTexts[label]!;
    row.push(text !== 0 ? TEXT : NUMBER);
    row.push(this.string(p.labelKeys[label]!));
    if (text !== 0) row.push(this.string(text));
    else {
      row.push64(p.labelNumbers[label]!);
      row.push(this.string(p.labelUnits[label]!));
    }
  }

  private mapping(mapping: number): number {
    const known = this.mappingOf[mapping]!;
    if (known >= 0) return known;
    const m = this.p.mappings[mapping - 1]!;
    const key = mappingKey(m);
    const { mappings } = this.builder;
    let index = this.mappings.get(key);
    if (index === undefined) {
      index = mappings.push({ ...m, id: BigInt(mappings.length + 1) });
      this.mappings.set(key, index);
    }
    this.mappingOf[mapping] = index;
    return index;
  }

  private function(fn: number): number {
    const known = this.functionOf[fn]!;
    if (known >= 0) return known;
    const { p, row } = this;
    row.length = 0;
    row.push(this.string(p.functionNames[fn]!));
    row.push(this.string(p.functionSystemNames[fn]!));
    row.push(this.string(p.functionFiles[fn]!));
    row.push64(p.functionStartLines[fn]!);
    const index = this.functions.intern(row.items, 0, row.length, 0);
    if (index === this.builder.functionCount) this.addFunction(fn);
    this.functionOf[fn] = index;
    return index;
  }

  private addFunction(fn: number): void {
    const { p } = this;
    const text = (column: Uint32Array) => p.strings.get(column[fn]!);
    this.builder.addFunction(
      text(p.functionNames),
      text(p.functionFiles),
      text(p.functionSystemNames),
      p.functionStartLines[fn]!,
    );
  }

  /** Index of a string in the sum; bytes that were met before are not decoded again. */
  private string(string: number): number {
    const known = this.stringOf[string]!;
    if (known >= 0) return known;
    const bytes = this.p.strings.utf8(string);
    const row = this.spelling;
    row.length = 0;
    const words = bytes.length & ~3;
    let i = 0;
    for (; i < words; i += 4) {
      row.push(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    }
    for (; i < bytes.length; i++) row.push(bytes[i]!);
    const spelling = this.spellings.intern(row.items, 0, row.length, bytes.length);
    if (spelling === this.texts.length) this.texts.push(this.builder.strings.add(this.p.strings.get(string)));
    const index = this.texts[spelling]!;
    this.stringOf[string] = index;
    return index;
  }
}

function wordsOf(column: BigUint64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
}

function mappingKey(m: Mapping): string {
  const pages = BigInt.asUintN(64, m.limit - m.start + 0xfffn) & ~0xfffn;
  return `${pages} ${m.offset} ${m.buildId || m.file}`;
}
