import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProfile } from '../../test/arbitrary.js';
import { type Field, message, packed, rows, tm } from '../../test/support.js';
import { encodeProfile } from '../encode.js';
import type { Profile } from '../profile.js';
import { decodeProto, openProto } from './proto.js';

const COUNT = 600;

/** A profile of a few hundred samples, more than are read at a time; `change` replaces some of them. */
function many(
  change: (i: number) => Field | undefined = () => undefined,
  ids: (i: number) => number = (i) => i,
): Uint8Array {
  const strings = ['', 'v', 'count', 'main.main', 'key'];
  return message(
    [
      1,
      [
        [1, 1],
        [2, 2],
      ],
    ],
    ...Array.from({ length: COUNT }, (_, i) => change(i) ?? sample(1 + (i % 300), i)),
    ...Array.from({ length: 300 }, (_, i): Field => [4, [[1, ids(i + 1)]]]),
    ...strings.map((s): Field => [6, s]),
  );
}

function sample(location: number | bigint, value: number | bigint, ...more: Field[]): Field {
  return [2, [[1, packed(location, location)], [2, packed(value)], ...more]];
}

/** The rows of all batches, which must be looked at before the next one takes their place. */
function batches(bytes: Uint8Array): string[][] {
  const source = openProto(bytes);
  const out: string[][] = [];
  source.eachBatch((batch) => out.push(rows(source.head.with(batch))));
  return out;
}

describe('samples a batch at a time', () => {
  it.each<[string, Uint8Array]>([
    ['as they are', many()],
    [
      'with ids that are not 1 … n',
      many(
        (i) => sample(1000 - (i % 300) - 1, i),
        (i) => 1000 - i,
      ),
    ],
    ['with a value beyond 2^53 in the second batch', many((i) => (i === 300 ? sample(7, 2n ** 60n) : undefined))],
    [
      'with a long stack in the last',
      many((i) =>
        i === 599
          ? [
              2,
              [
                [1, packed(...Array(5000).fill(300))],
                [2, 1],
              ],
            ]
          : undefined,
      ),
    ],
    [
      'with labels in some',
      many((i) =>
        i % 3
          ? undefined
          : sample(
              3,
              1,
              [
                3,
                [
                  [1, 4],
                  [3, i],
                ],
              ],
              [
                3,
                [
                  [1, 4],
                  [3, 2n ** 62n],
                ],
              ],
            ),
      ),
    ],
  ])('gives the same as all at once, %s', (_, bytes) => {
    const got = batches(bytes);
    expect(got.length).toBe(3);
    expect(got.flat()).toEqual(rows(decodeProto(bytes)));
  });

  it('gives the same as all at once, whatever they are', () => {
    fc.assert(
      fc.property(anyProfile(), (p: Profile) => {
        const bytes = encodeProfile(p);
        expect(batches(bytes).flat()).toEqual(rows(decodeProto(bytes)));
      }),
    );
  });

  it('gives one batch of nothing where there are no samples', () => {
    expect(batches(message([6, '']))).toEqual([[]]);
  });

  it.each<[string, Field]>([
    ['a location that is not there', sample(301, 1)],
    ['a location with the id 0', sample(0, 1)],
    ['an id of five bytes', sample(2n ** 33n, 1)],
    [
      'a stack that is cut',
      [
        2,
        [
          [1, Uint8Array.of(1, 0x80)],
          [2, 1],
        ],
      ],
    ],
    [
      'a key that is not there',
      sample(1, 1, [
        3,
        [
          [1, 5],
          [3, 1],
        ],
      ]),
    ],
    ['too many values', sample(1, 1, [2, 1])],
    ['no value', [2, [[1, 1]]]],
  ])('notices %s only when it gets there', (_, broken) => {
    const source = openProto(many((i) => (i === 400 ? broken : undefined)));
    let seen = 0;
    expect(() =>
      source.eachBatch((batch) => {
        seen += batch.sampleCount;
      }),
    ).toThrow(tm('TM_PROFILE_CORRUPT'));
    expect(seen).toBe(256);
    expect(() => source.whole()).toThrow(tm('TM_PROFILE_CORRUPT'));
  });
});
