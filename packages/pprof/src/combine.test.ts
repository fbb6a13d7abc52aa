import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProfile } from '../test/arbitrary.js';
import { rows, tm, types } from '../test/support.js';
import { combineProfiles, combineSources, markBase } from './combine.js';
import { encodeProfile } from './encode.js';
import { decodeProto, openProto } from './formats/proto.js';
import type { Profile } from './profile.js';
import { parseTextProfile } from './text-columns.js';

const text = (...lines: string[]) => parseTextProfile(lines.join('\n'));
/** The same with a period type that all have, which real profiles of one kind do. */
const plain = (...lines: string[]) => text(...lines).with({ periodType: { type: 'p', unit: '' } });

describe('combineProfiles', () => {
  it('leaves one profile alone as it is, zeros and ids and all', () => {
    const p = decodeProto(encodeProfile(text('v/count', '0 a', '1 b', '2 b')));
    expect(combineProfiles([p])).toBe(p);
  });

  it.each<[string, Profile[], string, string[]]>([
    ['equal types', [plain('a b', '1 2 f'), plain('a b', '3 4 f')], 'a/count b/count', ['4 6 | f']],
    ['types in another order', [plain('a b', '1 2 f'), plain('b a', '4 3 f')], 'a/count b/count', ['4 6 | f']],
    [
      'the types that all have, in the order of the first',
      [plain('c a b', '9 1 2 f'), plain('b x a', '4 8 3 f')],
      'a/count b/count',
      ['4 6 | f'],
    ],
    [
      'the one type that three have',
      [plain('a b', '1 2 f'), plain('b', '4 f'), plain('c b', '9 3 f')],
      'b/count',
      ['9 | f'],
    ],
    ['bytes and kilobytes, in bytes', [plain('s/kilobytes', '2 f'), plain('s/bytes', '5 f')], 's/bytes', ['2053 | f']],
    [
      'whichever has the finer unit',
      [plain('s/bytes', '5 f'), plain('s/megabytes', '1 f')],
      's/bytes',
      ['1048581 | f'],
    ],
    ['the finest of three', [plain('d/s', '1 f'), plain('d/us', '1 f'), plain('d/ms', '1 f')], 'd/us', ['1001001 | f']],
    [
      'units that mean the same by another name',
      [plain('s/bytes', '5 f'), plain('s/byte', '6 f')],
      's/bytes',
      ['11 | f'],
    ],
    [
      'units nobody knows, when they are equal',
      [plain('s/widgets', '5 f'), plain('s/widgets', '6 f')],
      's/widgets',
      ['11 | f'],
    ],
    // The label says how large an object is, whatever the columns are in.
    [
      'labels as they were',
      [plain('s/kilobytes', '1 f bytes=#7bytes'), plain('s/bytes', '1 f bytes=#7bytes')],
      's/bytes',
      ['1025 | f | bytes=#7bytes'],
    ],
    [
      'nothing that the unit made zero',
      [plain('s/kilobytes', '0 f', '1 g'), plain('s/bytes', '0 f', '5 g')],
      's/bytes',
      ['1029 | g'],
    ],
  ])('adds up %s', (_, profiles, expectedTypes, expected) => {
    const sum = combineProfiles(profiles);
    expect([types(sum), rows(sum)]).toEqual([expectedTypes, expected]);
  });

  it.each<[string, string[], string, string]>([
    ['stays while its type does', ['a b', 'b a'], 'b', 'b'],
    ['becomes the first common type when its own is gone', ['a b c', 'c a'], 'b', 'a'],
  ])('the default type %s', (_, [first, second], before, after) => {
    const one = plain(first!).with({ defaultSampleType: before });
    expect(combineProfiles([one, plain(second!)]).defaultSampleType).toBe(after);
  });

  it('scales the period with its unit', () => {
    const of = (period: bigint, unit: string) => text('v', '1 f').with({ period, periodType: { type: 'cpu', unit } });
    const sum = combineProfiles([of(10n, 'milliseconds'), of(2_000_000n, 'nanoseconds')]);
    expect([sum.period, sum.periodType]).toEqual([10_000_000n, { type: 'cpu', unit: 'nanoseconds' }]);
  });

  it.each<[string, Profile[]]>([
    ['no type in common', [plain('a', '1 f'), plain('b', '1 f')]],
    ['one type in units of other families', [plain('a/bytes', '1 f'), plain('a/ns', '1 f')]],
    ['one type in units that nobody knows', [plain('a/x', '1 f'), plain('a/y', '1 f')]],
    ['other period types', [text('a', '1 f'), text('a', '1 f').with({ periodType: { type: 'other', unit: 'count' } })]],
  ])('refuses %s', (_, profiles) => {
    expect(() => combineProfiles(profiles)).toThrow(tm('TM_WRONG_PROFILE_TYPE'));
  });

  it('changes none of its parts', () => {
    const parts = [plain('c a', '9 1 f'), plain('a/count', '4 f')];
    combineProfiles(parts);
    expect(parts.map((p) => [types(p), rows(p)])).toEqual([
      ['c/count a/count', ['9 1 | f']],
      ['a/count', ['4 | f']],
    ]);
  });
});

