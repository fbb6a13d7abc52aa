import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProfile } from '../test/arbitrary.js';
import { tm } from '../test/support.js';
import { ProfileBuilder } from './builder.js';
import { encodeProfile } from './encode.js';
import { decodeProto } from './formats/proto.js';
import type { Profile } from './profile.js';
import { joinSeries, type ProfileSeries } from './series.js';
import { parseTextProfile } from './text-columns.js';

const HEAP = 'inuse_objects/count inuse_space/bytes';
const heap = (...lines: string[]) => parseTextProfile([HEAP, ...lines].join('\n'));

/** Every row as `size | frames | values by snapshot` of one type. */
function table(series: ProfileSeries, type = 1): string[] {
  return Array.from({ length: series.rowCount }, (_, row) => {
    const values = series.columns.map((byType) => byType[type]![row]);
    const frames = series.sites(row).map((f) => `${f.function}:${f.line}`);
    return [series.objectBytes[row], frames.join(' '), values.join(' ')].join(' | ');
  });
}

describe('rows', () => {
  it.each<[string, string[], string[], string[]]>([
    ['are the same stack with the same size', ['1 8 a;b bytes=#8'], ['2 16 a;b bytes=#8'], ['8 | b:0 a:0 | 8 16']],
    ['are apart by size', ['1 8 a bytes=#8'], ['1 16 a bytes=#16'], ['8 | a:0 | 8 0', '16 | a:0 | 0 16']],
    ['are apart by line', ['1 8 a@x:1 bytes=#8'], ['1 8 a@x:2 bytes=#8'], ['8 | a:1 | 8 0', '8 | a:2 | 0 8']],
    ['are apart by file', ['1 8 a@x:1'], ['1 8 a@y:1'], ['8 | a:1 | 8 0', '8 | a:1 | 0 8']],
    [
      'add up samples of one snapshot that other labels told apart',
      ['1 8 a k=v', '2 16 a k=w'],
      [],
      ['8 | a:0 | 24 0'],
    ],
    // An inlined call and a real one are the same places: the compiler may decide anew in another build.
    ['do not ask what was inlined', ['1 8 a;+b'], ['1 8 a;b'], ['8 | b:0 a:0 | 8 8']],
    ['come from later snapshots as well', [], ['1 8 a'], ['8 | a:0 | 0 8']],
    ['of no stack are one', ['1 8 -'], ['2 16 -'], ['8 |  | 8 16']],
  ])('%s', (_, first, second, expected) => {
    expect(table(joinSeries([heap(...first), heap(...second)]))).toEqual(expected);
  });

  it('are found by name, whatever ids, addresses and order the snapshots have', () => {
    const one = heap('1 8 m;a', '2 32 m;b');
    const two = decodeProto(encodeProfile(heap('9 9 x', '5 80 m;b', '3 24 m;a')));
    expect(table(joinSeries([one, two]))).toEqual(['8 | a:0 m:0 | 8 24', '16 | b:0 m:0 | 32 80', '1 | x:0 | 0 9']);
  });

  it('hold one series of a restarted process, whose addresses moved', () => {
    const at = (address: bigint, value: number) => {
      const b = new ProfileBuilder('proto');
      b.sampleTypes = [{ type: 'goroutine', unit: 'count' }];
      b.addSample([b.addLocation(address, [{ fn: b.addFunction('f', 'f.go'), line: 3 }])], [value]);
      return b.build();
    };
    expect(table(joinSeries([at(0x400000n, 4), at(0x900000n, 6)]), 0)).toEqual(['0 | f:3 | 4 6']);
  });

  it('grow beyond the first columns, in any snapshot', () => {
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `1 ${from + i} f${from + i}`);
    const series = joinSeries([heap('1 7 f0'), heap(...lines(1, 3000)), heap(...lines(2500, 5000))]);
    expect(series.rowCount).toBe(5000);
    for (const byType of series.columns) for (const c of byType) expect(c.length).toBe(5000);
    const sums = series.columns.map((byType) => byType[1]!.reduce((a, b) => a + b, 0));
    expect(sums).toEqual([7, (2999 * 3000) / 2, ((2500 + 4999) * 2500) / 2]);
    expect(series.columns[2]![1]![4999]).toBe(4999);
  });
});

