import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode, isTidemarkError, TidemarkError } from './errors.js';
import { fingerprint, Interval, Quantity, Verdict } from './finding.js';
import { Manifest } from './manifest.js';
import { Signal } from './signal.js';

describe('fingerprint', () => {
  // Baselines in users' repositories hold these: they may never change.
  it('is FNV-1a of the parts, each of its own place', () => {
    const parts = { rule: 'heap/site-grows', service: 'shop', function: 'shop/cart.add', anchor: 'append#0' };
    const slow = (text: string) => {
      let hash = 0xcbf29ce484222325n;
      for (const byte of new TextEncoder().encode(text))
        hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
      return hash.toString(16).padStart(16, '0');
    };
    expect(fingerprint(parts)).toBe(slow('heap/site-grows\0shop\0shop/cart.add\0append#0'));
  });
  it('has sixteen digits, is the same again, and differs where any part does', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((s) => !s.includes('\0'));
    const parts = fc.record({ rule: text, service: text, function: text, anchor: text });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(fingerprint(a)).toMatch(/^[0-9a-f]{16}$/);
        const equal = JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
        expect(fingerprint(a) === fingerprint(b)).toBe(equal);
      }),
    );
    const moved = fingerprint({ rule: 'a', service: 'b', function: '', anchor: '' });
    expect(fingerprint({ rule: 'ab', service: '', function: '', anchor: '' })).not.toBe(moved);
  });
});

describe('schemas', () => {
  it('give back through JSON what was given, with what was left out', () => {
    const quantity = {
      unit: 'bytes',
      value: 3,
      perSeconds: 60,
      series: [
        [0, 1],
        [5, 3],
      ],
    };
    expect(Quantity.parse(JSON.parse(JSON.stringify(quantity)))).toEqual(quantity);
    expect(Signal.parse({ name: 'n', unit: 'count', kind: 'gauge', source: 's', points: [] }).labels).toEqual({});
  });
  it.each([
    ['a level above 1', Interval, { low: 0, high: 1, level: 95 }],
    ['an interval without end', Interval, { low: 0, level: 0.5 }],
    ['a time of nothing', Quantity, { unit: 'bytes', value: 1, perSeconds: 0 }],
    ['a unit of its own', Quantity, { unit: 'KiB', value: 1 }],
    ['NaN', Quantity, { unit: 'bytes', value: Number.NaN }],
    ['a verdict of its own', Verdict, 'maybe'],
    ['a point of three', Signal, { name: 'n', unit: 'count', kind: 'gauge', source: 's', points: [[1, 2, 3]] }],
  ])('refuse %s', (_, schema, value) => expect(schema.safeParse(value).success).toBe(false));
  it.each(['../etc/passwd', 'a/b', 'a\\b', '', 'a\n', 'c:x'])(
    'a manifest names no file outside of its folder: %j',
    (file) => {
      expect(Manifest.shape.captures.element.shape.file.safeParse(file).success).toBe(false);
    },
  );
});

describe('errors', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])('%s has a title and an advice, and its exit code', (code) => {
    const error = new TidemarkError(code, 'text', { cause: 'why' });
    expect(ERRORS[code].title).not.toMatch(/\.$/);
    expect(ERRORS[code].advice).toMatch(/^[A-Z].*\S$/);
    expect([error.advice, error.exitCode, error.cause]).toEqual([ERRORS[code].advice, ERRORS[code].exit, 'why']);
  });
  it('are told from others and from one another', () => {
    const error = new TidemarkError('TM_LIMIT', 'too much', { advice: 'less' });
    expect(error.advice).toBe('less');
    expect([isTidemarkError(error), isTidemarkError(error, 'TM_LIMIT'), isTidemarkError(error, 'TM_USAGE')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([isTidemarkError(new Error('x')), isTidemarkError(null), isTidemarkError({ code: 'TM_LIMIT' })]).toEqual([
      false,
      false,
      false,
    ]);
    expect('cause' in new TidemarkError('TM_LIMIT', 'x')).toBe(false);
  });
});
