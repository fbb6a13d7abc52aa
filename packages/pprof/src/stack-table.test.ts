import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StackTable } from './stack-table.js';

const intern = (t: StackTable, items: number[], extra = 0) => t.intern(items, 0, items.length, extra);
const itemsOf = (t: StackTable, i: number) => [...t.items.array.subarray(t.starts.array[i]!, t.starts.array[i + 1]!)];

describe('StackTable', () => {
  it.each<[string, [number[], number][], number[]]>([
    [
      'nothing twice',
      [
        [[], 0],
        [[], 0],
      ],
      [0, 0],
    ],
    [
      'equal items',
      [
        [[1, 2], 0],
        [[1, 2], 0],
      ],
      [0, 0],
    ],
    [
      'another order',
      [
        [[1, 2], 0],
        [[2, 1], 0],
      ],
      [0, 1],
    ],
    [
      'a prefix',
      [
        [[1, 2], 0],
        [[1], 0],
        [[], 0],
        [[1], 0],
      ],
      [0, 1, 2, 1],
    ],
    [
      'another extra',
      [
        [[1], 0],
        [[1], 1],
        [[1], 0],
      ],
      [0, 1, 0],
    ],
    [
      'an extra that is an item elsewhere',
      [
        [[1, 2], 3],
        [[1], 2],
        [[3], 2],
      ],
      [0, 1, 2],
    ],
    [
      'the largest numbers',
      [
        [[0xffffffff, 0], 0xffffffff],
        [[0xffffffff, 0], 0xffffffff],
        [[0xffffffff], 0xffffffff],
      ],
      [0, 0, 1],
    ],
  ])('tells %s', (_, calls, indexes) => {
    const t = new StackTable(1);
    expect(calls.map(([items, extra]) => intern(t, items, extra))).toEqual(indexes);
    expect(t.length).toBe(new Set(indexes).size);
  });

  it('takes the part of the items it was told', () => {
    const t = new StackTable();
    expect(t.intern([9, 1, 2, 9], 1, 3, 0)).toBe(0);
    expect(intern(t, [1, 2])).toBe(0);
    expect(itemsOf(t, 0)).toEqual([1, 2]);
  });

  it('finds everything again after it has grown', () => {
    const t = new StackTable(4);
    const stacks = Array.from({ length: 10_000 }, (_, i) => [i % 7, i, i % 3]);
    expect(stacks.map((s) => intern(t, s))).toEqual(stacks.map((_, i) => i));
    expect(stacks.map((s) => intern(t, s))).toEqual(stacks.map((_, i) => i));
    expect(itemsOf(t, 9_999)).toEqual([3, 9999, 0]);
    expect(t.length).toBe(10_000);
  });

  it('remembers what followed a row', () => {
    const t = new StackTable();
    for (const items of [[1], [2], [3], [1]]) intern(t, items);
    expect(t.likely).toBe(1);
    t.follow(2);
    expect(t.likely).toBe(0);
    t.restart();
    expect(t.likely).toBe(0);
    t.follow(0);
    expect(t.likely).toBe(2);
  });

  it('expects nothing of an empty table, nor of a row that nothing has followed', () => {
    const t = new StackTable();
    expect(t.likely).toBe(-1);
    intern(t, [1]);
    expect(t.likely).toBe(-1);
  });

  it('is a map by content', () => {
    const call = fc.tuple(fc.array(fc.nat(3), { maxLength: 4 }), fc.nat(2));
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const t = new StackTable(0);
        const model = new Map<string, number>();
        for (const [items, extra] of calls) {
          const key = JSON.stringify([items, extra]);
          if (!model.has(key)) model.set(key, model.size);
          const index = intern(t, items, extra);
          expect(index).toBe(model.get(key));
          expect([itemsOf(t, index), t.extras.array[index]]).toEqual([items, extra]);
        }
      }),
    );
  });
});
