import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rows, tm } from '../test/support.js';
import { ProfileBuilder } from './builder.js';
import { assertCompatible, mergeProfiles, ProfileMerger } from './merge.js';
import type { Mapping, Profile } from './profile.js';
import { parseTextProfile } from './text-columns.js';

const text = (...lines: string[]) => parseTextProfile(['v/count', ...lines].join('\n'));
const sum = (...profiles: Profile[]) => rows(mergeProfiles(profiles));

describe('mergeProfiles', () => {
  it.each<[string, string[], string[], string[]]>([
    ['equal stacks', ['1 a;b'], ['2 a;b'], ['3 | b a']],
    ['equal stacks of one profile', ['1 a', '2 a'], ['4 a'], ['7 | a']],
    ['other stacks', ['1 a;b'], ['2 b;a', '3 a'], ['1 | b a', '2 | a b', '3 | a']],
    ['equal labels in another order', ['1 a k=v n=#5'], ['2 a n=#5 k=v'], ['3 | a | k=v n=#5']],
    ['other labels', ['1 a k=v'], ['2 a k=w', '3 a'], ['1 | a | k=v', '2 | a | k=w', '3 | a']],
    ['numbers with other units', ['1 a n=#5'], ['2 a n=#5bytes'], ['1 | a | n=#5', '2 | a | n=#5bytes']],
    ['a text and a number that look alike', ['1 a n=5'], ['2 a n=#5'], ['1 | a | n=5', '2 | a | n=#5']],
    ['lines that differ', ['1 a@x.go:1'], ['2 a@x.go:2'], ['1 | a@x.go:1', '2 | a@x.go:2']],
    ['files that differ', ['1 a@x.go:1'], ['2 a@y.go:1'], ['1 | a@x.go:1', '2 | a@y.go:1']],
    ['what cancels out', ['5 a', '1 b'], ['-5 a'], ['1 | b']],
    ['zero values', ['0 a', '1 b'], ['0 c'], ['1 | b']],
    ['empty stacks', ['1 -'], ['2 -'], ['3']],
    ['sums beyond 2^53', ['9007199254740991 a'], ['9007199254740990 a'], ['18014398509481981 | a']],
    ['sums that wrap around', ['9223372036854775807 a'], ['1 a'], ['-9223372036854775808 | a']],
  ])('adds %s', (_, a, b, expected) => {
    expect(sum(text(...a), text(...b))).toEqual(expected);
  });

  it('widens in the middle of a sample', () => {
    const p = parseTextProfile('a/count b/count c/count\n1 9007199254740991 3 f');
    expect(sum(p, p)).toEqual(['2 18014398509481982 6 | f']);
  });

  it('drops the symbols of what cancelled out', () => {
    const p = mergeProfiles([text('5 a;b', '1 c'), text('-5 a;b')]);
    expect([p.locationCount, p.functionCount]).toEqual([1, 1]);
  });

  it('numbers what it keeps by first appearance', () => {
    const p = mergeProfiles([text('1 x;y'), text('1 z;y')]);
    expect(Array.from({ length: p.functionCount }, (_, f) => p.functionName(f))).toEqual(['y', 'x', 'z']);
    expect(p.locationIds).toBeNull();
  });

  it('adds any rows up as a table of sums does', () => {
    const row = fc.tuple(
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom('a', 'b', 'b a', 'c b a'),
      fc.constantFrom('', 'k=v', 'n=#1', 'n=#70000'),
    );
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 8 }), { minLength: 1, maxLength: 4 }), (lists) => {
        const table = new Map<string, number>();
        for (const [value, stack, label] of lists.flat()) {
          const key = [stack, label].join(' | ').replace(/ \| $/, '');
          table.set(key, (table.get(key) ?? 0) + value);
        }
        const expected = [...table].filter(([, v]) => v !== 0).map(([key, v]) => `${v} | ${key}`);
        // Locations are equal by address too: a first row, which is dropped as zero, gives all profiles the same ones.
        const profiles = lists.map((list) =>
          text('0 a;b;c', ...list.map(([v, s, l]) => `${v} ${s.split(' ').reverse().join(';')} ${l}`)),
        );
        expect(sum(...profiles).sort()).toEqual(expected.sort());
      }),
    );
  });
});

