import { Uint32List } from '../columns.js';
import { type Mapping, Profile, type ValueType } from '../profile.js';
import { StringTable } from '../strings.js';
import { BYTES, corrupt, VARINT, WireReader } from '../wire.js';

/** Field numbers of profile.proto's messages, as far as they are counted before they are read. */
const SAMPLE_TYPE = 1;
const SAMPLE = 2;
const MAPPING = 3;
const LOCATION = 4;
const FUNCTION = 5;
const STRING = 6;

/**
 * Ids as small numbers. An id below 2^31 stands for itself; a larger one (legal, never seen) gets a number of
 * its own, so that columns of ids need 32 bits only.
 */
class NarrowIds {
  private wide: Map<bigint, number> | null = null;

  of(reader: WireReader): number {
    if (reader.hi === 0 && reader.lo < 0x80000000) return reader.lo;
    this.wide ??= new Map();
    const id = reader.bigUnsigned();
    let narrow = this.wide.get(id);
    if (narrow === undefined) {
      narrow = 0x80000000 + this.wide.size;
      this.wide.set(id, narrow);
    }
    return narrow;
  }
}

/** From narrow ids to row indexes; ids 1 … n in order need no table. */
class IdIndex {
  private readonly count: number;
  private readonly map: Map<number, number> | null;

  constructor(ids: Uint32Array, what: string) {
    this.count = ids.length;
    let sequential = true;
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] === 0) throw corrupt(`found ${what} with reserved id=0`);
      if (ids[i] !== i + 1) sequential = false;
    }
    if (sequential) {
      this.map = null;
      return;
    }
    this.map = new Map();
    for (let i = 0; i < ids.length; i++) this.map.set(ids[i]!, i);
    if (this.map.size !== ids.length) throw corrupt(`multiple ${what}s with the same id`);
  }

  get sequential(): boolean {
    return this.map === null;
  }

  /** −1 where no row has that id. */
  get(id: number): number {
    if (this.map === null) return id === 0 || id > this.count ? -1 : id - 1;
    return this.map.get(id) ?? -1;
  }
}

/**
 * Stays for good after the first decoding: V8 throws compiled code away when nothing is left of the shapes it was
 * compiled for, and one profile's decoder is garbage before the next one begins.
 */
const KEPT: ProtoDecoder[] = [];

/** Decodes profile.proto, uncompressed. Throws TM_PROFILE_CORRUPT for what the reference refuses as well. */
export function decodeProto(bytes: Uint8Array): Profile {
  const profile = new ProtoDecoder(bytes).decode();
  if (KEPT.length === 0) KEPT.push(new ProtoDecoder(new Uint8Array(0)));
  return profile;
}

/**
 * Two passes: the first one only skips from field to field and counts rows, the second one fills columns of
 * exactly that size. Strings stay bytes.
 */
class ProtoDecoder {
  private readonly bytes: Uint8Array;
  private readonly message: WireReader;
  private readonly inner: WireReader;
  private readonly deep: WireReader;

  private typeCount = 0;
  private sampleCount = 0;
  private locationCount = 0;
  private functionCount = 0;
  private stringCount = 0;

  private readonly types: { type: number; unit: number }[] = [];
  private readonly mappings: { ids: number[]; rows: (Mapping & { fileIndex: number; buildIndex: number })[] } = {
    ids: [],
    rows: [],
  };
  private readonly comments: number[] = [];
  private periodType = { type: 0, unit: 0 };
  private strings = new StringTable();

  private stackStarts!: Uint32Array;
  /** Ids less 1, which are indexes where ids are 1 … n; see link. */
  private stack!: Uint32List;
  private highestLocation = -1;
  private values!: Float64Array | BigInt64Array;
  /** The values while all of them are below 2^53. */
  private narrowValues: Float64Array | null = null;
  private labelStarts!: Uint32Array;
  private labelKeys = new Uint32List(0);
  private labelTexts = new Uint32List(0);
  private labelUnits = new Uint32List(0);
  private labelNumbers: Float64Array | BigInt64Array = new Float64Array(0);

