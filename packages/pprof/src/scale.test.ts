import { describe, expect, it } from 'vitest';
import { rows, tm } from '../test/support.js';
import { diffProfiles, normaliseTo, scale, scaleColumns, selectSamples } from './scale.js';
import { parseTextProfile } from './text-columns.js';

const two = (...lines: string[]) => parseTextProfile(['n/count b/bytes', ...lines].join('\n'));

describe('scaleColumns', () => {
  it.each<[string, string, number[], string[]]>([
    ['doubles a column', '3 5 a', [1, 2], ['3 10 | a']],
    ['rounds halves up', '1 3 a', [0.5, 0.5], ['1 2 | a']],
    ['rounds halves of negative values down', '-1 -3 a', [0.5, 0.5], ['-1 -2 | a']],
    ['rounds what is less than a half to zero', '1 9 a', [0.4, 1], []],
    ['keeps a sample that has one value left', '1 9 a', [0.4, 0.5], ['0 5 | a']],
    ['drops a sample when nothing that was multiplied stays', '9 0 a', [1, 2], []],
    ['leaves everything alone by one', '0 0 a', [1, 1], ['0 0 | a']],
    ['negates', '2 -3 a', [-1, -1], ['-2 3 | a']],
    ['leaves exact what is not multiplied', '9007199254740993 2 a', [1, 3], ['9007199254740993 6 | a']],
    ['saturates as Go converts', '1 4611686018427387904 a', [1, 4], ['1 -9223372036854775808 | a']],
  ])('%s', (_, line, ratios, expected) => {
    expect(rows(scaleColumns(two(line), ratios))).toEqual(expected);
  });

  it.each([[[]], [[1]], [[1, 1, 1]]])('refuses %j as ratios of two columns', (ratios) => {
    expect(() => scaleColumns(two('1 1 a'), ratios)).toThrow(tm('TM_USAGE'));
  });

  it('makes a new profile', () => {
    const p = two('2 4 a');
    expect(rows(scale(p, 2))).toEqual(['4 8 | a']);
    expect(rows(p)).toEqual(['2 4 | a']);
    expect(scale(p, 1)).toBe(p);
  });
});

describe('selectSamples', () => {
  const p = two('1 10 a;b k=v n=#5', '2 20 a', '3 9007199254740993 c;d;e n=#9007199254740993');

  it.each<[number[], string[]]>([
    [[], []],
    [[0], ['1 10 | b a | k=v n=#5']],
    [
      [1, 2],
      ['2 20 | a', '3 9007199254740993 | e d c | n=#9007199254740992'],
    ],
  ])('keeps %j with their stacks and labels', (kept, expected) => {
    expect(rows(selectSamples(p, (s) => kept.includes(s)))).toEqual(expected);
  });

  it('answers the profile itself when all stay', () => {
    expect(selectSamples(p, () => true)).toBe(p);
  });
});

describe('normaliseTo', () => {
  it('scales every column to the total of the base', () => {
    expect(rows(normaliseTo(two('1 10 a', '3 30 b'), two('8 20 c')))).toEqual(['2 5 | a', '6 15 | b']);
  });

  it('empties a column whose total is zero', () => {
    expect(rows(normaliseTo(two('1 5 a', '1 -5 b'), two('4 9 c')))).toEqual(['2 0 | a', '2 0 | b']);
  });

  it('adds large columns up as int64', () => {
    const big = two('1 9223372036854775807 a', '1 9223372036854775807 b', '1 3 c');
    // 2^63 − 1 twice and 3 are 1 when they wrap around: that is the sum.
    expect(rows(normaliseTo(two('1 1 a'), big))).toEqual(['3 1 | a']);
  });
});

describe('diffProfiles', () => {
  it.each<[string, object, string[]]>([
    ['subtracts stack by stack', {}, ['2 20 | a', '-4 -40 | b', '7 70 | c']],
    ['subtracts a share of the base', { ratios: [0.5, 0.5] }, ['4 40 | a', '-2 -20 | b', '7 70 | c']],
    ['subtracts one column alone', { ratios: [1, 0] }, ['2 60 | a', '7 70 | c', '-4 0 | b']],
  ])('%s', (_, options, expected) => {
    const newer = two('6 60 a', '7 70 c');
    const base = two('4 40 a', '4 40 b');
    expect(rows(diffProfiles(newer, base, options)).sort()).toEqual(expected.sort());
  });

  it('normalises before it subtracts', () => {
    const diff = diffProfiles(two('1 10 a', '3 30 b'), two('6 60 a', '2 20 b'), { normalise: true });
    expect(rows(diff)).toEqual(['-4 -40 | a', '4 40 | b']);
  });

  it('refuses profiles of other types', () => {
    expect(() => diffProfiles(two('1 1 a'), parseTextProfile('n/count\n1 a'))).toThrow(tm('TM_WRONG_PROFILE_TYPE'));
  });
});
