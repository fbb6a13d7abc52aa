import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Field, message, packed, rows, tm, types } from '../../test/support.js';
import { encodeProfile } from '../encode.js';
import { decodeProto } from './proto.js';

/** Indexes into STRINGS, which is the string table of the messages below. */
const STRINGS = [
  '',
  'samples',
  'count',
  'main.main',
  'main.go',
  'main.inlined',
  'key',
  'text',
  'bytes',
  '/bin/x',
  'id',
];
const S = Object.fromEntries(STRINGS.map((s, i) => [s, i])) as Record<string, number>;
const table: Field[] = STRINGS.map((s) => [6, s]);
const type: Field = [
  1,
  [
    [1, S['samples']!],
    [2, S['count']!],
  ],
];
const fn = (id: number | bigint, name = S['main.main']!): Field => [
  5,
  [
    [1, id],
    [2, name],
    [4, S['main.go']!],
  ],
];
const location = (id: number | bigint, ...more: Field[]): Field => [4, [[1, id], ...more]];
const line = (id: number | bigint, number: number | bigint): Field => [
  4,
  [
    [1, id],
    [2, number],
  ],
];
const sample = (locations: (number | bigint)[], value: number | bigint, ...more: Field[]): Field => [
  2,
  [[1, packed(...locations)], [2, packed(value)], ...more],
];
const decode = (...fields: Field[]) => decodeProto(message(...fields));

const WHOLE: Field[] = [
  type,
  sample(
    [1, 2],
    5,
    [
      3,
      [
        [1, S['key']!],
        [2, S['text']!],
      ],
    ],
    [
      3,
      [
        [1, S['bytes']!],
        [3, 64],
        [4, S['bytes']!],
      ],
    ],
  ),
  sample([2], -3),
  [
    3,
    [
      [1, 1],
      [2, 0x400000],
      [3, 0x500000],
      [4, 0x1000],
      [5, S['/bin/x']!],
      [6, S['id']!],
      [7, 1],
      [9, 1],
    ],
  ],
  location(1, [2, 1], [3, 0x400010], line(2, 7), line(1, 9)),
  location(2, [2, 1], [3, 0x400020], line(1, 11), [5, 1]),
  fn(1),
  fn(2, S['main.inlined']!),
  ...table,
  [7, S['key']!],
  [8, S['text']!],
  [9, 1_700_000_000_000_000_001n],
  [10, 30_000_000_000],
  [
    11,
    [
      [1, S['bytes']!],
      [2, S['count']!],
    ],
  ],
  [12, 524288],
  [13, S['text']!],
  [13, packed(S['key']!, S['id']!)],
  [14, S['samples']!],
  [15, S['main.go']!],
];