  private locationIds!: Uint32Array;
  private locationMappings!: Uint32Array;
  private locationAddresses!: BigUint64Array;
  private addressWords!: Uint32Array;
  private locationFolded!: Uint8Array;
  private lineStarts!: Uint32Array;
  private lineFunctions!: Uint32List;
  private lineNumbers = new Float64Array(0);
  private lineColumns = new Float64Array(0);

  private functionIds!: Uint32Array;
  private functionNames!: Uint32Array;
  private functionSystemNames!: Uint32Array;
  private functionFiles!: Uint32Array;
  private functionStartLines!: Float64Array;

  private readonly locationNarrow = new NarrowIds();
  private readonly functionNarrow = new NarrowIds();
  private readonly mappingNarrow = new NarrowIds();
  private wideLocationIds: BigUint64Array | null = null;
  private wideFunctionIds: BigUint64Array | null = null;

  private dropFrames = 0;
  private keepFrames = 0;
  private timeNanos = 0n;
  private durationNanos = 0n;
  private period = 0n;
  private defaultSampleType = 0;
  private docUrl = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.message = new WireReader(bytes);
    this.inner = new WireReader(bytes);
    this.deep = new WireReader(bytes);
  }

  decode(): Profile {
    this.count();
    this.fill();
    return this.link();
  }

  private count(): void {
    const r = this.message;
    let sampleBytes = 0;
    let locationBytes = 0;
    while (r.next()) {
      if (r.field > 6 || r.field === 0) continue;
      r.expect(BYTES);
      if (r.field === SAMPLE_TYPE) this.typeCount++;
      else if (r.field === SAMPLE) {
        this.sampleCount++;
        sampleBytes += r.stop - r.start;
      } else if (r.field === LOCATION) {
        this.locationCount++;
        locationBytes += r.stop - r.start;
      } else if (r.field === FUNCTION) this.functionCount++;
      else if (r.field === STRING) this.stringCount++;
    }
    if (this.stringCount === 0) throw corrupt('it has no string table');
    if (this.typeCount === 0 && this.sampleCount > 0) throw corrupt('missing sample type information');
    // Every value takes a byte at least; what claims more would make us reserve memory for nothing.
    if (this.sampleCount * this.typeCount > sampleBytes) throw corrupt('samples have fewer values than types');
    if (this.locationCount * 2 > locationBytes) throw corrupt('a location has no id');
    this.stackStarts = new Uint32Array(this.sampleCount + 1);
    this.labelStarts = new Uint32Array(this.sampleCount + 1);
    this.stack = new Uint32List(sampleBytes >>> 1);
    this.narrowValues = new Float64Array(this.sampleCount * this.typeCount);
    this.values = this.narrowValues;
    this.locationIds = new Uint32Array(this.locationCount);
    this.locationMappings = new Uint32Array(this.locationCount);
    this.locationAddresses = new BigUint64Array(this.locationCount);
    this.addressWords = new Uint32Array(this.locationAddresses.buffer);
    this.locationFolded = new Uint8Array(this.locationCount);
    this.lineStarts = new Uint32Array(this.locationCount + 1);
    this.lineFunctions = new Uint32List(this.locationCount + 16);
    this.lineNumbers = new Float64Array(this.lineFunctions.array.length);
    this.lineColumns = new Float64Array(this.lineFunctions.array.length);
    this.functionIds = new Uint32Array(this.functionCount);
    this.functionNames = new Uint32Array(this.functionCount);
    this.functionSystemNames = new Uint32Array(this.functionCount);
    this.functionFiles = new Uint32Array(this.functionCount);
    this.functionStartLines = new Float64Array(this.functionCount);
  }

  private fill(): void {
    const r = this.message;
    r.pos = 0;
    const stringStarts = new Uint32Array(this.stringCount);
    const stringEnds = new Uint32Array(this.stringCount);
    let strings = 0;
    let samples = 0;
    let locations = 0;
    let functions = 0;
    while (r.next()) {
      switch (r.field) {
        case SAMPLE_TYPE:
          this.types.push(this.readValueType());
          break;
        case SAMPLE:
          this.readSample(samples++, r.start, r.stop);
          break;
        case MAPPING:
          this.readMapping();
          break;
        case LOCATION:
          this.readLocation(locations++);
          break;
        case FUNCTION:
          this.readFunction(functions++);
          break;
        case STRING:
          if (strings === 0 && r.stop !== r.start) throw corrupt("string_table[0] must be ''");
          stringStarts[strings] = r.start;
          stringEnds[strings++] = r.stop;
          break;
        case 7:
          this.dropFrames = this.index(r);
          break;
        case 8:
          this.keepFrames = this.index(r);
          break;
        case 9:
          r.expect(VARINT);
          if (this.timeNanos !== 0n) throw corrupt('concatenated profiles detected');
          this.timeNanos = r.bigSigned();
          break;
        case 10:
          r.expect(VARINT);
          this.durationNanos = r.bigSigned();
          break;
        case 11:
          r.expect(BYTES);
          this.periodType = this.readValueType();
          break;
        case 12:
          r.expect(VARINT);
          this.period = r.bigSigned();
          break;
        case 13:
          this.readComments();
          break;
        case 14:
          this.defaultSampleType = this.index(r);
          break;
        case 15:
          this.docUrl = this.index(r);
          break;
      }
    }
    this.stackStarts[samples] = this.stack.length;
    this.labelStarts[samples] = this.labelKeys.length;
    this.lineStarts[locations] = this.lineFunctions.length;
    this.strings = new StringTable(this.bytes, stringStarts, stringEnds);
  }

  /** A string index; 2^32 − 1 for what is out of every range, found out when it is looked up. */
  private index(r: WireReader): number {
    r.expect(VARINT);
    return r.hi === 0 ? r.lo : 0xffffffff;
  }

  private enter(): WireReader {
    const inner = this.inner;
    inner.pos = this.message.start;
    inner.end = this.message.stop;
    return inner;
  }

  private readValueType(): { type: number; unit: number } {
    const r = this.enter();
    const out = { type: 0, unit: 0 };
    while (r.next()) {
      if (r.field === 1) out.type = this.index(r);
      else if (r.field === 2) out.unit = this.index(r);
    }
    return out;
  }

  private readComments(): void {
    const r = this.message;
    if (r.type !== BYTES) {
      this.comments.push(this.index(r));
      return;
    }
    const inner = this.enter();
    while (inner.pos < inner.end) {
      inner.varint();
      this.comments.push(inner.hi === 0 ? inner.lo : 0xffffffff);
    }
  }

  private readSample(sample: number, start: number, stop: number): void {
    const bytes = this.bytes;
    const r = this.inner;
    r.end = stop;
    this.stackStarts[sample] = this.stack.length;
    this.labelStarts[sample] = this.labelKeys.length;
    const width = this.typeCount;
    const valueStart = sample * width;
    const valueEnd = valueStart + width;
    let valueAt = valueStart;
    let pos = start;
    while (pos < stop) {
      const tag = bytes[pos]!;
      const size = pos + 1 < stop ? bytes[pos + 1]! : 0x80;
      let field = tag >>> 3;
      let from = pos + 2;
      pos = from + size;
      // Most fields are bytes and short: their tag and their length are one byte each.
      if (tag >= 0x80 || (tag & 7) !== BYTES || size >= 0x80 || pos > stop) {
        r.pos = from - 2;
        r.next();
        pos = r.pos;
        field = r.field;
        if (r.type !== BYTES) {
          if (field < 1 || field > 3) continue;
          r.expect(field === 3 ? BYTES : VARINT);
          if (field === 1) this.pushLocation(this.locationNarrow.of(r));
          else if (valueAt >= valueEnd) throw corrupt('a sample has more values than types');
          else this.setValue(valueAt++, r);
          continue;
        }
        from = r.start;
      }
      if (field === 1) this.readStack(from, pos);
      else if (field === 2) valueAt = this.readValues(from, pos, valueAt, valueEnd);
      else if (field === 3) this.readLabel(from, pos);
    }
    if (valueAt !== valueEnd) {
      throw corrupt(`mismatch: a sample has ${valueAt - valueStart} values vs. ${width} types`);
    }
  }

  /** Packed ids: most of a profile's bytes, so this loop stands alone. */
  private readStack(start: number, end: number): void {
    const bytes = this.bytes;
    this.stack.reserve(end - start);
    const out = this.stack.array;
    let n = this.stack.length;
    let highest = this.highestLocation;
    let pos = start;
    while (pos < end) {
      let id = bytes[pos]!;
      if (id < 0x80) pos++;
      else {
        const b = pos + 1 < end ? bytes[pos + 1]! : 0x80;
        const c = pos + 2 < end ? bytes[pos + 2]! : 0x80;
        if (b < 0x80) {
          id = (id & 0x7f) | (b << 7);
          pos += 2;
        } else if (c < 0x80) {
          id = (id & 0x7f) | ((b & 0x7f) << 7) | (c << 14);
          pos += 3;
        } else {
          const r = this.inner;
          const outer = r.end;
          r.pos = pos;
          r.end = end;
          r.varint();
          pos = r.pos;
          r.end = outer;
          id = this.locationNarrow.of(r);
        }
      }
      const location = (id - 1) >>> 0;
      if (location > highest) highest = location;
      out[n++] = location;
    }
    this.highestLocation = highest;
    this.stack.length = n;
  }

  /** Packed values; answers the place behind the last one. */
  private readValues(start: number, end: number, at: number, atEnd: number): number {
    const bytes = this.bytes;
    const r = this.inner;
    const outer = r.end;
    r.end = end;
    let valueAt = at;
    let pos = start;
    while (pos < end) {
      if (valueAt >= atEnd) throw corrupt('a sample has more values than types');
      const b = bytes[pos]!;
      if (b < 0x80 && this.narrowValues !== null) {
        this.narrowValues[valueAt++] = b;
        pos++;
        continue;
      }
      r.pos = pos;
      r.varint();
      pos = r.pos;
      this.setValue(valueAt++, r);
    }
    r.end = outer;
    return valueAt;
  }

  private pushLocation(id: number): void {
    const location = (id - 1) >>> 0;
    if (location > this.highestLocation) this.highestLocation = location;
    this.stack.push(location);
  }

  private setValue(at: number, r: WireReader): void {
    const narrow = this.narrowValues;
    if (narrow === null) {
      (this.values as BigInt64Array)[at] = r.bigSigned();
      return;
    }
    const value = r.hi === 0 ? r.lo : r.signed();
    if (Number.isSafeInteger(value)) {
      narrow[at] = value;
      return;
    }
    const wide = BigInt64Array.from(narrow, (v) => BigInt(v));
    wide[at] = r.bigSigned();
    this.values = wide;
    this.narrowValues = null;
  }

  private readLabel(start: number, stop: number): void {
    const r = this.deep;
    r.pos = start;
    r.end = stop;
    let key = 0;
    let text = 0;
    let unit = 0;
    let number: number | bigint = 0;
    while (r.next()) {
      if (r.field === 1) key = this.index(r);
      else if (r.field === 2) text = this.index(r);
      else if (r.field === 3) {
        r.expect(VARINT);
        const value = r.signed();
        number = Number.isSafeInteger(value) ? value : r.bigSigned();
      } else if (r.field === 4) unit = this.index(r);
    }
    // A label without string, number and unit says nothing; the reference drops it too.
    if (text === 0 && number === 0 && unit === 0) return;
    if (text !== 0) {
      number = 0;
      unit = 0;
    }
    const n = this.labelKeys.length;
    if (n === 0) for (const list of [this.labelKeys, this.labelTexts, this.labelUnits]) list.reserve(this.sampleCount);
    this.labelKeys.push(key);
    this.labelTexts.push(text);
    this.labelUnits.push(unit);
    if (n >= this.labelNumbers.length) {
      const size = Math.max(64, n * 2, this.sampleCount);
      const next = this.labelNumbers instanceof BigInt64Array ? new BigInt64Array(size) : new Float64Array(size);
      (next as Float64Array).set(this.labelNumbers as Float64Array);
      this.labelNumbers = next;
    }
    if (this.labelNumbers instanceof Float64Array) {
      if (typeof number === 'number') {
        this.labelNumbers[n] = number;
        return;
      }
      this.labelNumbers = BigInt64Array.from(this.labelNumbers, (v) => BigInt(v));
    }
    this.labelNumbers[n] = BigInt(number);
  }

  private readMapping(): void {
    const r = this.enter();
    const m = {
      id: 0n,
      start: 0n,
      limit: 0n,
      offset: 0n,
      file: '',
      buildId: '',
      hasFunctions: false,
      hasFilenames: false,
      hasLineNumbers: false,
      hasInlineFrames: false,
      fileIndex: 0,
      buildIndex: 0,
    };
    let narrow = 0;
    while (r.next()) {
      if (r.field < 1 || r.field > 10) continue;
      r.expect(VARINT);
      const flag = r.lo !== 0 || r.hi !== 0;
      switch (r.field) {
        case 1:
          m.id = r.bigUnsigned();
          narrow = this.mappingNarrow.of(r);
          break;
        case 2:
          m.start = r.bigUnsigned();
          break;
        case 3:
          m.limit = r.bigUnsigned();
          break;
        case 4:
          m.offset = r.bigUnsigned();
          break;
        case 5:
          m.fileIndex = this.index(r);
          break;
        case 6:
          m.buildIndex = this.index(r);
          break;
        case 7:
          m.hasFunctions = flag;
          break;
        case 8:
          m.hasFilenames = flag;
          break;
        case 9:
          m.hasLineNumbers = flag;
          break;
        case 10:
          m.hasInlineFrames = flag;
          break;
      }
    }
    this.mappings.ids.push(narrow);
    this.mappings.rows.push(m);
  }

  private readLocation(location: number): void {
    const r = this.enter();
    this.lineStarts[location] = this.lineFunctions.length;
    while (r.next()) {
      switch (r.field) {
        case 1:
          r.expect(VARINT);
          this.locationIds[location] = this.locationNarrow.of(r);
          if (this.locationIds[location]! >= 0x80000000) {
            this.wideLocationIds ??= new BigUint64Array(this.locationCount);
            this.wideLocationIds[location] = r.bigUnsigned();
          }
          break;
        case 2:
          r.expect(VARINT);
          this.locationMappings[location] = this.mappingNarrow.of(r);
          break;
        case 3:
          r.expect(VARINT);
          this.addressWords[location * 2] = r.lo;
          this.addressWords[location * 2 + 1] = r.hi;
          break;
        case 4:
          r.expect(BYTES);
          this.readLine(r.start, r.stop);
          break;
        case 5:
          r.expect(VARINT);
          this.locationFolded[location] = r.lo !== 0 || r.hi !== 0 ? 1 : 0;
          break;
      }
    }
  }

  private readLine(start: number, stop: number): void {
    const r = this.deep;
    r.pos = start;
    r.end = stop;
    let fn = 0;
    let line = 0;
    let column = 0;
    while (r.next()) {
      if (r.field < 1 || r.field > 3) continue;
      r.expect(VARINT);
      if (r.field === 1) fn = this.functionNarrow.of(r);
      else if (r.field === 2) line = r.signed();
      else column = r.signed();
    }
    const n = this.lineFunctions.length;
    this.lineFunctions.push(fn);
    if (n >= this.lineNumbers.length) {
      const size = this.lineFunctions.array.length;
      const numbers = new Float64Array(size);
      numbers.set(this.lineNumbers);
      this.lineNumbers = numbers;
      const columns = new Float64Array(size);
      columns.set(this.lineColumns);
      this.lineColumns = columns;
    }
    this.lineNumbers[n] = line;
    this.lineColumns[n] = column;
  }

  private readFunction(fn: number): void {
    const r = this.enter();
    while (r.next()) {
      switch (r.field) {
        case 1:
          r.expect(VARINT);
          this.functionIds[fn] = this.functionNarrow.of(r);
          if (this.functionIds[fn]! >= 0x80000000) {
            this.wideFunctionIds ??= new BigUint64Array(this.functionCount);
            this.wideFunctionIds[fn] = r.bigUnsigned();
          }
          break;
        case 2:
          this.functionNames[fn] = this.index(r);
          break;
        case 3:
          this.functionSystemNames[fn] = this.index(r);
          break;
        case 4:
          this.functionFiles[fn] = this.index(r);
          break;
        case 5:
          r.expect(VARINT);
          this.functionStartLines[fn] = r.signed();
          break;
      }
    }
  }

  /** Turns ids into indexes and checks that everything that is pointed at is there. */
  private link(): Profile {
    const mappingIndex = new IdIndex(Uint32Array.from(this.mappings.ids), 'mapping');
    const functionIndex = new IdIndex(this.functionIds, 'function');
    const locationIndex = new IdIndex(this.locationIds, 'location');
    const lineFunctions = this.lineFunctions.finish();
    for (let i = 0; i < lineFunctions.length; i++) {
      const fn = functionIndex.get(lineFunctions[i]!);
      if (fn < 0) throw corrupt('a line has a function that is not there');
      lineFunctions[i] = fn;
    }
    const stackLocations = this.stack.finish();
    if (locationIndex.sequential) {
      if (this.highestLocation >= this.locationCount) throw corrupt('a sample has a location that is not there');
    } else {
      for (let i = 0; i < stackLocations.length; i++) {
        const location = locationIndex.get((stackLocations[i]! + 1) >>> 0);
        if (location < 0) throw corrupt('a sample has a location that is not there');
        stackLocations[i] = location;
      }
    }
    // A mapping that is not there is no mapping: the reference reads it so.
    for (let i = 0; i < this.locationCount; i++) {
      const id = this.locationMappings[i]!;
      if (id !== 0) this.locationMappings[i] = mappingIndex.get(id) + 1;
    }
    this.checkStrings(this.functionNames);
    this.checkStrings(this.functionSystemNames);
    this.checkStrings(this.functionFiles);
    const labelKeys = this.checkStrings(this.labelKeys.finish());
    const labelTexts = this.checkStrings(this.labelTexts.finish());
    const labelUnits = this.checkStrings(this.labelUnits.finish());
    return new Profile({
      form: 'proto',
      strings: this.strings,
      sampleTypes: this.types.map((t) => this.valueType(t)),
      defaultSampleType: this.text(this.defaultSampleType),
      dropFrames: this.text(this.dropFrames),
      keepFrames: this.text(this.keepFrames),
      comments: this.comments.map((c) => this.text(c)),
      docUrl: this.text(this.docUrl),
      timeNanos: this.timeNanos,
      durationNanos: this.durationNanos,
      period: this.period,
      periodType: this.valueType(this.periodType),
      mappings: this.mappings.rows.map(({ fileIndex, buildIndex, ...m }) => ({
        ...m,
        file: this.text(fileIndex),
        buildId: this.text(buildIndex),
      })),
      sampleCount: this.sampleCount,
      stackStarts: this.stackStarts,
      stackLocations,
      values: this.values,
      labelStarts: this.labelStarts,
      labelKeys,
      labelTexts,
      labelNumbers: this.labelNumbers.subarray(0, labelKeys.length),
      labelUnits,
      locationCount: this.locationCount,
      locationIds: locationIndex.sequential ? null : idColumn(this.locationIds, this.wideLocationIds),
      locationMappings: this.locationMappings,
      locationAddresses: this.locationAddresses,
      locationFolded: this.locationFolded,
      lineStarts: this.lineStarts,
      lineFunctions,
      lineNumbers: this.lineNumbers.subarray(0, lineFunctions.length),
      lineColumns: this.lineColumns.subarray(0, lineFunctions.length),
      functionCount: this.functionCount,
      functionIds: functionIndex.sequential ? null : idColumn(this.functionIds, this.wideFunctionIds),
      functionNames: this.functionNames,
      functionSystemNames: this.functionSystemNames,
      functionFiles: this.functionFiles,
      functionStartLines: this.functionStartLines,
      memStats: null,
      total: null,
      declaredKind: null,
    });
  }

  private checkStrings(indexes: Uint32Array): Uint32Array {
    const count = this.stringCount;
    for (let i = 0; i < indexes.length; i++) if (indexes[i]! >= count) throw corrupt('a string is not there');
    return indexes;
  }

  private text(index: number): string {
    if (index >= this.stringCount) throw corrupt('a string is not there');
    return this.strings.get(index);
  }

  private valueType(t: { type: number; unit: number }): ValueType {
    return { type: this.text(t.type), unit: this.text(t.unit) };
  }
}

function idColumn(narrow: Uint32Array, wide: BigUint64Array | null): BigUint64Array {
  const ids = BigUint64Array.from(narrow, (id) => BigInt(id));
  if (wide) for (let i = 0; i < wide.length; i++) if (wide[i] !== 0n) ids[i] = wide[i]!;
  return ids;
}
