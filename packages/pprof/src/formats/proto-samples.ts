import type { TidemarkError } from '@tidemark/model';
import { Int64List, Uint32List } from '../columns.js';
import type { Int64Column, SampleColumns } from '../profile.js';
import { BYTES, corrupt, VARINT, WireReader } from '../wire.js';
import { checkStrings, type IdIndex, type NarrowIds, stringIndex } from './proto-ids.js';

/** The field number of a sample in profile.proto. */
export const SAMPLE = 2;

/** What the samples of a profile are read with. */
export interface SampleContext {
  readonly bytes: Uint8Array;
  readonly typeCount: number;
  readonly sampleCount: number;
  /** Bytes of all samples together. */
  readonly sampleBytes: number;
  readonly stringCount: number;
  readonly locationCount: number;
  readonly locationNarrow: NarrowIds;
  readonly locationIndex: IdIndex;
}

/**
 * Reads the samples of a profile.proto into columns, `batchSize` of them at a time: a batch takes the place of the one
 * before, so that adding up many profiles needs no fresh memory for each.
 */
export class SampleReader {
  private readonly context: SampleContext;
  private readonly batchSize: number;
  private readonly bytes: Uint8Array;
  private readonly inner: WireReader;
  private readonly deep: WireReader;
  private readonly stackStarts: Uint32Array;
  /** Ids less 1, which are indexes where ids are 1 … n; see batch. */
  private readonly stack: Uint32List;
  /** What stack items must be below. */
  private readonly locationLimit: number;
  private values: Int64Column;
  /** The values while all of them are below 2^53. */
  private narrowValues: Float64Array | null;
  private readonly labelStarts: Uint32Array;
  private readonly labelKeys = new Uint32List(0);
  private readonly labelTexts = new Uint32List(0);
  private readonly labelNumbers = new Int64List(0);
  private readonly labelUnits = new Uint32List(0);

  constructor(context: SampleContext, batchSize: number) {
    this.context = context;
    this.batchSize = Math.min(batchSize, context.sampleCount);
    this.bytes = context.bytes;
    this.inner = new WireReader(context.bytes);
    this.deep = new WireReader(context.bytes);
    this.stackStarts = new Uint32Array(this.batchSize + 1);
    this.labelStarts = new Uint32Array(this.batchSize + 1);
    // Two bytes for an id and what goes with it are about right; a batch may be one of longer stacks than most.
    const isAll = this.batchSize === context.sampleCount;
    const meanBytes = context.sampleBytes / Math.max(1, context.sampleCount);
    this.stack = new Uint32List(isAll ? context.sampleBytes >>> 1 : Math.ceil(meanBytes * this.batchSize));
    this.locationLimit = context.locationIndex.sequential ? context.locationCount : 0xffffffff;
    this.narrowValues = new Float64Array(this.batchSize * context.typeCount);
    this.values = this.narrowValues;
  }

  /** Gives all samples to `take`, which is called once at least. Throws TM_PROFILE_CORRUPT. */
  each(take: (batch: SampleColumns) => void): void {
    const message = new WireReader(this.bytes);
    let n = 0;
    for (let left = this.context.sampleCount; left > 0; ) {
      message.next();
      if (message.field !== SAMPLE) continue;
      if (n === this.batchSize) {
        take(this.batch(n));
        n = 0;
        this.clear();
      }
      this.readSample(n++, message.start, message.stop);
      left--;
    }
    take(this.batch(n));
  }

  private clear(): void {
    this.stack.length = 0;
    this.labelKeys.length = 0;
    this.labelTexts.length = 0;
    this.labelNumbers.length = 0;
    this.labelUnits.length = 0;
  }

  /** The columns as they are, once it is checked that everything that they point at is there. */
  private batch(sampleCount: number): SampleColumns {
    const { locationIndex, stringCount } = this.context;
    this.stackStarts[sampleCount] = this.stack.length;
    this.labelStarts[sampleCount] = this.labelKeys.length;
    const stackLocations = this.stack.finish();
    if (!locationIndex.sequential) {
      for (let i = 0; i < stackLocations.length; i++) {
        const location = locationIndex.get((stackLocations[i]! + 1) >>> 0);
        if (location < 0) throw noLocation();
        stackLocations[i] = location;
      }
    }
    const labelKeys = checkStrings(this.labelKeys.finish(), stringCount);
    return {
      sampleCount,
      stackStarts: this.stackStarts,
      stackLocations,
      values: this.values,
      labelStarts: this.labelStarts,
      labelKeys,
      labelTexts: checkStrings(this.labelTexts.finish(), stringCount),
      labelNumbers: this.labelNumbers.finish(),
      labelUnits: checkStrings(this.labelUnits.finish(), stringCount),
    };
  }

