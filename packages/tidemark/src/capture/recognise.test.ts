import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { heapText } from '../../test/profiles.js';
import { recognise } from './recognise.js';

const DUMP = 'goroutine 1 [chan send, 2 minutes]:\nmain.main()\n\t/src/main.go:9 +0x1\n';
const bytes = (text: string) => new TextEncoder().encode(text);
const kindOf = (content: Uint8Array) => recognise(content, 'file', 2 ** 26).kind;
const log = (lines: number) => '2026/11/24 10:00:00 shop: GET /cart 200\n'.repeat(lines);

describe('a goroutine dump', () => {
  it.each<[string, string]>([
    ['bare', DUMP],
    ['behind what a collector writes', DUMP.replace(/^/gm, 'shop-1  | 2026-11-24T10:00:00Z ')],
    ['of SIGQUIT', DUMP.replace('1 [', '1 gp=0x681 m=0 mp=0x682 [')],
    ['in the text of one JSON entry', JSON.stringify({ msg: 'x'.repeat(500), stack: `panic: boom\n\n${DUMP}` })],
    [
      'with each line in an entry',
      DUMP.split('\n')
        .map((line) => JSON.stringify({ log: `${line}\n` }))
        .join('\n'),
    ],
    ['far behind the beginning of a log', log(20_000) + DUMP],
    // One piece of the search ends in the middle of this header.
    ['on the border of two pieces', `${'x'.repeat(256 * 1024 - 258)}\n${DUMP}`],
  ])('%s is known by its content, packed or not', (_, text) => {
    expect(kindOf(bytes(text))).toBe('goroutine-dump');
    expect(kindOf(gzipSync(text))).toBe('goroutine-dump');
  });

  it.each<[string, string]>([
    ['a log without one', log(20_000)],
    ['prose', 'the goroutine 5 is [here], says goroutine x [running]:\n'],
    ['a word that ends so', 'mygoroutine 5 [running]:\n'],
  ])('%s is none', (_, text) => {
    expect(() => kindOf(bytes(text))).toThrow(expect.objectContaining({ code: 'TM_NOT_A_PROFILE' }));
  });

  it('is not seen in a profile', () => {
    expect(kindOf(bytes(heapText(2 ** 20, { lastGcAtMs: 1, numGc: 1 })))).toBe('heap');
  });
});
