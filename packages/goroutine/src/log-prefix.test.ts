import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinePrefix } from './log-prefix.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const learn = (prefix: string) => LinePrefix.learn(bytes(prefix), 0, bytes(prefix).length);
/** What a line holds behind the prefix; null: it is of another source. */
const rest = (prefix: LinePrefix, line: string) => {
  const text = bytes(line);
  return prefix.read(text, 0, text.length)
    ? new TextDecoder().decode(prefix.bytes.subarray(prefix.from, prefix.to))
    : null;
};

describe('what may differ from line to line', () => {
  it.each<[string, string, string]>([
    ['a fraction of another length', '2026-11-24T10:00:00.123456789Z ', '2026-11-24T10:00:01Z '],
    ['an offset from UTC', '2026-11-24T10:00:00+01:00 ', '2026-11-24T10:00:00+00:00 '],
    ['a date with slashes', '2026/11/24 10:00:00 ', '2027/01/01 00:00:00 '],
    ['a comma before the milliseconds', '2026-11-24 10:00:00,123 ', '2026-11-24 10:00:00,9 '],
    ['a day of one digit behind two blanks', 'Nov  9 10:00:00 web: ', 'Nov 10 10:00:00 web: '],
    ['another month', 'Nov 30 23:59:59 web: ', 'Dec  1 00:00:00 web: '],
    ['another day of the week', 'Mon Nov 30 23:59:59 2026 ', 'Tue Dec  1 00:00:00 2026 '],
    ['seconds since 1970', '[1764000000.5] ', '[1764000001.25] '],
    ['seconds since the start', '[   99.999999] ', '[  100.000000] '],
    ['a time alone', '10:00:00 ', '9:00:00 '],
  ])('%s', (_, first, second) => {
    expect(rest(learn(first), `${second}main.f()`)).toBe('main.f()');
    expect(learn(first).key).toBe(learn(second).key);
  });
});

describe('what tells two sources apart', () => {
  it.each<[string, string, string]>([
    ['a pid', 'Nov 24 10:00:00 web shop[123]: ', 'Nov 24 10:00:00 web shop[124]: '],
    ['a host', 'Nov 24 10:00:00 web-1 shop: ', 'Nov 24 10:00:00 web-2 shop: '],
    ['a pod', '[pod/shop-1/shop] ', '[pod/shop-2/shop] '],
    ['a stream', '2026-11-24T10:00:00Z stderr F ', '2026-11-24T10:00:00Z stdout F '],
    ['an address with a port', '10.0.0.1:8080 ', '10.0.0.2:8080 '],
    ['a replica of two digits', 'shop-10 | ', 'shop-11 | '],
    ['a version', 'shop v1.2.3 ', 'shop v1.2.4 '],
    ['a level', 'ERROR ', 'FATAL '],
  ])('%s', (_, first, second) => {
    expect(rest(learn(first), `${second}main.f()`)).toBeNull();
    expect(rest(learn(first), `${first}main.f()`)).toBe('main.f()');
    expect(learn(first).key).not.toBe(learn(second).key);
  });
});

describe('reading', () => {
  it.each<[string, string, string | null]>([
    ['shop | ', 'shop | ', ''],
    // Trailing blanks trimmed: an empty line.
    ['shop | ', 'shop |', ''],
    ['shop |  ', 'shop |\r', '\r'],
    ['shop | ', 'shop', null],
    ['shop | ', '', null],
    ['shop | ', 'shop | \tmain.go:1', '\tmain.go:1'],
    ['', 'main.f()', 'main.f()'],
    ['10:00:00 ', 'main.f()', null],
    ['2026-11-24T10:00:00Z stderr F ', '2026-11-24T10:00:00Z stderr X main.f()', null],
  ])('behind %j the line %j holds %j', (prefix, line, content) => expect(rest(learn(prefix), line)).toBe(content));

  it('CRI says which lines are pieces', () => {
    const prefix = learn('2026-11-24T10:00:00Z stderr F ');
    expect([rest(prefix, '2026-11-24T10:00:01Z stderr P main.'), prefix.partial]).toEqual(['main.', true]);
    expect([rest(prefix, '2026-11-24T10:00:01Z stderr F f()'), prefix.partial]).toEqual(['f()', false]);
    // Only behind a time: a program may print such words itself.
    expect(rest(learn('stderr F '), 'stderr P main.f()')).toBeNull();
  });

  it('a prefix of any bytes takes off itself and nothing else', () => {
    const any = fc.uint8Array({ maxLength: 60 }).map((b) => b.filter((c) => c !== 0x0a && c !== 0x0d));
    fc.assert(
      fc.property(any, (own) => {
        // The mark between keeps a time at the prefix's end from going on in the line.
        const prefix = Uint8Array.of(...own, 0x7c);
        const line = Uint8Array.of(...prefix, ...bytes('main.f()'));
        const learned = LinePrefix.learn(prefix, 0, prefix.length);
        expect(learned.read(line, 0, line.length)).toBe(true);
        expect(new TextDecoder().decode(learned.bytes.subarray(learned.from, learned.to))).toBe('main.f()');
      }),
    );
  });
});

describe('what loggers leave of it on later lines', () => {
  it('is the prefix less a word at a time, at last nothing', () => {
    const left = learn('shop | 2026/11/24 10:00:00 panic: ').shortened();
    expect(left.map((prefix) => rest(prefix, 'shop | 2027/01/01 11:11:11 x'))).toEqual([
      'x',
      ' x',
      ' 11:11:11 x',
      ' 2027/01/01 11:11:11 x',
      '| 2027/01/01 11:11:11 x',
      'shop | 2027/01/01 11:11:11 x',
    ]);
    expect(rest(left.at(-1)!, 'anything')).toBe('anything');
  });

  it('is tried a bounded number of times', () => {
    const left = learn('a '.repeat(200)).shortened();
    expect(left.length).toBeLessThan(40);
    expect(rest(left.at(-1)!, 'anything')).toBe('anything');
  });

  it('may be indented', () => {
    expect(rest(learn('shop | ').indented(4), 'shop |     main.f()')).toBe('main.f()');
    expect(rest(learn('shop | ').indented(4), 'shop |   main.f()')).toBeNull();
    expect(learn('shop | ').indented(4).key).not.toBe(learn('shop | ').key);
    // Made in two ways, one source: a logger's mark comes off before the blank does.
    expect(learn('shop |').indented(1).key).toBe(learn('shop | ').key);
  });
});
