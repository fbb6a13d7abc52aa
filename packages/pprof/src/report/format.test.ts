import { describe, expect, it } from 'vitest';
import { basePath, cleanPath, durationText, fixed2, general2, padLeft, timeText } from './go-format.js';
import { shortFunctionName } from './short-name.js';
import { alignRight } from './tab-table.js';
import { percentage, scaledLabel, scaleUnit } from './units.js';

// Expected values are what Go's fmt, path/filepath and time print.
describe('as Go prints', () => {
  it.each([
    [0.125, '0.12'],
    [0.375, '0.38'],
    [2.675, '2.67'],
    [-0.125, '-0.12'],
    [1e21, '1000000000000000000000.00'],
    [1.005, '1.00'],
  ])('%%.2f of %d', (x, text) => expect(fixed2(x)).toBe(text));

  it.each([
    [0, '0'],
    [0.5, '0.5'],
    [0.125, '0.12'],
    [0.0625, '0.062'],
    [0.999, '1'],
    [0.00001234, '1.2e-05'],
    [0.0001234, '0.00012'],
    [123, '1.2e+02'],
  ])('%%.2g of %d', (x, text) => expect(general2(x)).toBe(text));

  it.each([
    ['', '.'],
    ['/a/../b', '/b'],
    ['a//b/./c/..', 'a/b'],
    ['../a', '../a'],
    ['/..', '/'],
    ['/a/b', '/a/b'],
  ])('Clean(%s)', (path, clean) => expect(cleanPath(path)).toBe(clean));

  it('Base, Duration and Time', () => {
    expect([basePath('/a/b.so'), basePath(''), basePath('//'), basePath('a/')]).toEqual(['b.so', '.', '/', 'a']);
    expect([0n, 1n, 1500n, 2500000n, 1500000000n, 3723000000000n].map(durationText)).toEqual([
      '0s',
      '1ns',
      '1.5µs',
      '2.5ms',
      '1.5s',
      '1h2m3s',
    ]);
    expect(timeText(1790000000120000000n).raw).toBe('2026-09-21 14:13:20.12 +0000 UTC');
    expect(timeText(1790000000000000000n, () => ({ offsetMinutes: 120, name: 'CEST' })).header).toBe(
      '2026-09-21 16:13:20 CEST',
    );
    expect(padLeft('µ😀', 4)).toBe('  µ😀');
  });
});

describe('units', () => {
  it.each([
    [2048, 'bytes', 'auto', '2kB'],
    [1536, 'bytes', 'minimum', '1.50kB'],
    [1500, 'ns', 'auto', '1.50us'],
    [7200e9, 'nanoseconds', 'auto', '2hrs'],
    [-2048, 'bytes', 'mb', '0'],
    [0, 'bytes', 'auto', '0'],
    [12, 'count', 'auto', '12'],
    [12, 'widgets', 'widgets', '12widgets'],
    [1024, 'bytes', 'seconds', '1024B'],
  ])('%d %s in %s', (value, from, to, text) => expect(scaledLabel(value, from, to)).toBe(text));

  it('percentages keep two digits', () => {
    expect([
      percentage(1, 3),
      percentage(9996, 10000),
      percentage(1, 3000),
      percentage(5, 0),
      percentage(-1, 2),
    ]).toEqual(['33.33%', '  100%', '0.033%', '    0%', '50.00%']);
    expect(scaleUnit(3, 'gb', 'kb')).toEqual({ value: 3 * 2 ** 20, unit: 'kB' });
  });
});

it.each([
  ['github.com/blah/x/v2/pkg.(*T).Do', 'pkg.(*T).Do'],
  ['com.acme.Shop.run(I)V', 'Shop.run'],
  ['ns::Class::method', 'Class::method'],
  ['(anonymous namespace)::f', 'f'],
  ['main.main', 'main.main'],
])('short name of %s', (name, short) => expect(shortFunctionName(name)).toBe(short));

it('aligns cells that end in a tab to the right', () => {
  expect(alignRight(['key:\t Total', ' \t10:\t a', ' \t2000:\t b', '', 'x:\t y'])).toEqual([
    ' key: Total',
    '        10: a',
    '      2000: b',
    '',
    ' x: y',
  ]);
});
