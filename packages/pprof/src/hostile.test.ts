import { gunzipSync, gzipSync } from 'node:zlib';
import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Field, message, packed } from '../test/support.js';
import {
  encodeProfile,
  flameGraph,
  type Profile,
  parseTextProfile,
  readProfile,
  tooLarge,
  writeReport,
} from './index.js';

const codec = {
  gunzip: (bytes: Uint8Array, maxBytes: number) => {
    try {
      return gunzipSync(bytes, { maxOutputLength: maxBytes });
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
      throw error;
    }
  },
};
const host = { compile: (pattern: string) => (text: string) => new RegExp(pattern).test(text) };

/** A right answer or a known error, never anything else; what was read can also be reported and written. */
function survives(bytes: Uint8Array): void {
  let p: Profile;
  try {
    p = readProfile(bytes, codec, { maxBytes: 1 << 20 });
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    expect(error.code).toMatch(/^TM_(NOT_A_PROFILE|PROFILE_CORRUPT|LIMIT|FILE_EMPTY)$/);
    return;
  }
  encodeProfile(p);
  if (p.sampleTypes.length === 0) return;
  for (const format of ['text', 'raw', 'dot', 'traces', 'tags'] as const) writeReport(p, { format }, host, () => {});
  flameGraph(p);
}

const seed = encodeProfile(
  parseTextProfile(
    [
      'alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes',
      '5 500 3 300 main.main@main.go:5;main.fill@fill.go:9;+append@builtin.go:1 bytes=#100bytes shard=a',
      '1 8 1 8 main.main@main.go:6;main.main@main.go:6 bytes=#8bytes request=#5',
      '2 64 -4 -90 main.main@main.go:5;runtime.x@x.go:1 bytes=#32bytes',
    ].join('\n'),
  ),
);

const TEXTS = [
  'heap profile: 1: 100 [2: 200] @ heap/2\n1: 100 [2: 200] @ 0x10 0x20\n#\t0x1f\tmain.f+0x8\t/a.go:5\n\n# NumGC = 2\n',
  'goroutine profile: total 7\n7 @ 0x10 0x20\n# labels: {"a":"b"}\n#\t0x1f\tmain.f+0x8\t/a.go:5\n',
  '--- mutex:\ncycles/second=2000000000\nsampling period=5\n4000 3 @ 0x10 0x20\n',
  '--- threadz 1 ---\n\n--- Thread 7f79 (name: m/1) stack: ---\n 0x10 0x20\n--- Memory map: ---\n400000-500000 r-xp 0 08:01 1 /bin/x\n',
  '--- heapz 1 ---\nformat = java\nresolution = bytes\n 7048 1 @ 0x1 0x2\n\n0x1 a.b (A.java:12)\n',
].map((text) => new TextEncoder().encode(text));

