import { describe, expect, it } from 'vitest';
import {
  formatByteRate,
  formatBytes,
  formatChance,
  formatCount,
  formatPercent,
  formatSeconds,
  parseBytes,
  parseDuration,
} from './units.js';

describe('parsing', () => {
  it.each([
    ['0', 0],
    ['512MiB', 512 * 1024 ** 2],
    ['1.5 GiB', 1.5 * 1024 ** 3],
    ['2GB', 2e9],
    ['64k', 65536],
  ])('reads the size %s', (text, bytes) => expect(parseBytes(text, '--limit')).toBe(bytes));

  it.each([
    ['20', 20_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['1.5m', 90_000],
  ])('reads the duration %s', (text, ms) => expect(parseDuration(text, '--for')).toBe(ms));

  it.each(['', 'x', '5 parsecs', '-1s', '1s2', '10s 20q'])('refuses the duration "%s" by the option’s name', (text) =>
    expect(() => parseDuration(text, '--for')).toThrow(/^--for/),
  );
  it.each(['', 'many', '-5MiB', '1e99QB'])('refuses the size "%s"', (text) =>
    expect(() => parseBytes(text, '--limit')).toThrow(/^--limit/),
  );
});

describe('printing', () => {
  it.each([
    [0, '0 B'],
    [1023, '1 KiB'],
    [60_817_408, '58 MiB'],
    [3.4 * 1024 ** 3, '3.4 GiB'],
    [-1536, '-1.5 KiB'],
    [Number.NaN, '?'],
  ])('%d bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('prints counts, rates, times, shares and chances as somebody would say them', () => {
    expect(formatCount(1414)).toBe('1,414');
    expect(formatCount(1234567.2)).toBe('1,234,567');
    expect(formatByteRate(1024 ** 2)).toBe('3.5 GiB/h');
    expect([0.25, 45, 840, 12_600, 777_600].map(formatSeconds)).toEqual([
      '250 ms',
      '45 s',
      '14 min',
      '3.5 h',
      '9 days',
    ]);
    expect([0.0312, 0.5, 1, 0].map(formatPercent)).toEqual(['3.1 %', '50 %', '100 %', '0 %']);
    expect([1e-12, 2e-5, 0.0341, 0.5].map(formatChance)).toEqual(['< 1e-9', '2e-5', '0.0341', '0.50']);
  });
});
