import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StringTable } from './strings.js';

const utf8 = new TextEncoder();

/** A table over the bytes of texts laid one behind another, as a decoder makes it. */
function decoded(...texts: (string | Uint8Array)[]): StringTable {
  const parts = texts.map((t) => (typeof t === 'string' ? utf8.encode(t) : t));
  const starts = new Uint32Array(parts.length);
  const ends = new Uint32Array(parts.length);
  const bytes: number[] = [];
  parts.forEach((part, i) => {
    starts[i] = bytes.length;
    bytes.push(...part);
    ends[i] = bytes.length;
  });
  return new StringTable(Uint8Array.from(bytes), starts, ends);
}

describe('StringTable', () => {
  it('begins with the empty string', () => {
    const t = new StringTable();
    expect([t.length, t.get(0), t.add('')]).toEqual([1, '', 0]);
    expect([...t.utf8(0)]).toEqual([]);
  });

  it('gives equal texts one index, in the order in which they come', () => {
    const t = new StringTable();
    expect(['a', 'b', 'a', '', 'B', 'b'].map((s) => t.add(s))).toEqual([1, 2, 1, 0, 3, 2]);
    expect(t.length).toBe(4);
    expect(t.get(3)).toBe('B');
  });

  it('adds behind what was decoded, and finds what was', () => {
    const t = decoded('', 'main.main', 'x.go');
    expect(t.add('x.go')).toBe(2);
    expect(t.add('new')).toBe(3);
    expect([t.get(1), t.get(3), t.length]).toEqual(['main.main', 'new', 4]);
    expect(new TextDecoder().decode(t.utf8(3))).toBe('new');
  });

  it('finds the first of equal decoded texts', () => {
    expect(decoded('', 'twice', 'twice').add('twice')).toBe(1);
  });

  it.each([
    ['ASCII', 'runtime.mallocgc'],
    ['umlauts', 'main.größe'],
    ['what needs surrogates', 'main.😀'],
    ['a NUL', 'a\u0000b'],
    ['96 letters', 'x'.repeat(96)],
    ['97 letters', 'x'.repeat(97)],
    ['97 letters of two bytes', 'é'.repeat(97)],
  ])('decodes %s', (_, text) => {
    const t = decoded('', text);
    expect([t.get(1), t.get(1)]).toEqual([text, text]);
    expect([...t.utf8(1)]).toEqual([...utf8.encode(text)]);
  });

  it('keeps bytes that are no UTF-8 as they were read', () => {
    const t = decoded('', Uint8Array.of(0x61, 0xff, 0x62));
    expect(t.get(1)).toBe('a\ufffdb');
    expect([...t.utf8(1)]).toEqual([0x61, 0xff, 0x62]);
  });

  it('answers any texts as they were, decoded or added', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 120 });
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (first, later) => {
        const t = decoded('', ...first);
        const indexes = later.map((s) => t.add(s));
        expect(first.map((_, i) => t.get(i + 1))).toEqual(first);
        expect(indexes.map((i) => t.get(i))).toEqual(later);
        expect(t.length).toBe(1 + first.length + new Set(later.filter((s) => s !== '' && !first.includes(s))).size);
      }),
    );
  });
});
