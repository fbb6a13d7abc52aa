import { describe, expect, it } from 'vitest';
import { contradiction, Incarnations, type Marks } from './incarnation.js';

const marks = (given: Partial<Marks> = {}): Marks => ({
  process: null,
  buildId: null,
  rateBytes: 524_288,
  allocsByStack: null,
  counters: {},
  startedAtMs: null,
  ...given,
});
const allocs = (...counts: [number, number][]) => marks({ allocsByStack: new Map(counts) });

describe('contradiction', () => {
  it.each<[string, Marks, Marks]>([
    ['nothing known', marks(), marks()],
    ['counts that rise', allocs([1, 5], [2, 7]), allocs([1, 5], [2, 9], [3, 1])],
    ['another sampling rate', allocs([1, 50]), marks({ allocsByStack: new Map([[1, 5]]), rateBytes: 1 })],
    ['a start time within the tolerance', marks({ startedAtMs: 1000 }), marks({ startedAtMs: 2500 })],
    ['counters that rise', marks({ counters: { NumGC: 3 } }), marks({ counters: { NumGC: 3, Mallocs: 1 } })],
    [
      'one process whose counters look odd',
      marks({ process: '7:1', counters: { x: 2 } }),
      marks({ process: '7:1', counters: { x: 1 } }),
    ],
  ])('none: %s', (_, before, after) => expect(contradiction(before, after)).toBeNull());

  it.each<[RegExp, Marks, Marks]>([
    [/1 of 2 stacks/, allocs([1, 5], [2, 7]), allocs([1, 5], [2, 6], [3, 100])],
    [/1 of 1 stacks/, allocs([1, 5]), allocs([2, 500])],
    [/NumGC went back from 9 to 2/, marks({ counters: { NumGC: 9 } }), marks({ counters: { NumGC: 2 } })],
    [/build changed/, marks({ buildId: 'a' }), marks({ buildId: 'b' })],
    [/start time/, marks({ startedAtMs: 1000 }), marks({ startedAtMs: 9000 })],
    [/another one/, marks({ process: '7:1' }), marks({ process: '7:2' })],
  ])('%s', (reason, before, after) => expect(contradiction(before, after)).toMatch(reason));
});

describe('incarnations', () => {
  it('a balancer between two processes is told apart, and each is known again', () => {
    const seen = new Incarnations();
    const looks = [
      allocs([1, 10], [2, 20]),
      allocs([1, 4], [2, 30]),
      allocs([1, 11], [2, 21]),
      allocs([1, 4], [2, 31]),
    ];
    expect(looks.map((look, i) => seen.place(look, i * 1000).incarnation)).toEqual([0, 1, 0, 1]);
    expect(seen.count).toBe(2);
  });

  it('an old process is never taken for the future of a young one', () => {
    const seen = new Incarnations();
    const looks = [
      allocs([1, 900], [2, 800]),
      allocs([1, 5], [2, 6]),
      allocs([1, 910], [2, 805]),
      allocs([1, 9], [2, 7]),
    ];
    expect(looks.map((look, i) => seen.place(look, i * 1000).incarnation)).toEqual([0, 1, 0, 1]);
  });

  it('a restarted process that overtakes the one before it stays itself', () => {
    const seen = new Incarnations();
    const counts = (n: number) => allocs([1, n], [2, 2 * n], [3, n + 3]);
    expect([50, 100, 1, 40, 80, 120, 160].map((n, i) => seen.place(counts(n), i * 1000).incarnation)).toEqual([
      0, 0, 1, 1, 1, 1, 1,
    ]);
  });

  it('a look that lacks its profile does not hide a restart', () => {
    const seen = new Incarnations();
    const looks = [allocs([1, 10]), marks({ rateBytes: null }), allocs([1, 3]), allocs([1, 6])];
    expect(looks.map((look, i) => seen.place(look, i * 1000).incarnation)).toEqual([0, 0, 1, 1]);
  });
});
