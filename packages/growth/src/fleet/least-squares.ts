/**
 * Weighted least squares, one column after the other: an orthonormal basis (modified Gram–Schmidt, done twice for accuracy) of the columns so
 * far and what they leave of y. Adding a column and asking what it would bring cost rows × columns.
 */
export class Fit {
  readonly #basis: Float64Array[];
  /** What the columns leave of y, in weighted units. */
  readonly rest: Float64Array;

  constructor(y: Float64Array, basis: Float64Array[] = []) {
    this.rest = y;
    this.#basis = basis;
  }

  get columns(): number {
    return this.#basis.length;
  }

  /** Sum of squares of the rest. */
  get sumOfSquares(): number {
    return dot(this.rest, this.rest);
  }

  /** The part of a column that the basis does not hold; null where (nearly) nothing is left. */
  residual(column: Float64Array): Float64Array | null {
    const c = Float64Array.from(column);
    const before = dot(c, c);
    if (!(before > 0)) return null;
    for (const q of this.#basis) subtract(c, q, dot(c, q));
    const after = dot(c, c);
    if (after < 1e-7 * before) return null;
    if (after < 1e-2 * before) for (const q of this.#basis) subtract(c, q, dot(c, q));
    return c;
  }

  /** What a column would bring: its coefficient, the fall of the sum of squares, and the square of what is left of the column. */
  try(column: Float64Array): { coefficient: number; gain: number; square: number } | null {
    const c = this.residual(column);
    if (!c) return null;
    const square = dot(c, c);
    const along = dot(c, this.rest);
    return { coefficient: along / square, gain: (along * along) / square, square };
  }

  /** This fit with one more column (itself where the column brings nothing new). */
  with(column: Float64Array): Fit {
    const c = this.residual(column);
    if (!c) return this;
    const length = Math.sqrt(dot(c, c));
    for (let i = 0; i < c.length; i++) c[i]! /= length;
    const rest = Float64Array.from(this.rest);
    subtract(rest, c, dot(rest, c));
    return new Fit(rest, [...this.#basis, c]);
  }
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function subtract(from: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i++) from[i]! -= times * what[i]!;
}
