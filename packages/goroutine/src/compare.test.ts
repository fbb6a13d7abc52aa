import type { StackGroup } from '@tidemark/model';
import { GoroutineSeries } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDumps, compareLooks, goroutineSeries, type Look, lookOf } from './compare.js';
import { parseDump } from './parser.js';

const group = (place: string, ids: number[], over: Partial<StackGroup> = {}): StackGroup => ({
  count: ids.length,
  frames: [{ function: place, file: 'a.go', line: 1 }],
  creator: null,
  state: 'select',
  labels: {},
  ids,
  ...over,
});
const look = (atMs: number, ...groups: StackGroup[]): Look => ({ capture: `c${atMs}`, atMs, groups });

describe('compareLooks', () => {
  it('tells what became of each place, the largest growth first', () => {
    const before = look(1, group('m.same', [1]), group('m.grew', [2]), group('m.fell', [3, 4]), group('m.gone', [5]));
    const after = look(2, group('m.same', [1]), group('m.grew', [2, 6, 7]), group('m.fell', [3]), group('m.born', [8]));
    expect(compareLooks([after, before]).map((c) => [c.group.site.function, c.change, c.delta])).toEqual([
      ['m.grew', 'grown', 2],
      ['m.born', 'born', 1],
      ['m.same', 'same', 0],
      ['m.fell', 'shrunk', -1],
      ['m.gone', 'gone', -1],
    ]);
  });
  it.each([[[]], [[look(1, group('m.f', [1]))]]])('of fewer than two looks is nothing', (looks) =>
    expect(compareLooks(looks)).toEqual([]),
  );
  it('deltas add up to the change of the totals, and backwards to its opposite', () => {
    const counts = fc.array(fc.nat({ max: 9 }), { minLength: 3, maxLength: 3 });
    const toLook = (atMs: number, ns: number[]) =>
      look(
        atMs,
        ...ns.flatMap((n, i) =>
          n > 0
            ? [
                group(
                  `m.f${i}`,
                  Array.from({ length: n }, (_, k) => i * 100 + k),
                ),
              ]
            : [],
        ),
      );
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const sum = (ns: number[]) => ns.reduce((x, y) => x + y, 0);
        const changes = (x: number[], y: number[]) => compareLooks([toLook(1, x), toLook(2, y)]);
        expect(sum(changes(a, b).map((c) => c.delta))).toBe(sum(b) - sum(a));
        expect(sum(changes(b, a).map((c) => c.delta))).toBe(sum(a) - sum(b));
      }),
    );
  });
});

describe('goroutineSeries', () => {
  it('counts who stayed by id, and says nothing where a look has none', () => {
    const withoutIds = look(3, group('m.f', [], { count: 4 }));
    const { groups, looks } = goroutineSeries([
      look(1, group('m.f', [1, 2, 3])),
      look(2, group('m.f', [2, 3, 4])),
      withoutIds,
    ]);
    expect(groups[0]).toMatchObject({ counts: [3, 3, 4], stayed: [2, null] });
    expect(looks.map((l) => l.total)).toEqual([3, 3, 4]);
  });
  it('joins forms with and without creators, states and the word for nil channels', () => {
    const dump = look(
      1,
      group('m.f', [1], { state: 'chan send (nil chan)', creator: { function: 'm.go', file: 'a.go', line: 2 } }),
    );
    const send = [{ function: 'runtime.chansend1', file: 'r.go', line: 1 }, ...group('m.f', []).frames];
    const { groups } = goroutineSeries([dump, look(2, group('m.f', [], { count: 1, state: null, frames: send }))]);
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ counts: [1, 1], creator: { function: 'm.go' }, state: 'chan send (nil chan)' });
  });
  it('keeps marks, minutes and cuts of dumps, in the form of the model', () => {
    const text = (minutes: number, mark: string) =>
      `goroutine 5 [select${mark}, ${minutes} minutes]:\nm.f()\n\t/a.go:1 +0x1\ncreated by m.go in goroutine 1\n\t/a.go:2 +0x1\n`;
    const series = goroutineSeries([
      lookOf(parseDump(text(9, '')), 'a', 1),
      lookOf(parseDump(`${text(3, ' (leaked)')}\ngoroutine 6 [select]:\nm.f(`), 'b', 2),
    ]);
    expect(GoroutineSeries.parse(series)).toEqual(series);
    expect(series.groups[0]).toMatchObject({ oldestWaitMinutes: 9, provenLeaked: true });
    expect(series.limits).toEqual(['b is cut: counts are lower bounds']);
  });
  it('dumps are taken in their order', () => {
    const text = (n: number) =>
      Array.from({ length: n }, (_, i) => `goroutine ${i + 1} [select]:\nm.f()\n\t/a.go:1 +0x1\n`).join('\n');
    expect(compareDumps([parseDump(text(2)), parseDump(text(7))])).toMatchObject([{ change: 'grown', delta: 5 }]);
  });
});