describe('combineSources', () => {
  const many = (count: number) => {
    const loads: number[] = [];
    const sum = combineSources(count, (i) => {
      loads.push(i);
      return text('v', `1 f${i % 3}`, `${i} g`);
    });
    return { loads, sum };
  };

  it.each([1, 2, 127, 128, 129, 256, 257, 300])('adds up %i sources, each loaded once and in order', (count) => {
    const { loads, sum } = many(count);
    expect(loads).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(sum.sum(0)).toBe(count + (count * (count - 1)) / 2);
  });

  it('loads a chunk again when a profile in it does not fit, and makes it fit', () => {
    const loads: number[] = [];
    const units = ['bytes', 'bytes', 'kilobytes'];
    const sum = combineSources(3, (i) => {
      loads.push(i);
      return plain(`s/${units[i]}`, '1 f');
    });
    expect([types(sum), rows(sum)]).toEqual(['s/bytes', ['1026 | f']]);
    expect(loads).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('takes two columns of one name for what they are: nothing to be summed by name in one go', () => {
    const twice = (value: number) => plain('v v', `${value} ${value + 1} f`);
    expect(() => combineSources(2, (i) => twice(i))).toThrow(tm('TM_WRONG_PROFILE_TYPE'));
  });

  it('adds up the same from profiles and from their bytes', () => {
    fc.assert(
      fc.property(fc.array(anyProfile(), { minLength: 1, maxLength: 5 }), (profiles) => {
        const bytes = profiles.map(encodeProfile);
        const whole = combineSources(bytes.length, (i) => decodeProto(bytes[i]!));
        const streamed = combineSources(bytes.length, (i) => openProto(bytes[i]!));
        expect([...encodeProfile(streamed)]).toEqual([...encodeProfile(whole)]);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses none', () => expect(() => combineSources(0, () => text('v'))).toThrow(tm('TM_USAGE')));

  it('has the totals of all, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(anyProfile({ bare: true }), { minLength: 2, maxLength: 5 }), (profiles) => {
        const sum = combineSources(profiles.length, (i) => profiles[i]!);
        for (const t of [0, 1]) expect(sum.sum(t)).toBe(profiles.reduce((total, p) => total + p.sum(t), 0));
      }),
      { numRuns: 60 },
    );
  });
});

describe('markBase', () => {
  it('adds its mark to every sample behind its labels', () => {
    const p = markBase(text('v', '1 a k=v n=#5', '2 b'));
    expect(rows(p)).toEqual(['1 | a | k=v n=#5 pprof::base=true', '2 | b | pprof::base=true']);
  });

  it('replaces a text that has the name of the mark, but no number', () => {
    const p = markBase(text('v', '1 a pprof::base=false k=v', '2 b pprof::base=#7'));
    expect(rows(p)).toEqual(['1 | a | k=v pprof::base=true', '2 | b | pprof::base=#7 pprof::base=true']);
  });

  it('marks once, however often', () => {
    const p = text('v', '1 a k=v', '2 b');
    expect(rows(markBase(markBase(p)))).toEqual(rows(markBase(p)));
  });

  it('leaves the profile itself, its values and large numbers alone', () => {
    const p = text('v', '9007199254740993 a n=#1').with({ labelNumbers: BigInt64Array.of(2n ** 60n) });
    const marked = markBase(p);
    expect([marked.labelNumbers[0], marked.values[0]]).toEqual([2n ** 60n, 9007199254740993n]);
    expect(p.labels(0)).toHaveLength(1);
  });

  it('keeps equal stacks of a base and of what it is compared with apart', () => {
    const p = text('v', '1 a');
    expect(rows(combineProfiles([p, markBase(p)]))).toEqual(['1 | a', '1 | a | pprof::base=true']);
  });

  it('survives being written', () => {
    expect(rows(decodeProto(encodeProfile(markBase(text('v', '1 a')))))).toEqual(['1 | a | pprof::base=true']);
  });
});
