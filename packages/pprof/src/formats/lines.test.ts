import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../test/support.js';
import { callSite, isSpaceOrComment, Lines, parseAddresses, parseInt64, truncateToInt64 } from './lines.js';

describe('Lines', () => {
  it.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['one without an end', 'a', ['a']],
    ['one with an end', 'a\n', ['a']],
    ['empty ones', '\n\n', ['', '']],
    ['those that end in CRLF', 'a\r\n\r\nb\r\n', ['a', '', 'b']],
    ['a carriage return inside', 'a\rb\n', ['a\rb']],
    ['two carriage returns, of which one belongs to the end', 'a\r\r\n', ['a\r']],
    ['a carriage return at the end of the text', 'a\r', ['a']],
    ['letters of several bytes', 'größe\n😀', ['größe', '😀']],
  ])('of %s', (_, text, lines) => {
    const reader = new Lines(bytesOf(text));
    expect(reader.current).toBe('');
    const read: string[] = [];
    while (reader.next()) read.push(reader.current);
    expect(read).toEqual(lines);
    expect([reader.next(), reader.current]).toEqual([false, '']);
  });

  it('begin where they are told to', () => {
    const reader = new Lines(bytesOf('abc\nd'), 2);
    reader.next();
    expect(reader.current).toBe('c');
  });
});

describe('numbers', () => {
  it.each<[string, number | bigint | null]>([
    ['0', 0],
    ['-0', 0],
    ['007', 7],
    ['+5', 5],
    ['-12', -12],
    ['0x1f', 31],
    ['0XFF', 255],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', 2n ** 53n],
    ['-9007199254740993', -(2n ** 53n) - 1n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['9223372036854775808', null],
    ['-9223372036854775809', null],
    ['0xffffffffffffffff', null],
    ['', null],
    ['-', null],
    ['1.5', null],
    ['1e3', null],
    [' 1', null],
    ['1_000', null],
    ['0x', null],
  ])('parseInt64(%j) is %s', (text, value) => {
    expect(parseInt64(text)).toBe(value);
  });

  it.each<[string, bigint[] | null]>([
    ['', []],
    ['0x0', [0n]],
    [' 0x1f  0x20', [31n, 32n]],
    ['0xffffffffffffffff', [2n ** 64n - 1n]],
    ['0x1 0x10000000000000000', null],
    ['10 20', []],
  ])('parseAddresses(%j)', (text, addresses) => {
    expect(parseAddresses(text)).toEqual(addresses);
  });

  it.each([
    [0x401n, 0x400n],
    [1n, 0n],
    [0n, 2n ** 64n - 1n],
  ])('the call of return address %s is at %s', (address, call) => {
    expect(callSite(address)).toBe(call);
  });

  it.each<[number, number | bigint]>([
    [0, 0],
    [-0.5, 0],
    [1.999, 1],
    [-1.999, -1],
    [2 ** 53, 2n ** 53n],
    [-(2 ** 63), -(2n ** 63n)],
    [2 ** 63, -(2n ** 63n)],
    [Number.POSITIVE_INFINITY, -(2n ** 63n)],
    [Number.NaN, -(2n ** 63n)],
  ])('truncateToInt64(%s) is %s', (value, whole) => {
    expect(truncateToInt64(value)).toBe(whole);
  });

  it.each([
    ['', true],
    [' \t', true],
    ['# x', true],
    ['  # x', true],
    ['x # y', false],
  ])('isSpaceOrComment(%j) is %s', (line, is) => {
    expect(isSpaceOrComment(line)).toBe(is);
  });
});
