import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatChange, formatCount, formatPercent, formatValue } from './format.js';
import { shorten, shortFile, splitFunction, visible } from './text.js';

describe('visible', () => {
  it('spells out what is not seen or turns the text around', () => {
    expect(visible('a\u202eb\u0000\u2028é世界🎉')).toBe('a\\u202eb\\u0000\\u2028é世界🎉');
    expect(visible('\ud800x')).toBe('\\ud800x');
  });
});

describe('shorten', () => {
  it('keeps both ends within the limit', () => {
    expect(shorten('abcdefghij', 5)).toBe('ab…ij');
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, limit) => {
        expect(shorten(text, limit).length).toBeLessThanOrEqual(limit);
      }),
    );
  });
});

describe('splitFunction', () => {
  it.each([
    ['main.main', '', 'main.main'],
    ['github.com/a/b/cache.(*T).F', 'github.com/a/b/', 'cache.(*T).F'],
    ['github.com/a/b.F[github.com/x/y.T]', 'github.com/a/', 'b.F[github.com/x/y.T]'],
    ['', '', ''],
  ])('%s', (name, path, local) => expect(splitFunction(name)).toEqual([path, local]));
});

describe('shortFile', () => {
  it('keeps the end of a path', () => {
    expect(shortFile('/home/ci/src/shop/internal/cache/cache.go')).toBe('internal/cache/cache.go');
    expect(shortFile('main.go')).toBe('main.go');
  });
});

describe('numbers that are none', () => {
  it('read as unknown', () => {
    for (const value of [null, undefined, Number.NaN, Infinity]) {
      expect(formatValue(value, 'bytes')).toBe('–');
      expect(formatChange(value, 'goroutines')).toBe('–');
    }
    expect(formatValue(8.64e15 * 2, 'timestamp-ms')).toBe('–');
  });
  it('and the others with their sign and unit', () => {
    expect(formatChange(-1024 * 1024, 'bytes')).toBe('−1 MiB');
    expect(formatChange(1200, 'goroutines')).toBe('+1,200');
    expect(formatChange(0, 'bytes')).toBe('±0');
    expect(formatCount(2 ** 63)).toBe('9.2e+18');
    expect(formatCount(12_345_678)).toBe('12.3 M');
    expect(formatPercent(0.0001)).toBe('< 0.1 %');
  });
});
