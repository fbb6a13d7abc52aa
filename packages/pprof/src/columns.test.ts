import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Float64List, Int64List, Uint32List } from './columns.js';

const MAX = Number.MAX_SAFE_INTEGER;

describe('Uint32List', () => {
  it.each([0, 1, 64, 1000])('grows from a capacity of %i', (capacity) => {
    const list = new Uint32List(capacity);
    const values = Array.from({ length: 300 }, (_, i) => (i * 2654435761) >>> 0);
    for (const v of values) list.push(v);
    expect(list.length).toBe(300);
    expect([...list.finish()]).toEqual(values);
  });

  it('makes room for direct writes and keeps what is there', () => {
    const list = new Uint32List(2);
    list.push(7);
    list.reserve(1);
    expect(list.array.length).toBe(2);
    list.reserve(1000);
    expect(list.array.length).toBeGreaterThanOrEqual(1001);
    expect([...list.finish()]).toEqual([7]);
  });
});

describe('Float64List', () => {
  it.each([0, 1, 64])('grows from a capacity of %i', (capacity) => {
    const list = new Float64List(capacity);
    const values = Array.from({ length: 200 }, (_, i) => -i / 8);
    for (const v of values) list.push(v);
    expect([...list.finish()]).toEqual(values.map((v) => v));
    expect(list.length).toBe(200);
  });
});

describe('Int64List', () => {
  const make = (...values: (number | bigint)[]) => {
    const list = new Int64List(0);
    for (const v of values) list.push(v);
    return list;
  };

  it.each<[string, (number | bigint)[], boolean]>([
    ['nothing', [], false],
    ['small numbers', [0, -1, 5], false],
    ['bigints within ±2^53', [3n, BigInt(MAX), -BigInt(MAX)], false],
    ['2^53', [2n ** 53n], true],
    ['−2^53', [-(2n ** 53n)], true],
    ['the ends of int64', [2n ** 63n - 1n, -(2n ** 63n)], true],
    ['small numbers, a large one, small ones', [1, -2, 2n ** 60n, 3, 4n], true],
  ])('of %s is exact', (_, values, wide) => {
    const list = make(...values);
    expect(list.finish() instanceof BigInt64Array).toBe(wide);
    expect(Array.from(list.finish(), BigInt)).toEqual(values.map(BigInt));
    values.forEach((v, i) => {
      expect(BigInt(list.get(i))).toBe(BigInt(v));
    });
  });

  it.each<[string, number | bigint, number | bigint, bigint]>([
    ['doubles', 5, -7, -2n],
    ['a double and a bigint', 5, 7n, 12n],
    ['what leaves 2^53', MAX, 1, 2n ** 53n],
    ['what leaves −2^53', -MAX, -2, -(2n ** 53n) - 1n],
    ['odd sums beyond 2^53, where doubles round', MAX, MAX - 1, 2n ** 54n - 3n],
    ['large ones', 2n ** 60n, 2n ** 60n, 2n ** 61n],
    ['a large one and a small double', 2n ** 60n, 1, 2n ** 60n + 1n],
    ['what wraps around as int64 does', 2n ** 63n - 1n, 1, -(2n ** 63n)],
  ])('adds %s', (_, a, b, sum) => {
    const list = make(a, 42);
    list.add(0, b);
    expect(BigInt(list.get(0))).toBe(sum);
    expect(BigInt(list.get(1))).toBe(42n);
  });

  it('sums as 64-bit integers do, whatever comes', () => {
    const value = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), value), { maxLength: 30 }), (steps) => {
        const list = make(0, 0, 0, 0);
        const model = [0n, 0n, 0n, 0n];
        for (const [i, v] of steps) {
          list.add(i, v);
          model[i] = BigInt.asIntN(64, model[i]! + BigInt(v));
        }
        expect(Array.from(list.finish(), BigInt)).toEqual(model);
      }),
    );
  });

  it('grows when it is wide as well', () => {
    const values = Array.from({ length: 500 }, (_, i) => 2n ** 62n - BigInt(i));
    expect([...make(...values).finish()]).toEqual(values);
  });
});
