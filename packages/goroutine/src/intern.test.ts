import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteTable, HASH_START, hashEnd, hashStep } from './intern.js';

const hashOf = (bytes: Uint8Array) => hashEnd(bytes.reduce(hashStep, HASH_START));

describe('ByteTable', () => {
  it('gives equal bytes one number in the order of their coming, and the bytes back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 6, max: 3 }), { maxLength: 200 }), (keys) => {
        const table = new ByteTable(1 << 20);
        const model = new Map<string, number>();
        for (const key of keys) {
          const text = key.join();
          if (!model.has(text)) model.set(text, model.size);
          expect(table.intern(key, key.length, hashOf(key))).toBe(model.get(text));
        }
        expect(table.size).toBe(model.size);
        for (const [text, id] of model) expect(table.bytes(id).join()).toBe(text);
      }),
    );
  });

  it('keeps apart what was made to collide', () => {
    const table = new ByteTable(1 << 20);
    const key = (i: number) => new Uint8Array([i & 255, i >> 8]);
    const ids = Array.from({ length: 900 }, (_, i) => table.intern(key(i), 2, 42));
    expect(ids).toEqual(ids.map((_, i) => i));
    for (const i of [0, 1, 450, 899]) expect(table.intern(key(i), 2, 42)).toBe(i);
  });

  it('finds everything again after it grew in slots and in bytes', () => {
    const table = new ByteTable(8 << 20);
    const key = (i: number) => new TextEncoder().encode(`main.function${i}(${'x'.repeat(i % 50)})`);
    for (let i = 0; i < 5000; i++) table.intern(key(i), key(i).length, hashOf(key(i)));
    for (let i = 0; i < 5000; i += 7) {
      expect(table.intern(key(i), key(i).length, hashOf(key(i)))).toBe(i);
      expect(table.arena.subarray(table.startOf(i), table.endOf(i))).toEqual(key(i));
    }
    expect(table.size).toBe(5000);
  });

  it('reads only the first `length` bytes of the key', () => {
    const table = new ByteTable(100);
    const hash = hashOf(new Uint8Array([1, 2]));
    expect(table.intern(new Uint8Array([1, 2, 9]), 2, hash)).toBe(table.intern(new Uint8Array([1, 2, 8]), 2, hash));
    expect(table.bytes(0)).toEqual(new Uint8Array([1, 2]));
  });

  it('an entry may fill the limit, not cross it; known ones go on being found', () => {
    const table = new ByteTable(8);
    const a = new Uint8Array(8).fill(7);
    expect(table.intern(a, 8, 1)).toBe(0);
    expect(() => table.intern(new Uint8Array([1]), 1, 2)).toThrowError(expect.objectContaining({ code: 'TM_LIMIT' }));
    expect(table.intern(a, 8, 1)).toBe(0);
    expect(table.size).toBe(1);
  });
});

describe('the hash', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('of %j before its end is FNV-1a', (text, expected) => {
    expect(new TextEncoder().encode(text).reduce(hashStep, HASH_START) >>> 0).toBe(expected);
  });
  it('spreads: the low bits of a thousand like names fill most of 1024 slots', () => {
    const slots = new Set(
      Array.from({ length: 1024 }, (_, i) => hashOf(new TextEncoder().encode(`main.worker${i}`)) & 1023),
    );
    // A random function fills 1 - 1/e = 63 % of them.
    expect(slots.size).toBeGreaterThan(560);
  });
});