describe('hostile input', () => {
  const position = fc.double({ min: 0, max: 1, noNaN: true });

  it('survives bits that flipped and bytes that were cut, added or repeated', () => {
    const edit = fc.tuple(
      position,
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom('set', 'cut', 'insert', 'repeat'),
    );
    fc.assert(
      fc.property(fc.constantFrom(seed, ...TEXTS), fc.array(edit, { minLength: 1, maxLength: 6 }), (start, edits) => {
        let bytes = Array.from(start);
        for (const [at, byte, how] of edits) {
          const i = Math.floor(at * bytes.length);
          if (how === 'set') bytes[i] = byte;
          else if (how === 'cut') bytes = bytes.slice(0, i);
          else if (how === 'insert') bytes.splice(i, 0, byte);
          else bytes = [...bytes, ...bytes.slice(i)];
        }
        survives(Uint8Array.from(bytes));
      }),
      { numRuns: 1500, interruptAfterTimeLimit: 3000 },
    );
  });

  it('survives any bytes behind any beginning', () => {
    fc.assert(
      fc.property(fc.constantFrom(seed.subarray(0, 30), ...TEXTS), fc.uint8Array({ maxLength: 200 }), (start, tail) => {
        survives(Uint8Array.from([...start, ...tail]));
      }),
      { numRuns: 800, interruptAfterTimeLimit: 2000 },
    );
  });

  it('does not reserve memory for lengths that are not there', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    for (const tag of [0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x32, 0x5a]) survives(Uint8Array.from([tag, ...huge, 0]));
    // A thousand empty samples of a thousand types: a million values that nobody wrote.
    const bytes = [0x32, 0x00];
    for (let i = 0; i < 1000; i++) bytes.push(0x0a, 0x00, 0x12, 0x00);
    expect(() => readProfile(Uint8Array.from(bytes), codec)).toThrow(
      expect.objectContaining({ code: 'TM_PROFILE_CORRUPT' }),
    );
  });

  it('stops at the limit when a gzip bomb unpacks', () => {
    const bomb = gzipSync(new Uint8Array(8 << 20));
    expect(() => readProfile(bomb, codec, { maxBytes: 1 << 20 })).toThrow(
      expect.objectContaining({ code: 'TM_LIMIT', message: expect.stringContaining('maxBytes = 1048576') }),
    );
  });

  it('reads twenty thousand functions, each in a stack of its own', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i + 1} main;f${i}@x.go:${i}`);
    const p = readProfile(encodeProfile(parseTextProfile(`v/count\n${lines.join('\n')}`)), codec);
    let text = '';
    writeReport(p, { format: 'text', trim: false }, host, (chunk) => {
      text += chunk;
    });
    expect(text).toContain('f19999');
  });

  it('reads a stack of two hundred thousand frames', () => {
    const stack = Array.from({ length: 200_000 }, (_, i) => `f${i % 7}`).join(';');
    const p = parseTextProfile(`v/count\n1 ${stack}`);
    expect(flameGraph(p, { minFraction: 0 }).depth).toBe(200_000);
  });
});

describe('messages that contradict themselves', () => {
  const strings = ['', 'v', 'count', 'f'].map((s): Field => [6, s]);
  const type: Field = [
    1,
    [
      [1, 1],
      [2, 2],
    ],
  ];
  const read = (...fields: Field[]) => readProfile(message(...fields), codec);
  const sample = (...ids: (number | bigint)[]): Field => [
    2,
    [
      [1, packed(...ids)],
      [2, 1],
    ],
  ];
  const location = (id: number | bigint, ...lines: (number | bigint)[]): Field => [
    4,
    [
      [1, id],
      ...lines.map(
        (fn): Field => [
          4,
          [
            [1, fn],
            [2, 1],
          ],
        ],
      ),
    ],
  ];
  const fn = (id: number | bigint): Field => [
    5,
    [
      [1, id],
      [2, 3],
    ],
  ];

  it.each<[string, Field[]]>([
    ['a sample of a location that is not there', [type, sample(9), location(1), ...strings]],
    ['a line of a function that is not there', [type, sample(1), location(1, 9), ...strings]],
    ['two locations of one id', [type, sample(1), location(1, 1), location(1), fn(1), ...strings]],
    ['two functions of one id', [type, sample(1), location(1, 1), fn(1), fn(1), ...strings]],
    ['an id of zero', [type, sample(0), location(0), ...strings]],
    [
      'a string that is not there',
      [
        [
          1,
          [
            [1, 77],
            [2, 2],
          ],
        ],
        ...strings,
      ],
    ],
    ['a first string that is not empty', [type, ...strings.slice(1)]],
    ['more values than types', [type, [2, [[2, packed(1, 2, 3)]]], ...strings]],
    ['fewer values than types', [type, type, [2, [[2, 1]]], ...strings]],
    [
      'a string index of 2^64 − 1',
      [
        [
          1,
          [
            [1, 2n ** 64n - 1n],
            [2, 2],
          ],
        ],
        ...strings,
      ],
    ],
  ])('%s: a code, no crash', (_, fields) => {
    expect(() => read(...fields)).toThrow(expect.objectContaining({ code: 'TM_PROFILE_CORRUPT' }));
  });

  it('ids at the ends of 64 bits are ids like others', () => {
    const [top, middle] = [2n ** 64n - 1n, 2n ** 63n];
    const p = read(
      type,
      sample(top, middle),
      location(middle, top),
      location(top, middle),
      fn(top),
      fn(middle),
      ...strings,
    );
    expect([p.frames(0).map((f) => f.function), p.locationId(0), p.locationId(1)]).toEqual([['f', 'f'], middle, top]);
    survives(encodeProfile(p));
  });

  it('ids that are all alike to a weak hash are found in time', () => {
    // A table that used the low bits alone would put all of them into one slot.
    const ids = Array.from({ length: 8000 }, (_, i) => BigInt(i + 1) << 32n);
    const fields = [type, ...ids.flatMap((id) => [sample(id), location(id, id), fn(id)]), ...strings];
    // Messages one behind another are one message.
    const p = readProfile(Buffer.concat(fields.map((field) => message(field))), codec);
    expect([p.sampleCount, p.frames(7999)[0]?.function]).toEqual([8000, 'f']);
  });

  it('a sample of one location a million times is read and reported', () => {
    const ids = new Uint8Array(1_000_000).fill(1);
    const p = read(
      type,
      [
        2,
        [
          [1, ids],
          [2, 5],
        ],
      ],
      location(1, 1),
      fn(1),
      ...strings,
    );
    let text = '';
    writeReport(p, { format: 'text' }, host, (chunk) => {
      text += chunk;
    });
    expect(text).toMatch(/ 5 +100% +100% +5 +100% {2}f\n/);
  });
});

describe('bombs', () => {
  const limited = { maxBytes: 1 << 20 };
  it.each<[string, Uint8Array]>([
    ['zeros', new Uint8Array(16 << 20)],
    ['a text that goes on', new TextEncoder().encode('goroutine profile: total 1\n'.padEnd(4 << 20, '1 @ 0x10\n'))],
  ])('of %s stop at the limit', (_, content) => {
    expect(() => readProfile(gzipSync(content), codec, limited)).toThrow(expect.objectContaining({ code: 'TM_LIMIT' }));
  });

  it('unpacked already are refused by their size alone', () => {
    expect(() => readProfile(new Uint8Array((1 << 20) + 1), codec, limited)).toThrow(
      expect.objectContaining({ code: 'TM_LIMIT' }),
    );
  });
});

// In time that grows with the square (or worse) of its length, these would take minutes: the test would time out.
describe('lines of digits without end', () => {
  it.each([
    ['a heap', 'heap profile: 1: 1 [1: 1] @ heap/1\n'],
    ['goroutines', 'goroutine profile: total 1\n'],
    ['contention', '--- mutex:\ncycles/second=1\nsampling period=1\n'],
    ['threads', '--- threadz 1 ---\n\n--- Thread 1 (name: a/1) stack: ---\n'],
  ])('in %s', (_, header) => {
    const digits = '1'.repeat(100_000);
    const lines = [digits, `${digits} @`, `1: ${digits}`, `1 @ ${digits}`, `1 1 @ 0x${digits}`];
    for (const line of lines) survives(new TextEncoder().encode(`${header}${line}\n`));
  });
});
