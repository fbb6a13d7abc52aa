import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProfileBuilder } from './builder.js';
import { labelKey } from './labels.js';
import { parseTextProfile } from './text-columns.js';

type Tag = readonly [key: string, value: string | number | bigint, unit?: string];

/** The key of a sample with these labels. */
function keyOf(...tags: Tag[]): string {
  const b = new ProfileBuilder('proto');
  b.sampleTypes = [{ type: 'v', unit: 'count' }];
  b.addSample([], [1]);
  for (const [key, value, unit] of tags) {
    if (typeof value === 'string') b.addTextLabel(key, value);
    else b.addNumberLabel(key, value, unit);
  }
  return labelKey(b.build(), 0);
}

describe('sets of labels that are equal', () => {
  it.each<[string, Tag[], Tag[]]>([
    [
      'whatever the order of their keys',
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
      [
        ['b', 'y'],
        ['a', 'x'],
      ],
    ],
    [
      'whatever the order of texts and numbers',
      [
        ['a', 'x'],
        ['n', 1],
      ],
      [
        ['n', 1],
        ['a', 'x'],
      ],
    ],
    ['as a double or as a 64-bit integer', [['n', 5]], [['n', 5n]]],
    // One number beyond 2^53 turns the whole column into integers.
    [
      'beside a large number',
      [
        ['m', 2n ** 60n],
        ['n', 5],
      ],
      [
        ['n', 5n],
        ['m', 2n ** 60n],
      ],
    ],
    ['none', [], []],
  ])('%s', (_, a, b) => expect(keyOf(...a)).toBe(keyOf(...b)));
});

describe('sets of labels that differ', () => {
  it.each<[string, Tag[], Tag[]]>([
    ['in a value', [['a', 'x']], [['a', 'y']]],
    ['in a key', [['a', 'x']], [['b', 'x']]],
    ['in a unit', [['n', 1, 'bytes']], [['n', 1, 'kilobytes']]],
    ['in having a unit', [['n', 1, 'bytes']], [['n', 1]]],
    ['in a sign', [['n', 1]], [['n', -1]]],
    ['in a number and its text', [['n', 1]], [['n', '1']]],
    [
      'in how often a label is there',
      [
        ['a', 'x'],
        ['a', 'x'],
      ],
      [['a', 'x']],
    ],
    // The reference compares lists of values, not sets.
    [
      'in the order of values of one key',
      [
        ['a', 'x'],
        ['a', 'y'],
      ],
      [
        ['a', 'y'],
        ['a', 'x'],
      ],
    ],
    [
      'in the order of numbers of one key',
      [
        ['n', 1],
        ['n', 2],
      ],
      [
        ['n', 2],
        ['n', 1],
      ],
    ],
    [
      'in where one text ends and the next begins',
      [
        ['a', 'xb'],
        ['b', 'y'],
      ],
      [
        ['a', 'x'],
        ['bb', 'y'],
      ],
    ],
    ['in where a key ends', [['ab', 'c']], [['a', 'bc']]],
    [
      'by what looks like two labels in one text',
      [['a', 'x1:b1:y']],
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
    ],
    ['by what looks like a length', [['a', '1:x']], [['a:1', 'x']]],
    ['in large numbers that are one double', [['n', 2n ** 53n]], [['n', 2n ** 53n + 1n]]],
    [
      'in a number with a unit and one with another label',
      [['n', 1, 'b']],
      [
        ['n', 1],
        ['b', 1],
      ],
    ],
  ])('%s', (_, a, b) => expect(keyOf(...a)).not.toBe(keyOf(...b)));
});

it('is equal exactly for equal labels, whatever they are', () => {
  const word = fc.constantFrom('', 'a', 'b', 'ab', '1:a', 's1:a', 'n', ',', '😀', '\u0000');
  const tag: fc.Arbitrary<Tag> = fc.oneof(
    fc.tuple(
      word,
      word.filter((w) => w !== ''),
    ),
    fc.tuple(word, fc.integer({ min: -2, max: 12 }), word),
  );
  const tags = fc.array(tag, { maxLength: 4 });
  // What has to be equal: the values of every key in their order, by kind.
  const canonical = (list: readonly Tag[]) => {
    const groups = new Map<string, string[]>();
    for (const [key, value, unit] of list) {
      const group = JSON.stringify([typeof value, key]);
      groups.set(group, [...(groups.get(group) ?? []), JSON.stringify([value, unit ?? ''])]);
    }
    return JSON.stringify([...groups].sort());
  };
  fc.assert(
    fc.property(tags, tags, (a, b) => {
      expect(keyOf(...a) === keyOf(...b)).toBe(canonical(a) === canonical(b));
      // The same labels in an order that keeps those of each key.
      const sorted = a.toSorted((x, y) => (x[0] < y[0] ? -1 : x[0] > y[0] ? 1 : 0));
      expect(keyOf(...sorted)).toBe(keyOf(...a));
    }),
    { numRuns: 300 },
  );
});

it('is of the sample alone', () => {
  const p = parseTextProfile('v/count\n1 f a=x\n1 f\n1 f a=x n=#1');
  expect([labelKey(p, 0) === labelKey(p, 2), labelKey(p, 1)]).toEqual([false, '']);
});
