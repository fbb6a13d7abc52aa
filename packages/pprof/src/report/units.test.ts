import { describe, expect, it } from 'vitest';
import { percentage, sameUnitFamily, scaledLabel } from './units.js';

describe('scaledLabel', () => {
  it.each([
    // The largest unit in which the value is at least 1.
    [1023, 'bytes', 'auto', '1023B'],
    [1024, 'bytes', 'auto', '1kB'],
    [1024 ** 2 - 1, 'bytes', 'auto', '1024kB'],
    [1024 ** 5 * 2048, 'bytes', 'auto', '2048PB'],
    [999, 'ns', 'auto', '999ns'],
    [59e9, 'ns', 'auto', '59s'],
    [3599e9, 'ns', 'auto', '3599s'],
    [3600e9, 'ns', 'auto', '1hrs'],
    [1, 'gcu', 'auto', '1GCU'],
    [2500, 'milligcus', 'auto', '2.50GCU'],
    // Names are taken in any case, in the plural, and in the short forms.
    [1, 'Kilobytes', 'b', '1024B'],
    [1, 'MByte', 'kb', '1024kB'],
    [2, 'microseconds', 'ns', '2000ns'],
    [90, 'sec', 'hour', '0.03hrs'],
    // Another family's unit means the own family's plain one.
    [1500, 'ms', 'bytes', '1.50s'],
    [1, 'kb', 'gcu', '1024B'],
    // What is not known is left as it is, with the name that was asked for.
    [3, 'count', 'count', '3'],
    [3, 'goroutines', 'minimum', '3'],
    [3, 'goroutines', 'kb', '3kb'],
    // Signs scale as their amounts do; what rounds to nothing has no unit.
    [-1536, 'bytes', 'auto', '-1.50kB'],
    [-(2 ** 63), 'bytes', 'kb', '-9007199254740992kB'],
    // The smallest int64 alone has no positive twin to scale by; its neighbour has.
    [-(2n ** 63n), 'bytes', 'auto', '-9223372036854775808B'],
    [-(2n ** 63n) + 1n, 'bytes', 'auto', '-8192PB'],
    [5, 'bytes', 'mb', '0'],
    [-5, 'bytes', 'mb', '0'],
    [2n ** 63n - 1n, 'bytes', 'pb', '8192PB'],
  ] as const)('%d %s in %s', (value, from, to, text) => expect(scaledLabel(value, from, to)).toBe(text));
});

describe('percentage', () => {
  it.each([
    [0, 7, '    0%'],
    [7, 0, '    0%'],
    [1, 1, '  100%'],
    [-1, 1, '  100%'],
    [99_949, 100_000, '99.95%'],
    [99_950, 100_000, '  100%'],
    [100_050, 100_000, '  100%'],
    [100_060, 100_000, '100.06%'],
    [3, 1, '300.00%'],
    [1, 100, ' 1.00%'],
    [999, 100_000, '    1%'],
    [99, 10_000, ' 0.99%'],
    [1, 1000, '  0.1%'],
    [1, 1e7, '1e-05%'],
    [-25, -100, '25.00%'],
    [2n ** 62n, 2n ** 63n, '50.00%'],
  ])('%d of %d', (value, total, text) => expect(percentage(value, total)).toBe(text));
});

it.each([
  ['bytes', 'MB', true],
  ['ns', 'hours', true],
  ['bytes', 'ns', false],
  ['count', 'count', false],
])('%s and %s: %s', (a, b, same) => expect(sameUnitFamily(a, b)).toBe(same));
