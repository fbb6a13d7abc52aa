import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, readText, rows, tm, types } from '../../test/support.js';
import { basePath } from '../report/go-format.js';
import { readJavaText } from './java.js';

const HEAP = ['--- heapz 1 ---', 'format = java', 'resolution = bytes'];
const LOCKS = ['--- contentionz 1 ---', 'format = java', 'resolution = microseconds', 'sampling period = 100'];

describe('readJavaText', () => {
  it('estimates a heap from samples every 524288 bytes', () => {
    const p = readText(
      ...HEAP,
      '  524288 1 @ 0x1 0x2',
      ' 52428800  100 @ 0x2',
      '',
      ' 0x1 a.B.c (B.java:12)',
      ' 0x2 a.B.d (B.java:9)',
    );
    expect([p.form, types(p)]).toEqual(['java-heap', 'inuse_objects/count inuse_space/bytes']);
    // 1 / (1 − 1/e) = 1.5819767068693265, cut to whole numbers.
    expect(rows(p)).toEqual([
      '1 829411 | a.B.c@B.java:12 a.B.d@B.java:9 | bytes=#524288',
      '158 82941140 | a.B.d@B.java:9 | bytes=#524288',
    ]);
    expect([...p.locationAddresses]).toEqual([0n, 0n]);
  });

  it('scales contention by its period', () => {
    const p = readText(...LOCKS, 'ms since reset = 2000', ' 14 1 @ 0x1', ' 14 2 @ 0x1', '', '0x1 a.b (A.java:1)');
    expect([p.form, types(p)]).toEqual(['java-contention', 'contentions/count delay/microseconds']);
    expect([p.period, p.durationNanos, p.periodType.type]).toEqual([100n, 2_000_000_000n, 'contentions']);
    expect(rows(p)).toEqual(['100 1400 | a.b@A.java:1', '200 1400 | a.b@A.java:1']);
  });

  it('reads lines that end in CRLF', () => {
    const p = readText([...HEAP, ' 524288 1 @ 0x1', '', '0x1 a.b (A.java:1)', ''].join('\r\n'));
    expect(rows(p)).toEqual(['1 829411 | a.b@A.java:1 | bytes=#524288']);
  });

  it.each<[string, string, object]>([
    ['a method', '0x1 a.b (A.java:12)', { function: 'a.b', file: 'A.java', line: 12 }],
    ['a line below 1', '0x1 a.b (A.java:-1)', { function: 'a.b', file: 'A.java', line: 0 }],
    ['a library', '0x1 malloc (/lib/x86/libc.so)', { function: 'malloc', file: 'libc.so', line: 0 }],
    ['a stub', '0x1 generated stub/JIT', { function: 'STUB', file: '', line: 0 }],
    ['a bare name', '0x1 interpreter', { function: 'interpreter', file: '', line: 0 }],
    ['no name', '0x2 other', { function: '0x0', file: '', line: 0 }],
  ])('names a frame by %s', (_, line, frame) => {
    expect(readText(...LOCKS, ' 1 1 @ 0x1', '', line).frames(0)).toEqual([frame]);
  });

  it('keeps one function for several lines of it', () => {
    const p = readText(...LOCKS, ' 1 1 @ 0x1 0x2', '', '0x1 a.b (A.java:1)', '0x2 a.b (A.java:2)');
    expect(rows(p)).toEqual(['100 100 | a.b@A.java:1 a.b@A.java:2']);
    expect(p.functionCount).toBe(1);
  });

  it.each([
    ['nothing', ''],
    ['another version', '--- heapz 2 ---'],
    ['C++', '--- heapz 1 ---\nformat = cpp\n'],
    ['an attribute that is unknown', '--- heapz 1 ---\nsampling period = 5\n'],
  ])('leaves %s to others', (_, text) => {
    expect(readJavaText(bytesOf(text))).toBeNull();
  });

  it.each<[string, string[]]>([
    ['no resolution', ['--- heapz 1 ---', 'format = java', ' 8 1 @ 0x1']],
    ['no objects', [...HEAP, ' 8 0 @ 0x1']],
    ['a size beyond int64', [...HEAP, ' 9223372036854775808 1 @ 0x1']],
    ['an address of 65 bits', [...HEAP, ' 8 1 @ 0x10000000000000000']],
    ['a name of an address of 65 bits', [...HEAP, ' 8 1 @ 0x1', '', '0x10000000000000000 a.b']],
    ['a period that is no number', ['--- contentionz 1 ---', 'sampling period = many']],
    ['a duration that is no number', ['--- contentionz 1 ---', 'ms since reset = many']],
  ])('refuses %s', (_, lines) => {
    expect(() => readText(...lines, '')).toThrow(tm('TM_PROFILE_CORRUPT'));
  });
});

