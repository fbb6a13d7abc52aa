import { Uint32List } from '../columns.js';
import { type Mapping, NO_SAMPLES, Profile, type SampleColumns, type ValueType } from '../profile.js';
import type { ProfileSource } from '../source.js';
import { StringTable } from '../strings.js';
import { BYTES, corrupt, VARINT, WireReader } from '../wire.js';
import { checkStrings, IdIndex, NarrowIds, stringIndex } from './proto-ids.js';
import { SAMPLE, type SampleContext, SampleReader } from './proto-samples.js';

/** Field numbers of profile.proto's messages, as far as they are counted before they are read. */
const SAMPLE_TYPE = 1;
const MAPPING = 3;
const LOCATION = 4;
const FUNCTION = 5;
const STRING = 6;

/**
 * Stay for good after the first decoding: V8 throws compiled code away when nothing is left of the shapes it was
 * compiled for, and what decodes one profile is garbage before the next one begins.
 */
const KEPT: unknown[] = [];

function keepShapes(): void {
  // All that a profile must have is an empty string.
  const decoder = new ProtoDecoder(Uint8Array.of((STRING << 3) | BYTES, 0));
  KEPT.push(decoder, decoder.decode().reader(0));
}

/** How many samples are decoded at a time where they are not kept: as many as stay in a processor's nearest memory. */
const BATCH = 256;

/** Decodes profile.proto, uncompressed. Throws TM_PROFILE_CORRUPT for what the reference refuses as well. */
export function decodeProto(bytes: Uint8Array): Profile {
  return openProto(bytes).whole();
}

/** The same without the samples, which are decoded when they are asked for. */
export function openProto(bytes: Uint8Array): ProfileSource {
  const source = new ProtoDecoder(bytes).decode();
  if (KEPT.length === 0) keepShapes();
  return source;
}

