import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BYTES, corrupt, VARINT, WireReader, WireWriter } from './wire.js';

const CORRUPT = expect.objectContaining({ code: 'TM_PROFILE_CORRUPT' });
const bytesOf = (write: (w: WireWriter) => void): number[] => {
  const w = new WireWriter();
  write(w);
  return [...w.finish()];
};
const reader = (...bytes: number[]) => new WireReader(Uint8Array.from(bytes));

/** The encoding as its specification gives it: groups of seven bits, least first, of the 64-bit two's complement. */
function base128(value: bigint): number[] {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    out.push(Number(rest % 128n) + (rest >= 128n ? 128 : 0));
    rest /= 128n;
  } while (rest > 0n);
  return out;
}

const ANY_INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

describe('varints', () => {
  it.each<[number | bigint, number[]]>([
    [0, [0]],
    [1, [1]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [300, [0xac, 0x02]],
    [16383, [0xff, 0x7f]],
    [16384, [0x80, 0x80, 0x01]],
    [2 ** 28, [0x80, 0x80, 0x80, 0x80, 0x01]],
    [0x7fffffff, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [0x80000000, [0x80, 0x80, 0x80, 0x80, 0x08]],
    [2 ** 32, [0x80, 0x80, 0x80, 0x80, 0x10]],
    [2 ** 53, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    [-1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    [2n ** 63n, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
    [2n ** 64n - 1n, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ])('%s is written and read as %j', (value, bytes) => {
    expect(bytesOf((w) => w.varint(value))).toEqual(bytes);
    const r = reader(...bytes);
    r.varint();
    expect(r.pos).toBe(bytes.length);
    expect(r.bigUnsigned()).toBe(BigInt.asUintN(64, BigInt(value)));
  });

  it('of any value have the bytes of the specification and come back signed and unsigned', () => {
    fc.assert(
      fc.property(ANY_INT64, (value) => {
        const bytes = base128(value);
        expect(bytesOf((w) => w.varint(value))).toEqual(bytes);
        const r = reader(...bytes);
        r.varint();
        expect(r.bigSigned()).toBe(value);
        expect(r.bigUnsigned()).toBe(value < 0n ? value + 2n ** 64n : value);
        expect(r.lo >>> 0).toBe(Number(r.bigUnsigned() % 2n ** 32n));
        expect(r.hi >>> 0).toBe(Number(r.bigUnsigned() / 2n ** 32n));
      }),
    );
  });

  it('are exact doubles up to ±2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const r = reader(...base128(BigInt(value)));
        r.varint();
        expect(r.signed()).toBe(value);
        if (value >= 0) expect(r.unsigned()).toBe(value);
      }),
    );
  });

  it('may be longer than they need to be', () => {
    const r = reader(0x85, 0x80, 0x00);
    r.varint();
    expect([r.lo, r.hi, r.pos]).toEqual([5, 0, 3]);
  });

  it('keep 64 bits where the tenth byte says more', () => {
    const r = reader(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f);
    r.varint();
    expect(r.bigUnsigned()).toBe(2n ** 63n);
  });

  it.each([
    ['nothing', []],
    ['a byte that announces another', [0x80]],
    ['a value cut in its middle', [0xff, 0xff, 0xff, 0xff, 0xff]],
    ['eleven bytes', [...new Array(10).fill(0x80), 0x00]],
  ])('refuse %s', (_, bytes) => {
    expect(() => reader(...bytes).varint()).toThrow(CORRUPT);
  });

  it('do not read past the end of their range', () => {
    const r = new WireReader(Uint8Array.of(0x80, 0x01), 0, 1);
    expect(() => r.varint()).toThrow(CORRUPT);
  });
});

describe('fields', () => {
  /** Every field of a message as [number, type, content]. */
  function fieldsOf(...bytes: number[]): unknown[] {
    const r = reader(...bytes);
    const out: unknown[] = [];
    while (r.next()) {
      if (r.type === VARINT) out.push([r.field, r.type, r.unsigned()]);
      else if (r.type === BYTES) out.push([r.field, r.type, [...r.bytes.subarray(r.start, r.stop)]]);
      else out.push([r.field, r.type]);
    }
    return out;
  }

  it.each<[string, number[], unknown[]]>([
    ['an empty message', [], []],
    ['a number', [0x08, 0x96, 0x01], [[1, VARINT, 150]]],
    ['bytes', [0x12, 0x02, 0x68, 0x69], [[2, BYTES, [0x68, 0x69]]]],
    ['empty bytes', [0x12, 0x00], [[2, BYTES, []]]],
    ['a field number of two bytes', [0x82, 0x01, 0x00], [[16, BYTES, []]]],
    [
      'fixed numbers, which are skipped whole',
      [0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x18, 0x07],
      [
        [1, 1],
        [2, 5],
        [3, VARINT, 7],
      ],
    ],
    ['a field number beyond all, which is no known one', [...base128(2n ** 35n), 0x05], [[0x7fffffff, VARINT, 5]]],
  ])('reads %s', (_, bytes, fields) => {
    expect(fieldsOf(...bytes)).toEqual(fields);
  });

  it.each([
    ['the start of a group', [0x0b]],
    ['the end of a group', [0x0c]],
    ['wire type 6', [0x0e, 0]],
    ['wire type 7', [0x0f, 0]],
    ['bytes longer than the rest', [0x0a, 0x02, 0x00]],
    ['bytes of 2^32 more than there are', [0x0a, ...base128(2n ** 32n), 0x00]],
    ['eight bytes of which seven are there', [0x09, 1, 2, 3, 4, 5, 6, 7]],
    ['four bytes of which three are there', [0x0d, 1, 2, 3]],
    ['a tag without content', [0x08]],
  ])('refuse %s', (_, bytes) => {
    expect(() => fieldsOf(...bytes)).toThrow(CORRUPT);
  });

  it('of another type than expected are named in the error', () => {
    const r = reader(0x1a, 0x00);
    r.next();
    expect(() => r.expect(BYTES)).not.toThrow();
    expect(() => r.expect(VARINT)).toThrow(/field 3 /);
    expect(isTidemarkError(corrupt('x'))).toBe(true);
    expect(corrupt('x').message).toBe('malformed profile: x');
  });
});

describe('WireWriter', () => {
  it.each<[string, (w: WireWriter) => void, number[]]>([
    ['leaves zero out where it is optional', (w) => w.optional(1, 0), []],
    ['leaves a zero bigint out as well', (w) => w.optional(1, 0n), []],
    ['writes an optional number', (w) => w.optional(2, 5), [0x10, 5]],
    ['writes zero where it must', (w) => w.always(14, 0), [0x70, 0]],
    ['writes raw bytes', (w) => w.raw(6, Uint8Array.of(9, 8)), [0x32, 2, 9, 8]],
    ['writes two numbers one by one', (w) => w.repeated(1, [3, 4]), [0x08, 3, 0x08, 4]],
    ['writes three numbers packed', (w) => w.repeated(1, [3, 300, -1]), [0x0a, 13, 3, 0xac, 2, ...base128(-1n)]],
    ['writes no numbers at all', (w) => w.repeated(1, []), []],
    ['writes an empty message', (w) => w.nested(4, () => {}), [0x22, 0]],
    [
      'writes messages in messages',
      (w) => w.nested(4, () => w.nested(4, () => w.always(1, 7))),
      [0x22, 4, 0x22, 2, 8, 7],
    ],
  ])('%s', (_, write, bytes) => {
    expect(bytesOf(write)).toEqual(bytes);
  });

  it.each([0, 1, 127, 128, 129, 16383, 16384, 65535, 65536, 200_000])('frames a message of %i bytes', (size) => {
    const content = Uint8Array.from({ length: size }, (_, i) => i % 251);
    const w = new WireWriter();
    w.always(1, 1);
    w.nested(2, () => {
      for (const b of content) w.varint(b & 0x7f);
    });
    w.raw(3, content);
    const written = w.finish();
    expect(w.size).toBe(written.length);
    const r = new WireReader(written);
    r.next();
    expect(r.next()).toBe(true);
    expect([r.field, r.stop - r.start]).toEqual([2, size]);
    expect(
      Buffer.compare(
        r.bytes.subarray(r.start, r.stop),
        content.map((b) => b & 0x7f),
      ),
    ).toBe(0);
    expect(r.next()).toBe(true);
    expect(Buffer.compare(r.bytes.subarray(r.start, r.stop), content)).toBe(0);
    expect(r.next()).toBe(false);
  });

  it('gives a copy, which later writes do not change', () => {
    const w = new WireWriter();
    w.varint(1);
    const before = w.finish();
    w.varint(2);
    expect([...before]).toEqual([1]);
    expect([...w.finish()]).toEqual([1, 2]);
  });
});
