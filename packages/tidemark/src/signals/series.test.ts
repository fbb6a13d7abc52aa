import { describe, expect, it } from 'vitest';
import { during, incarnationsOf, SeriesBuilder } from './series.js';

function series(rows: Record<string, [number, number][]>) {
  const builder = new SeriesBuilder('test');
  for (const [name, points] of Object.entries(rows))
    for (const [at, value] of points) builder.addPoint(name, at, value);
  return { signals: builder.build(), dropped: builder.dropped };
}

describe('series', () => {
  it('stay ascending and finite', () => {
    const { signals, dropped } = series({
      goroutines: [
        [1, 5],
        [1, 6],
        [0, 7],
        [2, Number.NaN],
        [3, 8],
      ],
      unheard_of: [[1, 1]],
    });
    expect(signals.map(({ name, points, unit, kind }) => [name, points, unit, kind])).toEqual([
      [
        'goroutines',
        [
          [1, 5],
          [3, 8],
        ],
        'count',
        'gauge',
      ],
    ]);
    expect(dropped).toBe(3);
  });

  it('are cut where a counter goes back', () => {
    const { signals } = series({
      gc_cycles: [
        [0, 5],
        [60_000, 9],
        [120_000, 1],
        [180_000, 3],
      ],
      heap_alloc_bytes: [
        [0, 50],
        [60_000, 10],
        [120_000, 5],
        [180_000, 90],
      ],
    });
    const cut = incarnationsOf(signals);
    expect(cut).toEqual([
      { fromMs: 0, toMs: 60_000, reason: null },
      { fromMs: 120_000, toMs: 180_000, reason: 'gc_cycles went from 9 to 1' },
    ]);
    expect(during(signals, cut[1]!)[1]!.points).toEqual([
      [120_000, 5],
      [180_000, 90],
    ]);
  });

  it('are cut by a start time even when the counters have caught up', () => {
    const { signals } = series({
      process_start_ms: [
        [0, 1e12],
        [1000, 1e12 + 1],
        [2000, 1e12 + 9000],
      ],
      gc_cycles: [
        [0, 5],
        [2000, 50],
      ],
    });
    expect(incarnationsOf(signals).map(({ fromMs }) => fromMs)).toEqual([0, 2000]);
  });

  it('are one process while gauges fall, counters are rounded, and nothing tells otherwise', () => {
    const { signals } = series({
      goroutines: [
        [0, 90],
        [1000, 3],
      ],
      heap_allocated_bytes: [
        [0, 1e12],
        [1000, 1e12 - 1000],
      ],
      cgroup_oom_kills: [
        [0, 3],
        [1000, 0],
      ],
    });
    expect(incarnationsOf(signals)).toEqual([{ fromMs: 0, toMs: 1000, reason: null }]);
    expect(incarnationsOf([])).toEqual([]);
  });

  it('two counters that tell one restart cut once', () => {
    const { signals } = series({
      gc_cycles: [
        [0, 5],
        [1000, 1],
        [2000, 2],
      ],
      heap_allocated_bytes: [
        [0, 9],
        [1200, 1],
        [2200, 2],
      ],
    });
    expect(incarnationsOf(signals)).toHaveLength(2);
  });
});
