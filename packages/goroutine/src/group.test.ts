import type { StackGroup } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FirstSeen, type GroupBy, groupGoroutines, groupStacks, parseDump, stackGroups, stackKey } from './index.js';

const at = (name: string, line = 1, file = 'a.go') => ({ function: name, file, line });
const group = (over: Partial<StackGroup> = {}): StackGroup => ({
  count: 1,
  frames: [
    at('runtime.gopark'),
    at('runtime.chansend1'),
    at('main.put', 7),
    at('main.main.func1', 9),
    at('runtime.goexit'),
  ],
  creator: at('main.main', 20),
  state: 'chan send',
  labels: {},
  ids: [],
  ...over,
});

describe('groupStacks', () => {
  it.each<[GroupBy, string, string]>([
    ['user', 'main.put\na.go\n7', 'main.put a.go:7'],
    ['current', 'runtime.gopark\na.go\n1', 'runtime.gopark a.go:1'],
    ['go', 'main.main\na.go\n20', 'main.main a.go:20'],
    ['start', 'main.main', 'main.main'],
    ['running', 'not running', 'not running'],
    ['state', 'chan send', 'chan send'],
    ['label:handler', '/pay', '/pay'],
    ['label:other', '(no label)', '(no label)'],
  ])('by %s', (by, key, title) => {
    const [only, ...others] = groupStacks([group({ labels: { handler: '/pay' } })], by);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ key, title, count: 1 });
  });

  it.each<GroupBy>(['user', 'current', 'go', 'start'])('by %s says when the form does not tell', (by) => {
    const [only] = groupStacks([group({ frames: [], creator: null })], by);
    expect(only!.title).toBe('(unknown)');
  });

  it('by stack names the wait and the place', () => {
    expect(groupStacks([group()], 'stack')[0]!.title).toBe('chan send at main.put a.go:7');
  });

  it('keeps every goroutine once, most first, members too', () => {
    const any = fc.record({
      count: fc.integer({ min: 1, max: 50 }),
      line: fc.integer({ min: 1, max: 4 }),
      state: fc.constantFrom('chan send', 'running', null),
      handler: fc.option(fc.constantFrom('/a', '/b'), { nil: null }),
    });
    const by = fc.constantFrom<GroupBy>('user', 'current', 'go', 'start', 'running', 'state', 'stack', 'label:handler');
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), by, (drawn, word) => {
        const groups = drawn.map(({ count, line, state, handler }) =>
          group({ count, state, frames: [at('main.f', line)], labels: handler ? { handler } : {} }),
        );
        const grouped = groupStacks(groups, word);
        expect(grouped.flatMap((g) => g.members)).toHaveLength(groups.length);
        expect(new Set(grouped.map((g) => g.key)).size).toBe(grouped.length);
        for (const g of grouped) expect(g.members.reduce((sum, m) => sum + m.count, 0)).toBe(g.count);
        for (const list of [grouped, ...grouped.map((g) => g.members)]) {
          for (let i = 1; i < list.length; i++) expect(list[i]!.count).toBeLessThanOrEqual(list[i - 1]!.count);
        }
      }),
    );
  });
});

describe('stackKey', () => {
  it('does not see what only some forms show: machinery above, goexit below', () => {
    const bare = group({ frames: [at('main.put', 7), at('main.main.func1', 9)] });
    expect(stackKey(group())).toBe(stackKey(bare));
  });
  it.each<[string, Partial<StackGroup>]>([
    ['a line', { frames: [at('main.put', 8), at('main.main.func1', 9)] }],
    ['a caller', { frames: [at('main.put', 7), at('main.other', 9)] }],
    ['a state', { state: 'select' }],
    ['who started it', { creator: at('main.boot', 1) }],
  ])('differs by %s', (_, over) => expect(stackKey(group(over))).not.toBe(stackKey(group())));
});

describe('stackGroups', () => {
  const one = (id: number, header: string, line: number) =>
    `goroutine ${id} [${header}]:\nmain.f(0x${id})\n\t/a.go:${line} +0x1\ncreated by main.main in goroutine 1\n\t/m.go:1 +0x1\n`;
  const dump = parseDump(
    [
      one(5, 'select', 1),
      one(6, 'select, 4 minutes', 1),
      one(7, 'select (leaked), 9 minutes', 1),
      one(8, 'chan send', 1),
      one(9, 'select', 2),
      one(10, 'select labels:{"a": "b"}', 1),
    ].join('\n'),
  );
  it('join what differs in minutes and marks only', () => {
    expect(stackGroups(dump).map((g) => [g.ids, g.state, g.oldestWaitMinutes, g.leaked, { ...g.labels }])).toEqual([
      [[5, 6, 7], 'select', 9, 1, {}],
      [[8], 'chan send', null, 0, {}],
      [[9], 'select', null, 0, {}],
      [[10], 'select', null, 0, { a: 'b' }],
    ]);
  });
  it('rows lead back to the goroutines', () => {
    for (const g of stackGroups(dump)) expect(g.rows.map((row) => dump.id(row))).toEqual(g.ids);
    expect(groupGoroutines(dump, 'state').map((g) => [g.key, g.count])).toEqual([
      ['select', 5],
      ['chan send', 1],
    ]);
  });
});

describe('FirstSeen', () => {
  const here = (...ids: number[]) => group({ ids, count: ids.length });
  const there = (...ids: number[]) => group({ ids, count: ids.length, frames: [at('main.elsewhere')] });

  it('dates from the first look at the present stack, anew after a move, and forgets who is gone', () => {
    const seen = new FirstSeen();
    seen.add(1000, [here(1, 2), there(3)]);
    seen.add(2000, [here(1, 3, 4), there(2)]);
    expect([1, 2, 3, 4, 5].map((id) => seen.since(id))).toEqual([1000, 2000, 2000, 2000, null]);
    seen.add(3000, [here(3)]);
    expect([1, 2, 3].map((id) => seen.since(id))).toEqual([null, null, 2000]);
    seen.add(4000, [here(1)]);
    expect(seen.since(1)).toBe(4000);
    expect(seen.oldest([9, 3, 1])).toBe(4000);
    expect(seen.oldest([9])).toBeNull();
  });

  it('follows no more than its limit and never tells a wrong age', () => {
    const seen = new FirstSeen(2);
    seen.add(1, [here(1, 2, 3), there(4)]);
    expect([1, 2, 3, 4].map((id) => seen.since(id))).toEqual([1, 1, null, null]);
  });

  it('agrees with a plain look back over any history', () => {
    const look = fc.uniqueArray(fc.record({ id: fc.nat({ max: 6 }), moved: fc.boolean() }), { selector: (g) => g.id });
    fc.assert(
      fc.property(fc.array(look, { minLength: 1, maxLength: 8 }), (history) => {
        const seen = new FirstSeen();
        for (const [time, entries] of history.entries())
          seen.add(time, [
            here(...entries.filter((e) => !e.moved).map((e) => e.id)),
            there(...entries.filter((e) => e.moved).map((e) => e.id)),
          ]);
        for (let id = 0; id <= 6; id++) {
          const places = history.map((entries) => entries.find((e) => e.id === id)?.moved);
          const present = places.at(-1);
          const before = places.findLastIndex((place) => place !== present);
          expect(seen.since(id)).toBe(present === undefined ? null : before + 1);
        }
      }),
    );
  });
});
