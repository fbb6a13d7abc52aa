import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLabels, parseMemStat, parseSymbol } from './symbols.js';

describe('parseSymbol', () => {
  it.each<[string, string, [bigint, string, string, number] | null]>([
    ['a frame', '#\t0x47f1\tmain.fill+0x8a\t\t/src/a.go:5', [0x47f1n, 'main.fill', '/src/a.go', 5]],
    ['a method', '#\t0x1\tmain.(*T).Get+0x1\t/a.go:1', [1n, 'main.(*T).Get', '/a.go', 1]],
    ['a generic function', '#\t0x1\tmain.Map[...]+0x1\t/a.go:1', [1n, 'main.Map[...]', '/a.go', 1]],
    ['a closure', '#\t0x1\tmain.main.func1.2+0x1\t/a.go:1', [1n, 'main.main.func1.2', '/a.go', 1]],
    [
      'a path with spaces and colons',
      '#\t0x1\tmain.f+0x1\tC:/My Files/a.go:12',
      [1n, 'main.f', 'C:/My Files/a.go', 12],
    ],
    ['no file', '#\t0x1\tmain.f+0x1', [1n, 'main.f', '', 0]],
    ['no name', '#\t0x1', [1n, '', '', 0]],
    ['the largest address', '#\t0xffffffffffffffff', [2n ** 64n - 1n, '', '', 0]],
    ['a comment', '# runtime.MemStats', null],
    ['a sample', '1: 2 [3: 4] @ 0x1', null],
    ['a frame without its tab', '# 0x1 main.f', null],
  ])('reads %s', (_, text, symbol) => {
    const [address, name, file, line] = symbol ?? [];
    expect(parseSymbol(text)).toEqual(symbol && { address, name, file, line });
  });
});

it('parses what one expression for the whole line would', () => {
  const whole = /^#\t(0x[0-9a-f]+)(?:\t(.*?)(?:\+0x[0-9a-f]+)?\s*(?:\t\s*(\S.*):(\d+))?)?\s*$/;
  const part = fc.constantFrom('\t', ' ', 'f', '+0x1', '+0x', ':', '12', '/a.go', '#', '0x1', '+');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 9 }), fc.boolean(), (parts, framed) => {
      const line = `#\t0x1${framed ? '\t' : ''}${parts.join('')}`;
      const m = whole.exec(line);
      const expected = m && {
        address: BigInt(m[1]!),
        name: m[2]?.trim() ?? '',
        file: m[3] ?? '',
        line: Number(m[4] ?? 0),
      };
      expect(parseSymbol(line)).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

// In time that grows with the cube of its length, each of these would take years: the test would time out.
it.each(['\t', ' ', ' \t', '\t/:1', '+0x1', ':1'])('takes %j a hundred thousand times', (part) => {
  const long = part.repeat(100_000);
  for (const end of ['', 'x', ':']) {
    expect(parseSymbol(`#\t0x1\t${long}${end}`)?.address).toBe(1n);
    expect(parseSymbol(`#\t0x1\tf+0x1\t${long}${end}`)?.address).toBe(1n);
  }
});

describe('parseLabels', () => {
  it.each<[string, string, [string, string][] | null]>([
    ['none', '# labels: {}', []],
    ['one', '# labels: {"a":"b"}', [['a', 'b']]],
    [
      'two',
      '# labels: {"a":"b", "c":"d"}',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'what looks like the end',
      '# labels: {"a":"}", "c":"\\",\\""}',
      [
        ['a', '}'],
        ['c', '","'],
      ],
    ],
    ['escapes', String.raw`# labels: {"a":"\t\n\\\x07\u00e9\U0001f600\101"}`, [['a', '\t\n\\\x07é😀A']]],
    ['an impossible code point', String.raw`# labels: {"a":"\Uffffffff"}`, [['a', '\ufffd']]],
    ['another comment', '# label', null],
  ])('reads %s', (_, line, labels) => {
    expect(parseLabels(line)).toEqual(labels);
  });
});

describe('parseMemStat', () => {
  it.each<[string, [string, number] | null]>([
    ['# HeapAlloc = 123', ['HeapAlloc', 123]],
    ['# Stack = 5 / 9', ['Stack', 5]],
    ['# GCCPUFraction = 1.5e-05', ['GCCPUFraction', 0.000015]],
    ['# Delta = -4', ['Delta', -4]],
    ['# PauseNs = [1 2 3]', null],
    ['# runtime.MemStats', null],
    ['# DebugGC = false', null],
  ])('%s', (line, stat) => {
    expect(parseMemStat(line)).toEqual(stat);
  });
});
