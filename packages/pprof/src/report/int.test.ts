import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { abs, add, byAmount, divide, type Int, multiply, newColumn } from './int.js';

const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

describe('64-bit integers', () => {
  it('behave as those of Go: add wraps around, divide cuts towards zero', () => {
    fc.assert(
      fc.property(INT64, INT64, (a, b) => {
        expect(add(a, b)).toBe(BigInt.asIntN(64, a + b));
        fc.pre(b !== 0n);
        expect(divide(a, b)).toBe(BigInt.asIntN(64, a / b));
      }),
    );
  });

  it.each<[string, Int, Int]>([
    ['the sum of the largest and one', add(MAX, 1n), MIN],
    ['the smallest divided by minus one, which has no place', divide(MIN, -1n), MIN],
    ['the largest times two', multiply(MAX, 2), -2n],
    ['a double that leaves 2^53 when it is multiplied', multiply(2 ** 52 + 1, 3), 3n * (2n ** 52n + 1n)],
    ['a double that wraps around', multiply(2 ** 52, 2 ** 20), 0n],
    ['a double that stays', multiply(-7, 100), -700],
    ['the amount of what is negative', abs(-5n), 5n],
    ['the amount of a negative double', abs(-5), 5],
    ['the amount of the smallest, which has no place', abs(MIN), MIN],
    ['a quotient of zero, without a sign', divide(-1, 2), 0],
  ])('%s', (_, value, expected) => expect(value).toBe(expected));
});

it('doubles and integers give the same while all stays below 2^53', () => {
  const small = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
  fc.assert(
    fc.property(small, small, fc.integer({ min: -100, max: 100 }), (a, b, factor) => {
      expect(Number(add(BigInt(a), BigInt(b)))).toBe(add(a, b));
      expect(Number(abs(BigInt(a)))).toBe(abs(a));
      expect(Number(multiply(BigInt(a), factor)) + 0).toBe(Number(multiply(a, factor)) + 0);
      expect(byAmount(BigInt(a), BigInt(b))).toBe(byAmount(a, b));
      fc.pre(b !== 0);
      expect(Number(divide(BigInt(a), BigInt(b)))).toBe(divide(a, b));
    }),
  );
});

it('sorts by amount, largest first, whatever the signs', () => {
  fc.assert(
    fc.property(fc.array(INT64), (values) => {
      const amounts = values.toSorted(byAmount).map(abs);
      for (let i = 1; i < amounts.length; i++) expect(amounts[i - 1]! >= amounts[i]!).toBe(true);
    }),
  );
  expect(byAmount(5, -5)).toBe(0);
});

it('a column of exact reports wraps around by itself', () => {
  const wide = newColumn(1, true) as BigInt64Array;
  wide[0] = MAX;
  wide[0] = wide[0]! + 1n;
  expect(wide[0]).toBe(MIN);
  expect(newColumn(2, false)).toEqual(new Float64Array(2));
});