  private readSample(sample: number, start: number, stop: number): void {
    const r = this.inner;
    r.pos = start;
    r.end = stop;
    this.stackStarts[sample] = this.stack.length;
    this.labelStarts[sample] = this.labelKeys.length;
    const width = this.context.typeCount;
    const valueStart = sample * width;
    const valueEnd = valueStart + width;
    let valueAt = valueStart;
    while (r.next()) {
      if (r.field === 1) {
        if (r.type === BYTES) this.readStack(r.start, r.stop);
        else this.readLocationId(r);
      } else if (r.field === 2) {
        if (r.type === BYTES) valueAt = this.readValues(r.start, r.stop, valueAt, valueEnd);
        else valueAt = this.readValue(r, valueAt, valueEnd);
      } else if (r.field === 3) {
        r.expect(BYTES);
        this.readLabel(r.start, r.stop);
      }
    }
    if (valueAt !== valueEnd) {
      throw corrupt(`mismatch: a sample has ${valueAt - valueStart} values vs. ${width} types`);
    }
  }

  /** Packed ids. */
  private readStack(start: number, end: number): void {
    this.stack.reserve(end - start);
    for (let pos = this.readShortIds(start, end); pos < end; pos = this.readShortIds(pos, end)) {
      pos = this.readNumber(pos, end);
      this.pushLocation(this.context.locationNarrow.of(this.deep));
    }
  }

  /** Reads a varint into `deep`; answers where it ends. */
  private readNumber(pos: number, end: number): number {
    const r = this.deep;
    r.pos = pos;
    r.end = end;
    r.varint();
    return r.pos;
  }

  /**
   * Packed ids up to the first one that takes more than two bytes; answers where that begins. They are most of a
   * profile's bytes: the loop calls nothing, so that nothing need be looked up anew in it.
   */
  private readShortIds(start: number, end: number): number {
    const bytes = this.bytes;
    const out = this.stack.array;
    const limit = this.locationLimit;
    let n = this.stack.length;
    let pos = start;
    while (pos < end) {
      // Whether an id takes one byte or two is anyone's guess, also the processor's: hence no branch for it.
      const low = bytes[pos]!;
      const more = low >>> 7;
      const high = (pos + 1 < end ? bytes[pos + 1]! : 0x80) & -more;
      if (high >= 0x80) break;
      // 0, which is nobody's id, becomes the largest number.
      const location = (((low & 0x7f) | (high << 7)) - 1) >>> 0;
      if (location >= limit) throw noLocation();
      out[n++] = location;
      pos += 1 + more;
    }
    this.stack.length = n;
    return pos;
  }

  /** Packed values; answers the place behind the last one. */
  private readValues(start: number, end: number, at: number, atEnd: number): number {
    const bytes = this.bytes;
    let valueAt = at;
    let pos = start;
    while (pos < end) {
      if (valueAt >= atEnd) throw corrupt('a sample has more values than types');
      // Nearly all are below 2^28.
      let b = bytes[pos]!;
      let value = b & 0x7f;
      let next = pos + 1;
      for (let shift = 7; b >= 0x80 && shift < 28 && next < end; shift += 7) {
        b = bytes[next++]!;
        value |= (b & 0x7f) << shift;
      }
      if (b < 0x80 && this.narrowValues !== null) {
        this.narrowValues[valueAt++] = value;
        pos = next;
      } else {
        pos = this.readNumber(pos, end);
        this.setValue(valueAt++, this.deep);
      }
    }
    return valueAt;
  }

  private readValue(r: WireReader, at: number, atEnd: number): number {
    r.expect(VARINT);
    if (at >= atEnd) throw corrupt('a sample has more values than types');
    this.setValue(at, r);
    return at + 1;
  }

  private readLocationId(r: WireReader): void {
    r.expect(VARINT);
    this.pushLocation(this.context.locationNarrow.of(r));
  }

  private pushLocation(id: number): void {
    const location = (id - 1) >>> 0;
    if (location >= this.locationLimit) throw noLocation();
    this.stack.push(location);
  }

  private setValue(at: number, r: WireReader): void {
    const narrow = this.narrowValues;
    if (narrow === null) {
      (this.values as BigInt64Array)[at] = r.bigSigned();
      return;
    }
    const value = r.signed();
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
      if (r.field === 1) key = stringIndex(r);
      else if (r.field === 2) text = stringIndex(r);
      else if (r.field === 3) {
        r.expect(VARINT);
        const value = r.signed();
        number = Number.isSafeInteger(value) ? value : r.bigSigned();
      } else if (r.field === 4) unit = stringIndex(r);
    }
    // A label without string, number and unit says nothing; the reference drops it too.
    if (text === 0 && number === 0 && unit === 0) return;
    if (text !== 0) {
      number = 0;
      unit = 0;
    }
    if (this.labelKeys.array.length === 0) {
      for (const list of [this.labelKeys, this.labelTexts, this.labelUnits]) list.reserve(this.batchSize);
    }
    this.labelKeys.push(key);
    this.labelTexts.push(text);
    this.labelNumbers.push(number);
    this.labelUnits.push(unit);
  }
}

function noLocation(): TidemarkError {
  return corrupt('a sample has a location that is not there');
}