describe('the header of a sum', () => {
  const head = (changes: Partial<Profile>) => text('1 a').with(changes);

  it('has the earliest time, all durations, the largest period, every comment once', () => {
    const p = mergeProfiles([
      head({ timeNanos: 50n, durationNanos: 3n, period: 7n, comments: ['x', 'y'] }),
      head({
        timeNanos: 20n,
        durationNanos: 4n,
        period: 9n,
        comments: ['y', 'z'],
        docUrl: 'u',
        defaultSampleType: 'v',
      }),
      head({ timeNanos: 90n, durationNanos: 5n, period: 1n, docUrl: 'other' }),
    ]);
    expect(p).toMatchObject({ timeNanos: 20n, durationNanos: 12n, period: 9n, comments: ['x', 'y', 'z'] });
    expect(p).toMatchObject({ docUrl: 'u', defaultSampleType: 'v', form: 'proto' });
  });

  it('keeps the frames to drop and the kind of the first', () => {
    const first = head({ dropFrames: 'd', keepFrames: 'k', declaredKind: 'mutex' });
    expect(mergeProfiles([first, head({})])).toMatchObject({ dropFrames: 'd', keepFrames: 'k', declaredKind: 'mutex' });
  });
});

describe('mappings', () => {
  const mapped = (address: bigint, m: Partial<Mapping>) => {
    const b = new ProfileBuilder('proto');
    b.sampleTypes = [{ type: 'v', unit: 'count' }];
    const [base] = text('1 a').mappings;
    b.mappings = [{ ...base!, ...m }];
    b.addSample([b.addLocation(address, [], 1)], [1]);
    return b.build();
  };
  const one = mapped(0x400010n, {});

  it.each<[string, Profile, number, number]>([
    ['the same', one, 1, 1],
    ['loaded elsewhere', mapped(0x900010n, { start: 0x900000n, limit: 0xd00000n }), 1, 1],
    ['loaded elsewhere, at another place in it', mapped(0x900020n, { start: 0x900000n, limit: 0xd00000n }), 1, 2],
    ['of a size that fills as many pages', mapped(0x400010n, { limit: 0x7fffffn }), 1, 1],
    ['of one page less', mapped(0x400010n, { limit: 0x7ff000n }), 2, 2],
    ['of another file', mapped(0x400010n, { file: '/bin/other' }), 2, 2],
    ['of another build', mapped(0x400010n, { buildId: 'b' }), 2, 2],
    ['of another offset', mapped(0x400010n, { offset: 0x1000n }), 2, 2],
  ])('are joined by content: %s', (_, other, mappings, locations) => {
    const p = mergeProfiles([one, other]);
    expect([p.mappings.length, p.locationCount]).toEqual([mappings, locations]);
    expect(p.mappings.map((m) => m.id)).toEqual(p.mappings.map((_m, i) => BigInt(i + 1)));
  });
});

describe('what cannot be merged', () => {
  it.each<[string, Profile]>([
    ['another type', parseTextProfile('w/count\n1 a').with({ periodType: text('1 a').periodType })],
    ['another unit', text('1 a').with({ sampleTypes: [{ type: 'v', unit: 'bytes' }] })],
    ['more types', text('1 a').with({ sampleTypes: [...text('1 a').sampleTypes, { type: 'w', unit: 'count' }] })],
    ['another period type', text('1 a').with({ periodType: { type: 'x', unit: 'count' } })],
  ])('is %s', (_, other) => {
    expect(() => mergeProfiles([text('1 a'), other])).toThrow(tm('TM_WRONG_PROFILE_TYPE'));
    expect(() => assertCompatible(other, text('1 a'))).toThrow(tm('TM_WRONG_PROFILE_TYPE'));
  });

  it('is nothing at all', () => {
    expect(() => mergeProfiles([])).toThrow(tm('TM_USAGE'));
    expect(() => new ProfileMerger().finish()).toThrow(tm('TM_USAGE'));
  });
});
