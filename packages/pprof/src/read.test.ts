import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, codec, rows, tm } from '../test/support.js';
import { encodeProfile } from './encode.js';
import { type Codec, DEFAULT_MAX_BYTES, readProfile, tooLarge, unpack } from './read.js';
import { parseTextProfile } from './text-columns.js';

const PROTO = encodeProfile(parseTextProfile('v/count\n1 main;f k=v'));
const join = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((p) => [...p]));
const form = (bytes: Uint8Array, c: Codec = codec) => readProfile(bytes, c).form;

/** A zstd codec of its own kind: four bytes of magic, then the content as it is. */
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
const withZstd: Codec = { ...codec, unzstd: (bytes) => bytes.subarray(4) };

describe('the form is told by content', () => {
  const cpu = new BigUint64Array([0n, 3n, 0n, 10000n, 0n, 1n, 1n, 0x10n, 0n, 1n, 0n]);
  it.each<[string, Uint8Array, string]>([
    ['a bare proto', PROTO, 'proto'],
    ['a gzipped one', gzipSync(PROTO), 'proto'],
    ['a heap', bytesOf('heap profile: 1: 2 [1: 2] @ heap/2\n1: 2 [1: 2] @ 0x10\n'), 'heap-text'],
    [
      'a gzipped text, as browsers save it',
      gzipSync(bytesOf('goroutine profile: total 1\n1 @ 0x10\n')),
      'goroutine-text',
    ],
    ['goroutines', bytesOf('goroutine profile: total 1\n1 @ 0x10\n'), 'goroutine-text'],
    ['threads that were made', bytesOf('threadcreate profile: total 1\n1 @ 0x10\n'), 'threadcreate-text'],
    ['counts of anything', bytesOf('widgets profile: total 1\n1 @ 0x10\n'), 'count-text'],
    ['a mutex profile', bytesOf('--- mutex:\ncycles/second=1\nsampling period=1\n1 1 @ 0x10\n'), 'contention-text'],
    [
      'threads',
      bytesOf('--- threadz 1 ---\n\n--- Thread 1 (name: x/1) stack: ---\n 0x10\n--- Memory map: ---\n'),
      'thread-text',
    ],
    ['a Java heap', bytesOf('--- heapz 1 ---\nformat = java\nresolution = bytes\n 8 1 @ 0x1\n'), 'java-heap'],
    ['a binary CPU profile', new Uint8Array(cpu.buffer), 'cpu-binary'],
    ['a text behind a gzip of a gzip is not', gzipSync(gzipSync(PROTO)), 'TM_NOT_A_PROFILE'],
  ])('%s', (_, bytes, expected) => {
    if (expected.startsWith('TM_')) expect(() => form(bytes)).toThrow(tm(expected));
    else expect(form(bytes)).toBe(expected);
  });

  it('reads bytes in the middle of a larger buffer', () => {
    for (const bytes of [PROTO, gzipSync(PROTO)]) {
      const padded = join([9, 9, 9], bytes, [9]);
      expect(rows(readProfile(padded.subarray(3, 3 + bytes.length), codec))).toEqual(['1 | f main | k=v']);
    }
  });
});

describe('unpack', () => {
  it.each<[string, Uint8Array, number[]]>([
    ['leaves alone what is not packed', Uint8Array.of(1, 2), [1, 2]],
    ['unpacks gzip', gzipSync(Uint8Array.of(1, 2)), [1, 2]],
    ['unpacks zstd', Uint8Array.from([...ZSTD, 7, 8]), [7, 8]],
    ['leaves alone half a magic number', Uint8Array.of(0x1f), [0x1f]],
    ['leaves alone three quarters of the other', Uint8Array.from(ZSTD.slice(0, 3)), ZSTD.slice(0, 3)],
  ])('%s', (_, bytes, expected) => expect([...unpack(bytes, withZstd, 1000)]).toEqual(expected));

  it('gives the limit to the codec, which alone knows when to stop', () => {
    const asked: number[] = [];
    const note = <T>(max: number, bytes: T): T => {
      asked.push(max);
      return bytes;
    };
    const spy: Codec = { gunzip: (b, max) => note(max, gunzipSync(b)), unzstd: (b, max) => note(max, b) };
    unpack(gzipSync(PROTO), spy, 1234);
    unpack(Uint8Array.from(ZSTD), spy, 4321);
    readProfile(gzipSync(PROTO), spy);
    expect(asked).toEqual([1234, 4321, DEFAULT_MAX_BYTES]);
  });

  it('refuses what is larger than the limit without any codec', () => {
    expect(unpack(new Uint8Array(100), codec, 100)).toHaveLength(100);
    expect(() => unpack(new Uint8Array(101), codec, 100)).toThrow(tooLarge(100));
  });
});

describe('what is refused, and how', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'TM_FILE_EMPTY'],
    ['nothing, packed', gzipSync(new Uint8Array(0)), 'TM_FILE_EMPTY'],
    ['zstd where nothing unpacks it', Uint8Array.from([...ZSTD, 1]), 'TM_NOT_A_PROFILE'],
    ['a web page', bytesOf('<!doctype html>\n<html><body>404</body></html>'), 'TM_NOT_A_PROFILE'],
    ['the index of pprof', bytesOf('/debug/pprof/\nSet debug=1 as a query parameter'), 'TM_NOT_A_PROFILE'],
    ['a goroutine dump', bytesOf('goroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n'), 'TM_NOT_A_PROFILE'],
    ['a heap header alone is not, words like it are', bytesOf('heap profile of today'), 'TM_NOT_A_PROFILE'],
    ['ELF', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0), 'TM_NOT_A_PROFILE'],
    ['a trace', bytesOf('go 1.26 trace\u0000\u0000\u0000'), 'TM_NOT_A_PROFILE'],
    ['zeros', new Uint8Array(100), 'TM_NOT_A_PROFILE'],
    ['a cut proto', PROTO.subarray(0, PROTO.length - 3), 'TM_PROFILE_CORRUPT'],
  ])('%s', (_, bytes, code) => expect(() => readProfile(bytes, codec)).toThrow(tm(code)));

  it('quotes how a text begins: its first line, cut, and safe to print', () => {
    const message = (text: string) => {
      try {
        readProfile(bytesOf(text), codec);
        return 'no error';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message('401 Unauthorized\nlog in')).toBe('unrecognized profile format: it begins with "401 Unauthorized"');
    expect(message(`${'x'.repeat(500)}`)).toContain(`"${'x'.repeat(40)}"`);
    expect(message('say "hi"\ttab')).toContain('"say \\"hi\\"\\ttab"');
  });

  it('never takes text for a proto, nor a proto for text', () => {
    // A first sample type that is empty and a long string table look like line ends and letters.
    const line = fc.string({ unit: fc.constantFrom('a', '\n', '\t', '\r', '"', '2', ' '), minLength: 1 });
    fc.assert(
      fc.property(line, (text) => {
        expect(() => readProfile(bytesOf(text), codec)).toThrow(tm('TM_NOT_A_PROFILE'));
      }),
      { numRuns: 200 },
    );
  });
});