describe('the size of objects', () => {
  const sizeOf = (types: string, sample: string) =>
    joinSeries([parseTextProfile(`${types}\n${sample}`)]).objectBytes[0];

  it.each<[string, string, string, number]>([
    ['what the label says', HEAP, '2 100 f bytes=#48', 48],
    ['bytes by objects without a label', HEAP, '2 100 f', 50],
    ['rounded', HEAP, '3 100 f', 33],
    ['of all allocated where nothing is live', `alloc_objects/count alloc_space/bytes ${HEAP}`, '4 100 0 0 f', 25],
    ['of old profiles too', 'objects/count space/bytes', '4 100 f', 25],
    ['0 where there is no object', HEAP, '0 0 f', 0],
    ['0 where a difference has fewer objects than none', HEAP, '-2 -100 f', 0],
    ['0 for what is no heap', 'goroutine/count', '3 f', 0],
    ['0 for one of the pair', 'inuse_space/bytes', '3 f', 0],
    ['the first of two labels', HEAP, '2 100 f bytes=#16 bytes=#32', 16],
    ['not a text that is called so', HEAP, '2 100 f bytes=many', 50],
  ])('is %s', (_, types, sample, size) => expect(sizeOf(types, sample)).toBe(size));
});

describe('stacks and places', () => {
  const series = joinSeries([heap('1 8 m;a;b bytes=#8', '1 16 m;a;b bytes=#16', '1 8 m;b;b bytes=#8', '1 8 m;a')]);

  it('are numbered: rows of one stack share it whatever their size', () => {
    expect([[...series.stackOf], series.stackCount]).toEqual([[0, 0, 1, 2], 3]);
  });

  it('have equal ids for equal frames', () => {
    const names = (stack: number) => Array.from(series.stackPlaces(stack), (id) => series.place(id).function);
    expect([names(0), names(1), names(2)]).toEqual([
      ['b', 'a', 'm'],
      ['b', 'b', 'm'],
      ['a', 'm'],
    ]);
    expect(series.placeCount).toBe(3);
    expect(series.stackPlaces(1)[0]).toBe(series.stackPlaces(0)[0]);
  });

  it('give frames that a caller may keep and change', () => {
    series.sites(0).reverse();
    expect(series.sites(0).map((f) => f.function)).toEqual(['b', 'a', 'm']);
  });
});

it('has the values of every snapshot and type, none lost and none twice', () => {
  fc.assert(
    fc.property(fc.array(anyProfile({ bare: true }), { minLength: 1, maxLength: 4 }), (profiles) => {
      const series = joinSeries(profiles);
      profiles.forEach((p, i) => {
        for (const type of [0, 1]) {
          expect(series.columns[i]![type]!.reduce((a, b) => a + b, 0)).toBe(p.sum(type));
        }
      });
      // No two rows are alike.
      const keys = Array.from({ length: series.rowCount }, (_, row) =>
        JSON.stringify([series.objectBytes[row], series.sites(row).map((f) => [f.function, f.file, f.line])]),
      );
      expect(new Set(keys).size).toBe(series.rowCount);
    }),
    { numRuns: 60 },
  );
});

describe('types', () => {
  const other = parseTextProfile('inuse_space/bytes extra/count inuse_objects/count\n64 9 2 a');
  it('are those of the first snapshot, found by name', () => {
    const series = joinSeries([heap('1 8 a bytes=#8'), other]);
    expect(series.sampleTypes).toEqual(['inuse_objects', 'inuse_space']);
    expect(series.columns.map((c) => c.map((v) => [...v]))).toEqual([
      [
        [1, 0],
        [8, 0],
      ],
      [
        [0, 2],
        [0, 64],
      ],
    ]);
  });

  it.each<[string, Profile[], string]>([
    [
      'a type that a later snapshot lacks',
      [heap('1 8 a'), heap('1 8 a'), parseTextProfile('inuse_objects/count\n1 a')],
      'TM_WRONG_PROFILE_TYPE',
    ],
    ['no snapshot at all', [], 'TM_USAGE'],
  ])('refuses %s', (_, profiles, code) => expect(() => joinSeries(profiles)).toThrow(tm(code)));

  it('says which snapshot lacks it', () => {
    expect(() => joinSeries([heap(), heap(), parseTextProfile('inuse_objects/count')])).toThrow('snapshot 3');
  });
});
