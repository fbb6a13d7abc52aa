import { TidemarkError } from '@tidemark/model';

export function corrupt(what: string): TidemarkError {
  return new TidemarkError('TM_PROFILE_CORRUPT', `malformed profile: ${what}`);
}

/** Wire types of the protocol buffer encoding. */
export const VARINT = 0;
export const BYTES = 2;

const BEYOND_END = 'a length points beyond the end';

/**
 * Reads protocol buffer fields from bytes in place. After `next()` the fields `field`, `type` and, by type, the
 * value (`lo`, `hi`: the low and high 32 bits, as signed integers because V8 keeps those unboxed) or the range `start` … `stop` of the bytes are set.
 */
export class WireReader {
  readonly bytes: Uint8Array;
  pos: number;
  end: number;
  field = 0;
  type = 0;
  lo = 0;
  hi = 0;
  start = 0;
  stop = 0;

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  /**
   * Reads the next field of the range; false at its end. What nearly all fields are is read here, so that little code is
   * compiled wherever this is used: a tag of one byte, and a number or a length of one or two.
   */
  next(): boolean {
    const { bytes, end } = this;
    let pos = this.pos;
    if (pos + 1 >= end) return pos < end && this.nextOfAnyKind();
    const tag = bytes[pos]!;
    // Wire types 0 and 2 have neither bit 0 nor bit 2.
    if ((tag & 0x85) !== 0) return this.nextOfAnyKind();
    let value = bytes[pos + 1]!;
    pos += 2;
    if (value >= 0x80) {
      const more = pos < end ? bytes[pos++]! : 0x80;
      if (more >= 0x80) return this.nextOfAnyKind();
      value = (value & 0x7f) | (more << 7);
    }
    this.field = tag >>> 3;
    this.type = tag & 7;
    this.lo = value;
    this.hi = 0;
    if (this.type === BYTES) {
      if (value > end - pos) throw corrupt(BEYOND_END);
      this.start = pos;
      pos += value;
      this.stop = pos;
    }
    this.pos = pos;
    return true;
  }

  private nextOfAnyKind(): boolean {
    const { end } = this;
    this.varint();
    // Field numbers above 2^29 do not exist; what Go's reader would skip as unknown is skipped here too.
    this.field = this.hi === 0 ? this.lo >>> 3 : 0x7fffffff;
    this.type = this.lo & 7;
    if (this.type === VARINT) this.varint();
    else if (this.type === BYTES) {
      this.varint();
      if (this.hi !== 0 || this.lo >>> 0 > end - this.pos) throw corrupt(BEYOND_END);
      this.start = this.pos;
      this.pos = this.stop = this.pos + this.lo;
    } else if (this.type === 1 || this.type === 5) {
      this.pos += this.type === 1 ? 8 : 4;
      if (this.pos > end) throw corrupt('it ends in the middle of a number');
    } else {
      throw corrupt(`unknown wire type ${this.type}`);
    }
    return true;
  }

  /** Reads a varint of at most ten bytes into `lo` and `hi`. */
  varint(): void {
    const bytes = this.bytes;
    const end = this.end;
    let pos = this.pos;
    if (pos >= end) throw corrupt('it ends in the middle of a number');
    let b = bytes[pos++]!;
    if (b < 0x80) {
      this.lo = b;
      this.hi = 0;
      this.pos = pos;
      return;
    }
    let lo = b & 0x7f;
    let hi = 0;
    let shift = 7;
    // Most numbers end within four bytes.
    do {
      if (pos >= end) throw corrupt('a number is too long or cut');
      b = bytes[pos++]!;
      lo |= (b & 0x7f) << shift;
      shift += 7;
    } while (b >= 0x80 && shift < 28);
    for (; b >= 0x80; shift += 7) {
      if (shift > 63 || pos >= end) throw corrupt('a number is too long or cut');
      b = bytes[pos++]!;
      const bits = b & 0x7f;
      if (shift === 28) {
        lo |= bits << 28;
        hi = bits >>> 4;
      } else hi |= bits << (shift - 32);
    }
    this.lo = lo;
    this.hi = hi;
    this.pos = pos;
  }

