/** A candidate column: its values, and how much of it the bases that it was tried against leave (bases grow by one, so little is computed twice). */
export class Column {
  readonly values: Float64Array;
  readonly square: number;
  #first: Left | null = null;
  #latest: Left | null = null;

  constructor(values: Float64Array) {
    this.values = values;
    this.square = dot(values, values);
  }

  /** The square of what is left of the column outside a basis. */
  left(basis: readonly Float64Array[]): number {
    const from = fits(this.#latest, basis) ?? fits(this.#first, basis);
    let square = from?.square ?? this.square;
    for (let i = from?.length ?? 0; i < basis.length; i++) square -= dot(basis[i]!, this.values) ** 2;
    this.#latest = { length: basis.length, last: basis[basis.length - 1], square };
    this.#first ??= this.#latest;
    return square;
  }
}

export interface Tried {
  readonly coefficient: number;
  readonly gain: number;
  readonly square: number;
}

interface Left {
  readonly length: number;
  readonly last: Float64Array | undefined;
  readonly square: number;
}

const fits = (left: Left | null, basis: readonly Float64Array[]) =>
  left && left.length <= basis.length && basis[left.length - 1] === left.last ? left : null;

/**
 * Weighted least squares, one column after the other: an orthonormal basis (Gram–Schmidt, done twice where little is left) of the columns so far and
 * what they leave of y. A fit never changes; `with` gives a new one that shares the basis.
 */
export class Fit {
  readonly basis: readonly Float64Array[];
  /** What the columns leave of y, in weighted units. */
  readonly rest: Float64Array;
  /** Sum of squares of the rest. */
  readonly sumOfSquares: number;

  constructor(y: Float64Array, basis: readonly Float64Array[] = []) {
    this.rest = y;
    this.basis = basis;
    this.sumOfSquares = dot(y, y);
  }

  /** What a column would bring: its coefficient, the fall of the sum of squares, the square of what is left of the column; null where nothing is left. */
  try(column: Column): Tried | null {
    const square = column.left(this.basis);
    if (!(square > 1e-6 * column.square)) return null;
    const along = dot(column.values, this.rest);
    return { coefficient: along / square, gain: (along * along) / square, square };
  }

  /** This fit with one more column (itself where the column brings nothing new). */
  with(column: Column): Fit {
    const c = Float64Array.from(column.values);
    for (const q of this.basis) subtract(c, q, dot(c, q));
    let left = dot(c, c);
    if (left < 0.1 * column.square) {
      for (const q of this.basis) subtract(c, q, dot(c, q));
      left = dot(c, c);
    }
    if (!(left > 1e-6 * column.square)) return this;
    const length = Math.sqrt(left);
    for (let i = 0; i < c.length; i++) c[i]! /= length;
    const rest = Float64Array.from(this.rest);
    subtract(rest, c, dot(rest, c));
    return new Fit(rest, [...this.basis, c]);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let even = 0;
  let odd = 0;
  const n = a.length - 1;
  let i = 0;
  for (; i < n; i += 2) {
    even += a[i]! * b[i]!;
    odd += a[i + 1]! * b[i + 1]!;
  }
  return i === n ? even + odd + a[n]! * b[n]! : even + odd;
}

function subtract(from: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i++) from[i]! -= times * what[i]!;
}