describe('decodeProto', () => {
  it('reads every field', () => {
    const p = decode(...WHOLE);
    expect(types(p)).toBe('samples/count');
    expect(rows(p)).toEqual([
      '5 | +main.inlined@main.go:7 main.main@main.go:9 main.main@main.go:11 | key=text bytes=#64bytes',
      '-3 | main.main@main.go:11',
    ]);
    expect(p.mappings).toEqual([
      {
        id: 1n,
        start: 0x400000n,
        limit: 0x500000n,
        offset: 0x1000n,
        file: '/bin/x',
        buildId: 'id',
        hasFunctions: true,
        hasFilenames: false,
        hasLineNumbers: true,
        hasInlineFrames: false,
      },
    ]);
    expect([...p.locationFolded]).toEqual([0, 1]);
    expect([...p.locationAddresses]).toEqual([0x400010n, 0x400020n]);
    expect(p).toMatchObject({
      form: 'proto',
      dropFrames: 'key',
      keepFrames: 'text',
      timeNanos: 1_700_000_000_000_000_001n,
      durationNanos: 30_000_000_000n,
      periodType: { type: 'bytes', unit: 'count' },
      period: 524288n,
      comments: ['text', 'key', 'id'],
      defaultSampleType: 'samples',
      docUrl: 'main.go',
      locationIds: null,
      functionIds: null,
    });
  });

  it('does not mind the order of the messages', () => {
    // The string table has to keep its own order, and a sample type says nothing about the place of samples.
    const sorted = [...WHOLE].sort(([a], [b]) => b - a);
    expect(rows(decode(...sorted))).toEqual(rows(decode(...WHOLE)));
  });

  it('ignores fields that it does not know, at every level', () => {
    const unknown: Field[] = [
      [99, 7],
      [1000, 'text'],
    ];
    const p = decode(
      [1, [...unknown, [1, S['samples']!]]],
      [2, [...unknown, [1, 1], [2, 4], [3, [...unknown, [1, S['key']!], [2, S['text']!]]]]],
      [3, [...unknown, [1, 1]]],
      [4, [...unknown, [1, 1], [4, [...unknown, [1, 1], [2, 3], [3, 12]]]]],
      [5, [...unknown, [1, 1], [2, S['main.main']!]]],
      ...table,
      ...unknown,
    );
    expect(rows(p)).toEqual(['4 | main.main | key=text']);
    expect([...p.lineColumns]).toEqual([12]);
  });

  it.each<[string, (number | bigint)[], bigint[] | null]>([
    ['in order', [1, 2, 3], null],
    ['with gaps', [10, 5, 1000], [10n, 5n, 1000n]],
    ['in two, three and four bytes', [200, 20_000, 3_000_000], [200n, 20_000n, 3_000_000n]],
    ['at the edge of 31 bits', [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1], [2n ** 31n - 1n, 2n ** 31n, 2n ** 31n + 1n]],
    ['of 64 bits', [2n ** 64n - 1n, 2n ** 32n, 1], [2n ** 64n - 1n, 2n ** 32n, 1n]],
  ])('keeps ids %s', (_, ids, kept) => {
    const p = decode(
      type,
      ...ids.map((id, i) => sample([id, ids[0]!], i + 1)),
      ...ids.map((id, i) => location(id, line(id, i + 1))),
      ...ids.map((id) => fn(id)),
      ...table,
    );
    expect(p.locationIds && [...p.locationIds]).toEqual(kept);
    expect(p.functionIds && [...p.functionIds]).toEqual(kept);
    expect(rows(p)).toEqual([1, 2, 3].map((n) => `${n} | main.main@main.go:${n} main.main@main.go:1`));
    expect(rows(decodeProto(encodeProfile(p)))).toEqual(rows(p));
  });

  it('reads numbers one by one as well as packed', () => {
    const p = decode(
      type,
      type,
      [
        2,
        [
          [1, 2],
          [2, 8],
          [1, 1],
          [2, -9],
        ],
      ],
      location(1),
      location(2),
      ...table,
    );
    expect([...p.values]).toEqual([8, -9]);
    expect([...p.stackLocations]).toEqual([1, 0]);
  });

  it.each<[string, (number | bigint)[], boolean]>([
    ['zero and negative ones', [0, -1, -5], false],
    ['those just within a double', [2n ** 53n - 1n, -(2n ** 53n) + 1n, 1], false],
    ['2^53 behind small ones', [1, -2, 2n ** 53n], true],
    ['−2^53 before small ones', [-(2n ** 53n), 1, -2], true],
    ['the ends of int64', [2n ** 63n - 1n, -(2n ** 63n), 0], true],
  ])('keeps values and label numbers exactly: %s', (_, values, wide) => {
    const label = (v: number | bigint): Field => [
      3,
      [
        [1, S['key']!],
        [3, v],
        [4, S['count']!],
      ],
    ];
    const p = decode(type, ...values.map((v) => sample([], v, label(v))), ...table);
    for (const column of [p.values, p.labelNumbers]) {
      expect(Array.from(column, BigInt)).toEqual(values.map(BigInt));
      expect(column instanceof BigInt64Array).toBe(wide);
    }
  });

  it.each<[string, Field[], string]>([
    [
      'a text',
      [
        [1, S['key']!],
        [2, S['text']!],
      ],
      'key=text',
    ],
    [
      'a text, which wins over a number',
      [
        [1, S['key']!],
        [2, S['text']!],
        [3, 5],
        [4, S['bytes']!],
      ],
      'key=text',
    ],
    [
      'a number',
      [
        [1, S['bytes']!],
        [3, 5],
      ],
      'bytes=#5',
    ],
    [
      'zero with a unit',
      [
        [1, S['key']!],
        [3, 0],
        [4, S['bytes']!],
      ],
      'key=#0bytes',
    ],
    [
      'a negative number',
      [
        [1, S['key']!],
        [3, -5],
        [4, S['bytes']!],
      ],
      'key=#-5bytes',
    ],
  ])('reads a label of %s', (_, fields, label) => {
    expect(rows(decode(type, sample([], 1, [3, fields]), ...table))).toEqual([`1 |  | ${label}`]);
  });

  it('drops a label that says nothing', () => {
    expect(rows(decode(type, sample([], 1, [3, [[1, S['key']!]]]), ...table))).toEqual(['1']);
  });

  it('takes a location of a mapping that is not there for one without a mapping', () => {
    const p = decode(type, sample([1, 2], 1), [3, [[1, 7]]], location(1, [2, 7]), location(2, [2, 8]), ...table);
    expect([...p.locationMappings]).toEqual([1, 0]);
  });

  it('reads a profile of nothing but strings', () => {
    const p = decode([6, '']);
    expect([p.sampleCount, p.sampleTypes, p.locationCount, p.mappings]).toEqual([0, [], 0, []]);
  });

  it.each<[string, Field[]]>([
    ['no strings', [type]],
    ['a first string that is not empty', [type, [6, 'x']]],
    ['samples without types', [sample([], 1), ...table]],
    ['too few values', [type, type, sample([], 1), ...table]],
    ['too many packed values', [type, [2, [[2, packed(1, 2)]]], ...table]],
    [
      'too many single values',
      [
        type,
        [
          2,
          [
            [2, 1],
            [2, 2],
          ],
        ],
        ...table,
      ],
    ],
    ['a location with id 0', [type, location(0, [3, 5]), ...table]],
    ['two locations with one id', [type, location(3), location(3), ...table]],
    ['a function with id 0', [fn(0), ...table]],
    ['two functions with one id', [fn(5), fn(5), ...table]],
    ['two mappings with one id', [[3, [[1, 2]]], [3, [[1, 2]]], ...table]],
    ['a mapping with id 0', [[3, [[2, 5]]], ...table]],
    ['a sample of a location that is not there', [type, sample([2], 1), location(1), ...table]],
    ['a sample of location 0', [type, sample([0], 1), location(1), ...table]],
    ['a sample of a location in a gap', [type, sample([2], 1), location(1), location(3), ...table]],
    ['a line of a function that is not there', [type, location(1, line(2, 1)), fn(1), ...table]],
    ['a name that is not there', [fn(1, STRINGS.length), ...table]],
    [
      'a name of 2^32 + 1',
      [
        [
          5,
          [
            [1, 1],
            [2, 2n ** 32n + 1n],
          ],
        ],
        ...table,
      ],
    ],
    ['a type that is not there', [[1, [[1, 99]]], ...table]],
    [
      'a label key that is not there',
      [
        type,
        sample([], 1, [
          3,
          [
            [1, 99],
            [3, 1],
          ],
        ]),
        ...table,
      ],
    ],
    ['a comment that is not there', [[13, packed(0, 99)], ...table]],
    ['a second time, as two profiles in one file have', [[9, 5], [9, 6], ...table]],
    ['a sample that is a number', [[2, 5], ...table]],
    ['a time that is a message', [[9, 'x'], ...table]],
    ['a label that is a number', [type, sample([], 1, [3, 5]), ...table]],
    ['a line that is a number', [location(1, [4, 5]), ...table]],
  ])('refuses %s', (_, fields) => {
    expect(() => decode(...fields)).toThrow(tm('TM_PROFILE_CORRUPT'));
  });

  it('answers or refuses what is cut at any byte', () => {
    const bytes = message(...WHOLE);
    const whole = rows(decodeProto(bytes)).join('\n');
    let refused = 0;
    for (let n = 0; n < bytes.length; n++) {
      try {
        // What was read before the cut cannot differ: samples come first, and all that they need has to be there.
        expect(rows(decodeProto(bytes.subarray(0, n))).join('\n')).toBe(whole);
      } catch (error) {
        if (!isTidemarkError(error)) throw error;
        expect(error.code).toBe('TM_PROFILE_CORRUPT');
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length / 2);
  });

  it('reads stacks of any ids and values as they were written', () => {
    const id = fc.oneof(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 2 ** 31 }).map((n) => n * 2),
    );
    const value = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(
        fc.uniqueArray(id, { minLength: 1, maxLength: 8 }),
        fc.array(value, { maxLength: 8 }),
        (ids, values) => {
          const stacks = values.map((_, i) => ids.slice(i % ids.length));
          const p = decode(
            type,
            ...values.map((v, i) => sample(stacks[i]!, v)),
            ...ids.map((n) => location(n)),
            ...table,
          );
          expect(Array.from(p.values, BigInt)).toEqual(values);
          const read = values.map((_, s) =>
            [...p.stackLocations.subarray(p.stackStarts[s]!, p.stackStarts[s + 1]!)].map((l) =>
              Number(p.locationId(l)),
            ),
          );
          expect(read).toEqual(stacks);
        },
      ),
    );
  });
});
