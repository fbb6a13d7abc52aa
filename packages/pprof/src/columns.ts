/** Typed arrays that grow, for columns whose length is not known beforehand. */

export class Uint32List {
  array: Uint32Array;
  length = 0;

  constructor(capacity = 64) {
    this.array = new Uint32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.array.length) this.grow(this.length + 1);
    this.array[this.length++] = value;
  }

  /** Makes room for `more` values, so that they can be written to `array` directly. */
  reserve(more: number): void {
    if (this.length + more > this.array.length) this.grow(this.length + more);
  }

  finish(): Uint32Array {
    return this.array.subarray(0, this.length);
  }

  private grow(atLeast: number): void {
    const next = new Uint32Array(Math.max(atLeast, this.array.length * 2));
    next.set(this.array);
    this.array = next;
  }
}

export class Float64List {
  array: Float64Array;
  length = 0;

  constructor(capacity = 64) {
    this.array = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const next = new Float64Array(Math.max(64, this.length * 2));
      next.set(this.array);
      this.array = next;
    }
    this.array[this.length++] = value;
  }

  finish(): Float64Array {
    return this.array.subarray(0, this.length);
  }
}

/**
 * A list of signed 64-bit integers. It stays an array of doubles until a value (or a sum) leaves ±2^53; from
 * then on it is exact, and wraps around at 2^63 as Go's int64 does.
 */
export class Int64List {
  array: Float64Array | BigInt64Array;
  length = 0;
  /** The array while it is one of doubles: asking this costs less than asking what kind the array is. */
  private narrow: Float64Array | null;

  constructor(capacity = 64) {
    this.narrow = new Float64Array(capacity);
    this.array = this.narrow;
  }

  push(value: number | bigint): void {
    if (this.length === this.array.length) this.resize(Math.max(64, this.length * 2));
    this.length++;
    this.set(this.length - 1, value);
  }

  set(index: number, value: number | bigint): void {
    if (this.narrow === null) this.array[index] = BigInt(value);
    else if (Number.isSafeInteger(value)) this.narrow[index] = value as number;
    else if (typeof value === 'bigint' && value <= 9007199254740991n && value >= -9007199254740991n) {
      this.narrow[index] = Number(value);
    } else this.widen()[index] = BigInt(value);
  }

  add(index: number, value: number | bigint): void {
    if (this.narrow !== null && typeof value === 'number') {
      const sum = this.narrow[index]! + value;
      if (Number.isSafeInteger(sum)) {
        this.narrow[index] = sum;
        return;
      }
    }
    const wide = this.widen();
    wide[index] = wide[index]! + BigInt(value);
  }

  get(index: number): number | bigint {
    return this.array[index]!;
  }

  finish(): Float64Array | BigInt64Array {
    return this.array.subarray(0, this.length);
  }

  private widen(): BigInt64Array {
    if (this.array instanceof BigInt64Array) return this.array;
    const wide = new BigInt64Array(this.array.length);
    for (let i = 0; i < this.length; i++) wide[i] = BigInt(this.array[i]!);
    this.narrow = null;
    this.array = wide;
    return wide;
  }

  private resize(capacity: number): void {
    if (this.array instanceof BigInt64Array) {
      const next = new BigInt64Array(capacity);
      next.set(this.array);
      this.array = next;
    } else {
      this.narrow = new Float64Array(capacity);
      this.narrow.set(this.array);
      this.array = this.narrow;
    }
  }
}
