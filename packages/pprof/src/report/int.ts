/**
 * A signed 64-bit integer of a report: a double where everything stays below 2^53, else a bigint. One report uses
 * one of both throughout, so that its inner loops stay simple; `<`, `>` and truth work for either.
 */
export type Int = number | bigint;

/** An accumulator column; the BigInt64Array wraps around at 2^63 like Go's int64. */
export type IntColumn = Float64Array | BigInt64Array;

export function newColumn(length: number, exact: boolean): IntColumn {
  return exact ? new BigInt64Array(length) : new Float64Array(length);
}

/** The amount; of −2^63 it stays −2^63, less than every other amount, as in Go. */
export function abs(value: Int): Int {
  if (value >= 0) return value;
  return typeof value === 'number' ? -value : BigInt.asIntN(64, -value);
}

/** a + b, wrapping at 64 bits in exact reports. */
export function add(a: Int, b: Int): Int {
  if (typeof a === 'number') return a + (b as number);
  return BigInt.asIntN(64, a + (b as bigint));
}

/** Division towards zero, as Go divides. Below 2^53 the double's quotient never rounds up to the next integer. */
export function divide(a: Int, b: Int): Int {
  if (typeof a === 'number') return Math.trunc(a / (b as number)) + 0;
  return BigInt.asIntN(64, a / (b as bigint));
}

export function multiply(a: Int, factor: number): Int {
  if (typeof a === 'number') {
    const product = a * factor;
    return Number.isSafeInteger(product) ? product : BigInt.asIntN(64, BigInt(a) * BigInt(factor));
  }
  return BigInt.asIntN(64, a * BigInt(factor));
}

/** Descending by amount, whatever the sign. */
export function byAmount(a: Int, b: Int): number {
  const x = abs(a);
  const y = abs(b);
  return x === y ? 0 : x > y ? -1 : 1;
}