describe('a text that is cut', () => {
  it.each<[string, string[]]>([
    ['heap', [...HEAP, ' 7048 2 @ 0x1 0x22', ' 100 4 @ 0x22', '', '0x1 a.b (A.java:12)', '0x22 c.d (C.java:34)', '']],
    [
      'contention',
      [...LOCKS, 'ms since reset = 6019', ' 19 1 @ 0x1 0x22', ' 768 27 @ 0x22', '', '0x1 a.b (A.java:1)', ''],
    ],
  ])('of %s has fewer samples, never others', (_, lines) => {
    const bytes = bytesOf(lines.join('\n'));
    const shape = (p: ReturnType<typeof readJavaText>) =>
      Array.from({ length: p!.sampleCount }, (_s, s) => [...p!.values.subarray(s * 2, s * 2 + 2), p!.frames(s).length]);
    const whole = readJavaText(bytes);
    const counts = new Set<number>();
    for (let n = 1; n < bytes.length; n++) {
      let p: ReturnType<typeof readJavaText>;
      try {
        p = readJavaText(bytes.subarray(0, n));
      } catch (error) {
        expect(error).toEqual(tm('TM_PROFILE_CORRUPT'));
        continue;
      }
      if (p === null) continue;
      counts.add(p.sampleCount);
      expect(shape(p)).toEqual(shape(whole).slice(0, p.sampleCount));
      // A number that lost its last digits is no duration either.
      expect([0n, whole!.durationNanos]).toContain(p.durationNanos);
    }
    expect([...counts]).toEqual([0, 1, 2]);
  });
});

// In time that grows with the square of its length, each of these would take minutes: the test would time out.
describe('lines of hostile length', () => {
  it.each([' (a', ' (', ' ', '(a:1)', ' (a:1', '0', '1', '0x1', ' 1', ':1'])('of %j', (part) => {
    const long = part.repeat(100_000);
    for (const end of ['', ')', ':1)', 'x']) {
      const p = readText(...HEAP, ' 7048 1 @ 0x1 0x2', '', `0x1 a.b${long}${end}`, '0x2 c.d (C.java:3)');
      expect(p.frames(0)[1]).toMatchObject({ function: 'c.d', file: 'C.java', line: 3 });
    }
    for (const lines of [
      [...HEAP, ` ${long}`],
      ['--- heapz 1 ---', long, ...HEAP.slice(1)],
    ]) {
      try {
        readText(...lines, '');
      } catch (error) {
        expect(error).toEqual(tm('TM_PROFILE_CORRUPT'));
      }
    }
  });
});

it('finds places, samples and attributes as the expressions of the reference do', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', ' ', '(', ')', ':', '1', '-', '.so', '=', '@', '0x1', ' (a.c:1)'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, (raw) => {
      const place = raw.trim();
      fc.pre(place !== '');
      const expected = /^(.*)\s+\((.+):(-?[0-9]+)\)$/.exec(place)?.slice(1, 3) ??
        /^(.*)\s+\((.*)\)$/
          .exec(place)
          ?.slice(1)
          .map((s, i) => (i === 1 ? basePath(s) : s)) ?? [place, ''];
      const [frame] = readText(...HEAP, ' 7048 1 @ 0x1', '', `0x1 ${place}`).frames(0);
      expect([frame?.function, frame?.file]).toEqual(expected);
      const sample = / *(\d+) +(\d+) +@ +([ x0-9a-f]*)/.exec(place);
      const known = sample && sample[2] !== '0' && !/^0+$/.test(sample[2]!);
      const p = known ? readText(...HEAP, place, '') : null;
      if (p) expect(p.sampleCount).toBe(1);
    }),
    { numRuns: 500 },
  );
});
