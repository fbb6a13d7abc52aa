import { describe, expect, it } from 'vitest';
import { bytesOf, codec, rows, tm, types } from '../../test/support.js';
import { readProfile } from '../read.js';
import { readCpuBinary } from './cpu.js';

const WORDS: [name: string, bytes: 4 | 8, little: boolean][] = [
  ['32 bits, least first', 4, true],
  ['32 bits, most first', 4, false],
  ['64 bits, least first', 8, true],
  ['64 bits, most first', 8, false],
];

/** Words behind one another, then a text. */
function file(size: 4 | 8, little: boolean, words: (number | bigint)[], text = ''): Uint8Array {
  const out = words.flatMap((word) => {
    const bytes = Array.from({ length: size }, (_, i) =>
      Number((BigInt.asUintN(64, BigInt(word)) >> BigInt(8 * i)) & 255n),
    );
    return little ? bytes : bytes.reverse();
  });
  return Uint8Array.from([...out, ...bytesOf(text)]);
}
const NATIVE = [0, 3, 0, 10_000, 0];
const JAVA = [0, 3, 1, 10_000, 0];
const END = [0, 1, 0];
const STACKS = [2, 3, 0x401000, 0x402001, 0x403001, 1, 2, 0x401000, 0x404001];

describe.each(WORDS)('a CPU profile of %s', (_, size, little) => {
  const read = (words: (number | bigint)[], text = '') => readProfile(file(size, little, words, text), codec);

  it('has samples, nanoseconds and call sites', () => {
    const p = read([...NATIVE, ...STACKS, ...END], '400000-500000 r-xp 00000000 08:01 1 /bin/x\n');
    expect([p.form, types(p), p.period]).toEqual(['cpu-binary', 'samples/count cpu/nanoseconds', 10_000_000n]);
    // Return addresses are one behind the call; the leaf is where the program was.
    expect(rows(p)).toEqual([
      '2 20000000 | 0x401000@/bin/x:0 0x402000@/bin/x:0 0x403000@/bin/x:0',
      '1 10000000 | 0x401000@/bin/x:0 0x404000@/bin/x:0',
    ]);
    expect([...p.locationMappings]).toEqual([1, 1, 1, 1]);
  });

  it('may end without a trailer and without a map', () => {
    const p = read([...NATIVE, ...STACKS]);
    expect(p.sampleCount).toBe(2);
    expect(p.mappings).toMatchObject([{ start: 0n, limit: 2n ** 64n - 1n }]);
  });

  it('of a Java agent has names behind it', () => {
    const p = read([...JAVA, 3, 2, 0x1, 0x2, ...END], '0x1 a.B.c (B.java:12)\n0x2 a.B.main (B.java:3)\n');
    expect(p.form).toBe('java-cpu');
    expect(rows(p)).toEqual(['3 30000000 | a.B.c@B.java:12 a.B.main@B.java:3']);
  });

  it('is refused where it is cut inside a stack, answered where it is cut between two', () => {
    const bytes = file(size, little, [...NATIVE, ...STACKS]);
    const between = [5, 10, 14].map((words) => words * size);
    for (let n = 1; n <= bytes.length; n++) {
      const cut = () => readProfile(bytes.subarray(0, n), codec);
      if (n < 5 * size) expect(cut).toThrow(tm('TM_NOT_A_PROFILE'));
      else if (between.includes(n)) expect(cut().sampleCount).toBe(between.indexOf(n));
      else expect(cut).toThrow(tm('TM_PROFILE_CORRUPT'));
    }
  });

  it('refuses a stack as deep as memory is large', () => {
    expect(() => read([...NATIVE, 1, 0xffffffff, 1, 2])).toThrow(tm('TM_PROFILE_CORRUPT'));
  });

  it('drops the frame of the signal handler, which all stacks have second', () => {
    const handler = 0x9001;
    const p = read([...NATIVE, 1, 3, 0x10, handler, 0x21, 1, 3, 0x30, handler, 0x41, ...END]);
    expect(rows(p).map((row) => row.split(' | ')[1])).toEqual(['0x10 0x20', '0x30 0x40']);
  });

  it('joins a leaf that is there twice', () => {
    const p = read([...NATIVE, 1, 3, 0x10, 0x10, 0x21, 1, 3, 0x30, 0x51, 0x41, ...END]);
    expect(rows(p).map((row) => row.split(' | ')[1])).toEqual(['0x10 0x20', '0x30 0x50 0x40']);
  });
});

describe('readCpuBinary', () => {
  it.each<[string, (number | bigint)[]]>([
    ['nothing', []],
    ['another version', [0, 4, 0, 100, 0]],
    ['another kind', [0, 3, 2, 100, 0]],
    ['a period of zero', [0, 3, 0, 0, 0]],
    ['padding that is not zero', [0, 3, 0, 100, 1]],
    ['a first word that is not zero', [1, 3, 0, 100, 0]],
  ])('leaves %s to others', (_, words) => {
    for (const [, size, little] of WORDS) expect(readCpuBinary(file(size, little, words))).toBeNull();
  });

  it('wraps counts and times around at 64 bits', () => {
    const p = readCpuBinary(file(8, true, [0, 3, 0, 1, 0, 2n ** 63n, 1, 0x10, ...END]))!;
    expect(rows(p)).toEqual(['-9223372036854775808 0 | 0x10']);
  });

  it('keeps a handler frame that only some stacks have', () => {
    const rare = [1, 3, 0x10, 0x9001, 0x21];
    const p = readCpuBinary(file(8, true, [...NATIVE, ...rare, ...rare, 1, 3, 0x10, 0x8001, 0x21, ...END]))!;
    expect(rows(p).filter((row) => row.includes('0x9000'))).toHaveLength(2);
  });

  it('reads bytes in the middle of a buffer', () => {
    const bytes = file(8, false, [...NATIVE, ...STACKS]);
    const buffer = new Uint8Array(bytes.length + 3);
    buffer.set(bytes, 3);
    expect(rows(readCpuBinary(buffer.subarray(3))!)).toEqual(rows(readCpuBinary(bytes)!));
  });
});
