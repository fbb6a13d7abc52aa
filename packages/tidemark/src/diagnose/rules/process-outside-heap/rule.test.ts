import type { Case, HeapSeries, Signal } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { processOutsideHeap } from './rule.js';

const MiB = 2 ** 20;
const signal = (name: string, mebibytes: number[]): Signal => ({
  ...{ name, unit: 'bytes', kind: 'gauge', labels: {}, source: 'test' },
  points: mebibytes.map((m, i): [number, number] => [i * 15_000, m * MiB]),
});

function judge(signals: Signal[], heapMiB = [50, 50]) {
  const snapshot = (inuse: number, i: number) => ({
    ...{ capture: `h${i}`, atMs: i, forcedGc: false, newCycle: true, inuseObjects: 1, allocBytes: 1, allocObjects: 1 },
    inuseBytes: inuse * MiB,
  });
  const heap: HeapSeries = {
    kind: 'heap-series',
    rateBytes: 1,
    snapshots: heapMiB.map(snapshot),
    sites: [],
    limits: [],
  };
  const evidence: Case = {
    subject: { service: 's', instance: null, build: null, goVersion: null, pid: null, ageSeconds: null },
    heap,
    goroutines: null,
    signals: { kind: 'signal-series', signals, limits: [] },
    evidence: [],
    target: [],
  };
  return processOutsideHeap.judge(evidence);
}

describe('process/outside-heap', () => {
  const growing = signal('process_rss_bytes', [100, 140, 180, 220, 260]);

  it('suspects memory that Go does not manage when RSS grows and Go did not take it', () => {
    const [found] = judge([growing, signal('go_total_bytes', [80, 80, 80, 80, 81])]);
    expect(found).toMatchObject({ verdict: 'suspect', site: null });
    expect(found!.quantity!.value / MiB).toBeGreaterThan(150);
  });

  it('cannot tell without what Go took from the system, and says what to enable', () => {
    const [found] = judge([growing]);
    expect(found!.verdict).toBe('undecided');
    expect(found!.unknown[0]).toContain('expvar');
  });

  it.each([
    ['the heap explains it', [growing], [50, 200]],
    ['garbage explains it', [growing, signal('go_total_bytes', [80, 120, 160, 200, 240])], [50, 50]],
    [
      'it came to rest',
      [signal('process_rss_bytes', [100, 180, 220, 220, 220]), signal('go_total_bytes', [80, 80, 80, 80, 80])],
      [50, 50],
    ],
    ['it is small', [signal('process_rss_bytes', [100, 101, 102, 103, 104])], [50, 50]],
    ['there is no source of RSS', [], [50, 50]],
  ])('stays quiet when %s', (_name, signals, heap) => expect(judge(signals, heap)).toEqual([]));
});
