import { describe, expect, it } from 'vitest';
import { goroutineSeries, type SeenGoroutines, type SeenGroup } from './goroutine-series.js';

const frame = (name: string, line = 1) => ({ function: name, file: 'shop/pay.go', line });
const group = (ids: number[], more: Partial<SeenGroup> = {}): SeenGroup => ({
  count: ids.length,
  frames: [frame('runtime.chansend1'), frame('shop.charge.func1', 58), frame('shop.charge.func1', 58)],
  creator: null,
  state: null,
  waitsIn: 'chan send',
  ids,
  waitMinutes: null,
  leaked: 0,
  labels: {},
  ...more,
});
const look = (atMs: number, groups: SeenGroup[], withIds = true): SeenGoroutines => ({
  atMs,
  capture: `c${atMs}`,
  total: groups.reduce((n, g) => n + g.count, 0),
  withIds,
  groups,
});

describe('goroutineSeries', () => {
  it('aligns counts over looks of different forms and counts who stayed', () => {
    const series = goroutineSeries([
      look(0, [group([1, 2])]),
      look(1, [group([], { count: 3 })], false),
      look(2, [group([2, 3, 4], { creator: frame('shop.charge', 56), state: 'chan send', waitMinutes: 2 })]),
    ]);
    expect(series.groups).toHaveLength(1);
    expect(series.groups[0]).toMatchObject({
      site: { function: 'shop.charge.func1', line: 58 },
      creator: { function: 'shop.charge' },
      counts: [2, 3, 3],
      stayed: [null, null, 1],
      oldestWaitMinutes: 2,
      provenLeaked: false,
    });
  });

  it('keeps places apart and fills looks without a place with zero', () => {
    const other = group([9], { frames: [frame('shop.listen', 7)], waitsIn: 'chan receive' });
    const series = goroutineSeries([look(0, [group([1])]), look(1, [group([1]), other])]);
    expect(series.groups.map((g) => [g.site.function, g.counts])).toEqual([
      ['shop.charge.func1', [1, 1]],
      ['shop.listen', [0, 1]],
    ]);
  });
});
