const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;
const MASK = CHUNK - 1;

type NumberArray = Float64Array | Uint32Array | Uint16Array | Int32Array;

/**
 * A growing column of numbers in chunks of 16,384. A doubling array would copy itself and need three times its
 * size for a moment; a million goroutines would not fit beside that.
 */
export class Column {
  readonly #make: (length: number) => NumberArray;
  readonly #chunks: NumberArray[] = [];
  #length = 0;

  constructor(make: (length: number) => NumberArray) {
    this.#make = make;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length++;
    if ((at & MASK) === 0 && at >>> CHUNK_BITS === this.#chunks.length) this.#chunks.push(this.#make(CHUNK));
    this.#chunks[at >>> CHUNK_BITS]![at & MASK] = value;
  }

  /** The value at `index`, which must be below `length`. */
  get(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS]![index & MASK]!;
  }

  /** Forgets what was pushed after the column had `length` values. */
  shrink(length: number): void {
    this.#length = length;
  }
}

export const float64 = (length: number) => new Float64Array(length);
export const uint32 = (length: number) => new Uint32Array(length);
export const uint16 = (length: number) => new Uint16Array(length);
