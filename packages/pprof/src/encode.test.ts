import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Field, message, packed, rows } from '../test/support.js';
import { ProfileBuilder } from './builder.js';
import { compareUtf8, encodeProfile } from './encode.js';
import { decodeProto } from './formats/proto.js';
import { parseTextProfile } from './text-columns.js';

const builder = (...types: string[]) => {
  const b = new ProfileBuilder('proto');
  b.sampleTypes = types.map((type) => ({ type, unit: '' }));
  return b;
};
const expectBytes = (b: ProfileBuilder, ...fields: Field[]) =>
  expect([...encodeProfile(b.build())]).toEqual([...message(...fields)]);

describe('encodeProfile', () => {
  it('writes an empty profile', () => {
    expectBytes(builder(), [6, ''], [14, 0]);
  });

  it('numbers strings in the order of the reference, whatever order they came in', () => {
    const b = builder('t');
    b.strings.add('unused');
    const fn = b.addFunction('f', 'f.go', 'sys', 3);
    b.addSample([b.addLocation(16n, [{ fn, line: 5, column: 7 }], 1)], [1]);
    b.addTextLabel('k', 'v');
    const has = { hasFunctions: true, hasFilenames: false, hasLineNumbers: true, hasInlineFrames: false };
    b.mappings = [{ id: 1n, start: 1n, limit: 32n, offset: 0n, file: 'bin', buildId: 'id', ...has }];
    Object.assign(b, {
      dropFrames: 'drop',
      keepFrames: 'keep',
      comments: ['c'],
      docUrl: 'url',
      defaultSampleType: 't',
    });
    Object.assign(b, { timeNanos: 9n, durationNanos: -1n, period: 2n, periodType: { type: 'p', unit: 'u' } });
    const strings = ['', 't', 'k', 'v', 'bin', 'id', 'f', 'sys', 'f.go', 'drop', 'keep', 'p', 'u', 'c', 'url'];
    expectBytes(
      b,
      [1, [[1, 1]]],
      [
        2,
        [
          [1, 1],
          [2, 1],
          [
            3,
            [
              [1, 2],
              [2, 3],
            ],
          ],
        ],
      ],
      [
        3,
        [
          [1, 1],
          [2, 1],
          [3, 32],
          [5, 4],
          [6, 5],
          [7, 1],
          [9, 1],
        ],
      ],
      [
        4,
        [
          [1, 1],
          [2, 1],
          [3, 16],
          [
            4,
            [
              [1, 1],
              [2, 5],
              [3, 7],
            ],
          ],
        ],
      ],
      [
        5,
        [
          [1, 1],
          [2, 6],
          [3, 7],
          [4, 8],
          [5, 3],
        ],
      ],
      ...strings.map((s): Field => [6, s]),
      [7, 9],
      [8, 10],
      [9, 9],
      [10, -1],
      [
        11,
        [
          [1, 11],
          [2, 12],
        ],
      ],
      [12, 2],
      [13, 13],
      [14, 1],
      [15, 14],
    );
  });

  it('packs locations and values from three on', () => {
    const b = builder('a', 'b', 'c');
    for (let i = 0; i < 3; i++) b.addLocation(0n);
    b.addSample([2, 1, 0], [1, -1, 300]);
    b.addSample([0, 1], [0, 0, 0]);
    const types = ['a', 'b', 'c'];
    expectBytes(
      b,
      ...types.map((_, i): Field => [1, [[1, i + 1]]]),
      [
        2,
        [
          [1, packed(3, 2, 1)],
          [2, packed(1, -1, 300)],
        ],
      ],
      [
        2,
        [
          [1, 1],
          [1, 2],
          [2, packed(0, 0, 0)],
        ],
      ],
      ...[1, 2, 3].map((id): Field => [4, [[1, id]]]),
      ...['', ...types].map((s): Field => [6, s]),
      [14, 0],
    );
  });

  it('sorts labels by key, texts before numbers, equal keys as they came', () => {
    const b = builder('t');
    b.addSample([], [1]);
    b.addNumberLabel('a', 1, 'bytes');
    b.addTextLabel('z', '2');
    b.addTextLabel('b', '4');
    b.addTextLabel('z', '1');
    expect(rows(decodeProto(encodeProfile(b.build())))).toEqual(['1 |  | b=4 z=2 z=1 a=#1bytes']);
  });

  it('writes strings that are no UTF-8 as they were', () => {
    const bad = Uint8Array.of(0x61, 0xff);
    const bytes = message(
      [
        5,
        [
          [1, 1],
          [2, 1],
        ],
      ],
      [6, ''],
      [6, bad],
      [14, 0],
    );
    expect([...encodeProfile(decodeProto(bytes))]).toEqual([...bytes]);
  });

  it('is the inverse of decoding', () => {
    const frame = fc.constantFrom('a@a.go:1', 'b@b.go:2', 'c', 'd@:9', 'größe@ü.go:5');
    const row = fc.record({
      value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      stack: fc.array(frame, { maxLength: 5 }),
      label: fc.constantFrom('', 'k=v', 'k=#5bytes', 'b=#-1 a=x'),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (list) => {
        const text = list.map((r) => `${r.value} ${r.stack.join(';') || '-'} ${r.label}`).join('\n');
        const p = parseTextProfile(`v/count\n${text}`);
        const bytes = encodeProfile(p);
        const back = decodeProto(bytes);
        expect(back.sampleCount).toBe(list.length);
        expect(Array.from(back.values, BigInt)).toEqual(list.map((r) => r.value));
        for (let s = 0; s < list.length; s++) expect(back.frames(s)).toEqual(p.frames(s));
        expect(Buffer.compare(encodeProfile(back), bytes)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('compareUtf8', () => {
  it('orders as bytes do', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'é', '\uffff', '\ue000', '😀', '\u{10ffff}'),
      maxLength: 5,
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
