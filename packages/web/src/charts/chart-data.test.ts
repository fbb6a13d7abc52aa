import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanPoints, coneEdges, type Point, thinOut, valueRange } from './chart-data.js';

describe('cleanPoints', () => {
  it('keeps numbers in ascending time, one a moment, whatever it is given', () => {
    expect(cleanPoints([[3, 1], [1, 2], [1, 5], [2, null], [null, 4], 'x', [4, Number.NaN]])).toEqual([
      [1, 2],
      [3, 1],
    ]);
    expect(cleanPoints(undefined)).toEqual([]);
    expect(cleanPoints({ length: 3 })).toEqual([]);
  });
});

describe('thinOut', () => {
  it('keeps the ends, the peak and the trough, in order and within the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 3000 }), (values) => {
        const points = values.map((v, i): Point => [i, v]);
        const thin = thinOut(points, 200);
        expect(thin.length).toBeLessThanOrEqual(204);
        expect(thin[0]).toEqual(points[0]);
        expect(thin.at(-1)).toEqual(points.at(-1));
        expect(Math.max(...thin.map((p) => p[1]))).toBe(Math.max(...values));
        expect(Math.min(...thin.map((p) => p[1]))).toBe(Math.min(...values));
        expect(thin.every((p, i) => i === 0 || p[0] > thin[i - 1]![0])).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('coneEdges', () => {
  it('opens at the start of the growth and is the interval at its end', () => {
    const { low, high } = coneEdges([0, 10, 20, 30], { from: [10, 100], toMs: 30, low: 40, high: 60 });
    expect(low).toEqual([null, 100, 120, 140]);
    expect(high).toEqual([null, 100, 130, 160]);
  });
});

describe('valueRange', () => {
  it('starts at zero when the change can be seen then, and holds every value', () => {
    expect(valueRange([40, 100])[0]).toBe(0);
    expect(valueRange([1000, 1010])[0]).toBeGreaterThan(900);
    expect(valueRange([])).toEqual([0, 1]);
    expect(valueRange([0, 0])).toEqual([0, 1]);
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), { minLength: 1 }), (values) => {
        const [low, high] = valueRange(values);
        expect(low).toBeLessThan(high);
        expect(low).toBeLessThanOrEqual(Math.min(...values));
        expect(high).toBeGreaterThanOrEqual(Math.max(...values));
      }),
    );
  });
});
