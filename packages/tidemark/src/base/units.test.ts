import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, parseBytes, parseDuration } from './units.js';

describe('units', () => {
  it.each([
    ['512MiB', 536_870_912],
    ['512Mi', 536_870_912],
    ['1.5 GB', 1_500_000_000],
    ['64k', 65_536],
    ['20000', 20_000],
    ['0', 0],
  ])('reads the size %s', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each(['', 'MiB', '-1', '1XB', '1e400', '99999999999999TB', '0x10'])('refuses the size "%s"', (text) =>
    expect(() => parseBytes(text)).toThrow(/TM_USAGE|no size/),
  );

  it.each([
    ['90s', 90e3],
    ['5m', 300e3],
    ['1h30m', 5400e3],
    ['250ms', 250],
    ['20', 20e3],
    ['1.5s', 1500],
  ])('reads the duration %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', 's', '5x', '-5s', '5 m', '1m-'])('refuses the duration "%s"', (text) =>
    expect(() => parseDuration(text)).toThrow(/no duration/),
  );

  it('prints', () => {
    expect(formatBytes(40_265_318)).toBe('38.4 MiB');
    expect(formatBytes(-2048)).toBe('-2.0 KiB');
    expect(formatBytes(12)).toBe('12 B');
    expect(formatDuration(850)).toBe('850 ms');
    expect(formatDuration(840e3)).toBe('14 min');
    expect(formatDuration(11_520e3)).toBe('3.2 h');
  });
});
