import { describe, expect, it } from 'vitest';
import { hourlyRows } from '../../test/fleet-rows.js';
import { Random } from '../../test/random.js';
import { findDrops } from './drops.js';

const SD = 0.01;
const noisy = (count: number, value: (i: number) => number, seed = 1) => {
  const random = new Random(seed);
  return Float64Array.from({ length: count }, (_, i) => value(i) + SD * random.normal());
};

describe('falls of all pods at once', () => {
  it('are found where a cache is emptied, at their time', () => {
    const rows = hourlyRows(3, 72);
    const rest = noisy(rows.count, (i) => 0.15 * ((rows.atHours[i]! % 24) / 24));
    expect(findDrops(rows, rest, SD ** 2)).toEqual([24, 48]);
  });

  it('are not seen in noise, in what falls slowly, nor in one pod of four', () => {
    const rows = hourlyRows(4, 72);
    for (let seed = 1; seed <= 10; seed++) {
      expect(
        findDrops(
          rows,
          noisy(rows.count, () => 0, seed),
          SD ** 2,
        ),
      ).toEqual([]);
      const day = noisy(rows.count, (i) => 0.1 * Math.sin((rows.atHours[i]! / 24) * 2 * Math.PI), seed);
      expect(findDrops(rows, day, SD ** 2)).toEqual([]);
      const one = noisy(rows.count, (i) => (rows.pod[i] === 2 && rows.atHours[i]! > 40 ? -0.03 : 0), seed);
      expect(findDrops(rows, one, SD ** 2)).toEqual([]);
    }
  });

  it('are not seen where the processes began again', () => {
    const rows = hourlyRows(3, 72, 30);
    const rest = noisy(rows.count, (i) => (rows.atHours[i]! > 30 ? -0.3 : 0));
    expect(findDrops(rows, rest, SD ** 2)).toEqual([]);
  });
});
