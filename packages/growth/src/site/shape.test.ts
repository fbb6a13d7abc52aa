import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growthShape, loadExplains, type Shape } from './shape.js';

const even = (n: number) => Array.from({ length: n }, (_, i) => i * 10);
const shapeOf = (values: readonly number[], sd = 1, times = even(values.length)) =>
  growthShape({ times, values, sd: () => sd });

describe('growthShape', () => {
  it.each<[string, Shape, number[], number[]?]>([
    ['a line', 'straight', [5, 15, 25, 35, 45, 55]],
    ['a line seen at odd times', 'straight', [0, 3, 40, 45, 100], [0, 3, 40, 45, 100]],
    ['a line with a look right behind the first', 'straight', [0, 1, 50, 100], [0, 1, 50, 100]],
    ['a line with small steps back', 'straight', [0, 22, 20, 42, 40, 60, 80]],
    ['three looks of a line', 'straight', [0, 50, 100]],
    ['a square root', 'bending', [0, 100, 141, 173, 200, 224]],
    ['a square', 'accelerating', [0, 10, 40, 90, 160, 250]],
    ['a square at odd times', 'accelerating', [0, 9, 100, 400, 900], [0, 3, 10, 20, 30]],
    ['a cache that filled', 'plateau', [0, 60, 100, 100, 100, 100]],
    ['a cache that filled, seen at odd times', 'plateau', [0, 50, 100, 100, 100], [0, 5, 10, 60, 90]],
    ['a load at once', 'step', [10, 10, 210, 210, 211, 210]],
    ['a fall and rise', 'wavering', [0, 100, 10, 120]],
    ['constant', 'flat', [7, 7, 7, 7]],
    ['down by less than noise', 'flat', [100, 99, 98]],
    ['down', 'shrinking', [300, 200, 100]],
    ['down, two looks', 'shrinking', [300, 100]],
    ['up, two looks', 'too-few', [100, 300]],
    ['one look', 'too-few', [100]],
  ])('%s', (_, shape, values, times) => expect(shapeOf(values, 1, times).shape).toBe(shape));

  it('noise takes away every claim but growth itself', () => {
    for (const values of [
      [0, 100, 141, 173, 200, 224],
      [0, 10, 40, 90, 160, 250],
      [0, 100, 10, 120],
    ]) {
      expect(shapeOf(values, 1).shape).not.toBe('straight');
      expect(shapeOf(values, 500).shape).toBe('straight');
    }
  });

  it('does not depend on the units of time and value, nor on where they start', () => {
    const any = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(any, fc.constantFrom(0.5, 8, 1024), fc.integer({ min: 0, max: 1 << 20 }), (values, scale, start) => {
        const times = even(values.length);
        const plain = growthShape({ times, values, sd: () => 4 });
        const other = growthShape({
          times: times.map((t) => t * scale + start),
          values: values.map((v) => v * scale + start),
          sd: () => 4 * scale,
        });
        expect(other.shape).toBe(plain.shape);
        expect(other.fallShare).toBeCloseTo(plain.fallShare, 9);
        expect(other.levelFor / scale).toBeCloseTo(plain.levelFor, 6);
      }),
    );
  });

  it('tells by numbers too: increments, how much later, how deep it fell, how long it is level', () => {
    expect(shapeOf([0, 10, 20, 50, 80])).toMatchObject({ increments: [10, 10, 30, 30], lateToEarly: 3 });
    expect(shapeOf([0, 60, 30, 100]).fallShare).toBeCloseTo(0.3, 12);
    expect(shapeOf([0, 60, 100, 100, 100]).levelFor).toBe(20);
    expect(shapeOf([0, 0, 0, 50, 100]).lateToEarly).toBeNull();
  });
});

describe('loadExplains', () => {
  it.each([
    ['both doubled', [10, 20], [1, 2], true],
    ['live a little more than the load', [10, 22], [1, 2], true],
    ['live much more than the load', [10, 40], [1, 2], false],
    ['a steady load', [10, 20], [1, 1.05], false],
    ['a falling load', [10, 20], [2, 1], false],
    ['nothing before', [0, 20], [1, 2], false],
    ['no load before', [10, 20], [0, 2], false],
    ['a falling heap under more load', [20, 10], [1, 2], true],
  ] as const)('%s', (_, inuse, allocRate, expected) => expect(loadExplains({ inuse, allocRate })).toBe(expected));
});

describe('whatever the series is', () => {
  const looks = fc
    .array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: -1000, max: 1_000_000 })), { maxLength: 12 })
    .map((steps) => {
      let time = 0;
      return steps.map(([wait, value]) => {
        // Two looks at one time happen: clocks have steps, and files may have one date.
        time += wait;
        return { time, value };
      });
    });
  const read = (all: readonly { time: number; value: number }[], noise: number) =>
    growthShape({ times: all.map((l) => l.time), values: all.map((l) => l.value), sd: () => noise });

  it('there is an answer, and its numbers are numbers', () => {
    fc.assert(
      fc.property(looks, fc.constantFrom(0, 1, 1000), (all, noise) => {
        const { lateToEarly, fallShare, levelFor, increments } = read(all, noise);
        if (lateToEarly !== null) expect(Number.isFinite(lateToEarly)).toBe(true);
        expect(Number.isFinite(fallShare) && fallShare >= 0).toBe(true);
        expect(levelFor).toBeGreaterThanOrEqual(0);
        expect(increments).toHaveLength(Math.max(0, all.length - 1));
      }),
      { numRuns: 500, examples: [[[0, 0, 0, 0].map((time, i) => ({ time, value: i })), 0]] },
    );
  });

  it('it does not depend on the unit of time or of value, nor on what was there before', () => {
    fc.assert(
      fc.property(looks, fc.constantFrom(2, 1024), fc.constantFrom(4, 3600), (all, bytes, seconds) => {
        const one = read(all, 10);
        const other = read(
          all.map(({ time, value }) => ({ time: 4096 + time * seconds, value: (value + 4096) * bytes })),
          10 * bytes,
        );
        expect(other.shape).toBe(one.shape);
      }),
      { numRuns: 300 },
    );
  });

  it('more noise never makes a shape out of a line', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 12 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.constantFrom(0, 1, 100),
        (n, slope, noise) => {
          const line = Array.from({ length: n }, (_, i) => ({ time: i, value: i * slope }));
          expect(read(line, noise).shape).toBe('straight');
        },
      ),
    );
  });
});