/**
 * Two passes: the first one only skips from field to field and counts rows, the second one fills columns of
 * exactly that size. Strings stay bytes; samples are left to a SampleReader.
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

  private sampleBytes = 0;
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

  decode(): ProtoSource {
    this.count();
    this.fill();
    return this.link();
  }

  private count(): void {
    const r = this.message;
    let locationBytes = 0;
    while (r.next()) {
      if (r.field > 6 || r.field === 0) continue;
      r.expect(BYTES);
      if (r.field === SAMPLE_TYPE) this.typeCount++;
      else if (r.field === SAMPLE) {
        this.sampleCount++;
        this.sampleBytes += r.stop - r.start;
      } else if (r.field === LOCATION) {
        this.locationCount++;
        locationBytes += r.stop - r.start;
      } else if (r.field === FUNCTION) this.functionCount++;
      else if (r.field === STRING) this.stringCount++;
    }
    if (this.stringCount === 0) throw corrupt('it has no string table');
    if (this.typeCount === 0 && this.sampleCount > 0) throw corrupt('missing sample type information');
    // Every value takes a byte at least; what claims more would make us reserve memory for nothing.
    if (this.sampleCount * this.typeCount > this.sampleBytes) throw corrupt('samples have fewer values than types');
    if (this.locationCount * 2 > locationBytes) throw corrupt('a location has no id');
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
    let locations = 0;
    let functions = 0;
    while (r.next()) {
      switch (r.field) {
        case SAMPLE_TYPE:
          this.types.push(this.readValueType());
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
          this.dropFrames = stringIndex(r);
          break;
        case 8:
          this.keepFrames = stringIndex(r);
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
          this.defaultSampleType = stringIndex(r);
          break;
        case 15:
          this.docUrl = stringIndex(r);
          break;
      }
    }
    this.lineStarts[locations] = this.lineFunctions.length;
    this.strings = new StringTable(this.bytes, stringStarts, stringEnds);
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
      if (r.field === 1) out.type = stringIndex(r);
      else if (r.field === 2) out.unit = stringIndex(r);
    }
    return out;
  }

  private readComments(): void {
    const r = this.message;
    if (r.type !== BYTES) {
      this.comments.push(stringIndex(r));
      return;
    }
    const inner = this.enter();
    while (inner.pos < inner.end) {
      inner.varint();
      this.comments.push(inner.isSmall ? inner.lo : 0xffffffff);
    }
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
          m.fileIndex = stringIndex(r);
          break;
        case 6:
          m.buildIndex = stringIndex(r);
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
          this.functionNames[fn] = stringIndex(r);
          break;
        case 3:
          this.functionSystemNames[fn] = stringIndex(r);
          break;
        case 4:
          this.functionFiles[fn] = stringIndex(r);
          break;
        case 5:
          r.expect(VARINT);
          this.functionStartLines[fn] = r.signed();
          break;
      }
    }
  }

  /** Turns ids into indexes and checks that everything that is pointed at is there. */
  private link(): ProtoSource {
    const mappingIndex = new IdIndex(Uint32Array.from(this.mappings.ids), 'mapping');
    const functionIndex = new IdIndex(this.functionIds, 'function');
    const locationIndex = new IdIndex(this.locationIds, 'location');
    const lineFunctions = this.linkLines(functionIndex);
    this.linkMappings(mappingIndex);
    for (const names of [this.functionNames, this.functionSystemNames, this.functionFiles]) {
      checkStrings(names, this.stringCount);
    }
    const head = new Profile({
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
      sampleCount: NO_SAMPLES.sampleCount,
      stackStarts: NO_SAMPLES.stackStarts,
      stackLocations: NO_SAMPLES.stackLocations,
      values: NO_SAMPLES.values,
      labelStarts: NO_SAMPLES.labelStarts,
      labelKeys: NO_SAMPLES.labelKeys,
      labelTexts: NO_SAMPLES.labelTexts,
      labelNumbers: NO_SAMPLES.labelNumbers,
      labelUnits: NO_SAMPLES.labelUnits,
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
    return new ProtoSource(head, {
      bytes: this.bytes,
      typeCount: this.typeCount,
      sampleCount: this.sampleCount,
      sampleBytes: this.sampleBytes,
      stringCount: this.stringCount,
      locationCount: this.locationCount,
      locationNarrow: this.locationNarrow,
      locationIndex,
    });
  }

  private linkLines(functions: IdIndex): Uint32Array {
    const column = this.lineFunctions.finish();
    for (let i = 0; i < column.length; i++) {
      const fn = functions.get(column[i]!);
      if (fn < 0) throw corrupt('a line has a function that is not there');
      column[i] = fn;
    }
    return column;
  }

  /** A mapping that is not there is no mapping: the reference reads it so. */
  private linkMappings(mappings: IdIndex): void {
    for (let i = 0; i < this.locationCount; i++) {
      const id = this.locationMappings[i]!;
      if (id !== 0) this.locationMappings[i] = mappings.get(id) + 1;
    }
  }

  private text(index: number): string {
    if (index >= this.stringCount) throw corrupt('a string is not there');
    return this.strings.get(index);
  }

  private valueType(t: { type: number; unit: number }): ValueType {
    return { type: this.text(t.type), unit: this.text(t.unit) };
  }
}

class ProtoSource implements ProfileSource {
  readonly head: Profile;
  private readonly context: SampleContext;

  constructor(head: Profile, context: SampleContext) {
    this.head = head;
    this.context = context;
  }

  reader(batchSize: number): SampleReader {
    return new SampleReader(this.context, batchSize);
  }

  eachBatch(take: (batch: SampleColumns) => void): void {
    this.reader(BATCH).each(take);
  }

  whole(): Profile {
    let samples = NO_SAMPLES;
    this.reader(this.context.sampleCount).each((all) => {
      samples = all;
    });
    return this.head.with(samples);
  }
}

function idColumn(narrow: Uint32Array, wide: BigUint64Array | null): BigUint64Array {
  const ids = BigUint64Array.from(narrow, (id) => BigInt(id));
  if (wide) for (let i = 0; i < wide.length; i++) if (wide[i] !== 0n) ids[i] = wide[i]!;
  return ids;
}