  /** True when the value is `lo` alone: below 2^31. */
  get isSmall(): boolean {
    return this.hi === 0 && this.lo >= 0;
  }

  /** The value as an unsigned double: exact below 2^53. */
  unsigned(): number {
    return (this.hi >>> 0) * 4294967296 + (this.lo >>> 0);
  }

  /** The value as a signed double: exact within ±2^53. */
  signed(): number {
    return this.isSmall ? this.lo : this.hi * 4294967296 + (this.lo >>> 0);
  }

  bigUnsigned(): bigint {
    return this.isSmall ? BigInt(this.lo) : (BigInt(this.hi >>> 0) << 32n) | BigInt(this.lo >>> 0);
  }

  bigSigned(): bigint {
    return BigInt.asIntN(64, this.bigUnsigned());
  }

  expect(type: number): void {
    if (this.type !== type) throw corrupt(`field ${this.field} has another type than a profile's`);
  }
}

/** Writes protocol buffer fields; the buffer doubles as it fills. */
export class WireWriter {
  private bytes = new Uint8Array(1 << 16);
  private length = 0;

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  get size(): number {
    return this.length;
  }

  varint(value: number | bigint): void {
    if (this.length + 10 > this.bytes.length) this.grow(10);
    if (typeof value === 'number' && value >= 0 && value <= 0x7fffffff) {
      let v = value;
      while (v >= 0x80) {
        this.bytes[this.length++] = (v & 0x7f) | 0x80;
        v >>>= 7;
      }
      this.bytes[this.length++] = v;
      return;
    }
    let v = BigInt.asUintN(64, BigInt(value));
    while (v >= 0x80n) {
      this.bytes[this.length++] = Number(v & 0x7fn) | 0x80;
      v >>= 7n;
    }
    this.bytes[this.length++] = Number(v);
  }

  /** A varint field, left out when it is zero. */
  optional(field: number, value: number | bigint): void {
    if (value) this.always(field, value);
  }

  always(field: number, value: number | bigint): void {
    this.varint((field << 3) | VARINT);
    this.varint(value);
  }

  raw(field: number, bytes: Uint8Array): void {
    this.varint((field << 3) | BYTES);
    this.varint(bytes.length);
    if (this.length + bytes.length > this.bytes.length) this.grow(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A repeated number: packed from three on, as the reference writes it. */
  repeated(field: number, values: ArrayLike<number | bigint>): void {
    if (values.length > 2) {
      this.nested(field, () => {
        for (let i = 0; i < values.length; i++) this.varint(values[i]!);
      });
    } else {
      for (let i = 0; i < values.length; i++) this.always(field, values[i]!);
    }
  }

  /** A field whose content `write` writes; it is moved when its length needs more than one byte. */
  nested(field: number, write: () => void): void {
    this.varint((field << 3) | BYTES);
    const lengthAt = this.length;
    if (this.length + 1 > this.bytes.length) this.grow(1);
    this.length++;
    write();
    const size = this.length - lengthAt - 1;
    if (size < 0x80) {
      this.bytes[lengthAt] = size;
      return;
    }
    let extra = 0;
    for (let v = size; v >= 0x80; v = Math.floor(v / 128)) extra++;
    if (this.length + extra > this.bytes.length) this.grow(extra);
    this.bytes.copyWithin(lengthAt + 1 + extra, lengthAt + 1, this.length);
    let v = size;
    let at = lengthAt;
    while (v >= 0x80) {
      this.bytes[at++] = (v & 0x7f) | 0x80;
      v = Math.floor(v / 128);
    }
    this.bytes[at] = v;
    this.length += extra;
  }

  private grow(more: number): void {
    const next = new Uint8Array(Math.max(this.length + more, this.bytes.length * 2));
    next.set(this.bytes.subarray(0, this.length));
    this.bytes = next;
  }
}
