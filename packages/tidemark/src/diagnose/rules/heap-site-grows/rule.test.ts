import type { BuildFacts, Case, HeapSeries, HeapSite } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { heapSiteGrows } from './rule.js';

const RATE = 512 * 1024;
const MiB = 2 ** 20;
const OBJECT = 1024;
/** Bytes that one sampled object of that size stands for. */
const WEIGHT = OBJECT / -Math.expm1(-OBJECT / RATE);

/** A site from what lives at each look and what was ever allocated, both in bytes. */
function site(name: string, live: readonly number[], allocated: readonly number[] = live): HeapSite {
  const samples = (bytes: readonly number[]) => bytes.map((b) => Math.round(b / WEIGHT));
  const objects = (bytes: readonly number[]) => bytes.map((b) => b / OBJECT);
  const at = { function: `shop.${name}`, file: 'shop/cache.go', line: 41 };
  return {
    site: at,
    stack: [
      { function: 'runtime.mapassign_faststr', file: 'runtime/map.go', line: 1 },
      at,
      { function: 'main.main', file: 'main.go', line: 9 },
    ],
    stacks: 1,
    inuseBytes: [...live],
    inuseObjects: objects(live),
    allocBytes: [...allocated],
    allocObjects: objects(allocated),
    strata: [{ objectBytes: OBJECT, allocSamples: samples(allocated), inuseSamples: samples(live) }],
  };
}

function series(sites: HeapSite[], secondsApart = 15, newCycles?: boolean[]): HeapSeries {
  const looks = sites[0]!.inuseBytes.length;
  return {
    kind: 'heap-series',
    rateBytes: RATE,
    snapshots: Array.from({ length: looks }, (_, i) => ({
      capture: `heap-${i}`,
      atMs: i * secondsApart * 1000,
      forcedGc: i === 0 || i === looks - 1,
      newCycle: newCycles?.[i] ?? true,
      inuseBytes: 0,
      inuseObjects: 0,
      allocBytes: i,
      allocObjects: i,
    })),
    sites,
    limits: [],
  };
}

function judge(heap: HeapSeries | null, more: Partial<Case> = {}, facts?: BuildFacts) {
  const evidence: Case = {
    subject: { service: 'shop', instance: null, build: null, goVersion: null, pid: null, ageSeconds: null },
    heap,
    goroutines: null,
    signals: null,
    evidence: facts ? [facts] : [],
    target: ['tidemark', 'diagnose', 'x'],
    ...more,
  };
  return heapSiteGrows.judge(evidence);
}

function holder(verdict: string, importersNotSeen = false): BuildFacts {
  const use = { function: 'shop.remember', file: 'shop/cache.go', line: 41, how: 'm[k] = v' };
  return {
    kind: 'build-facts',
    matchedBy: 'build id',
    exact: true,
    importersNotSeen,
    limits: [],
    holders: [
      {
        ...{ id: 'shop.Server.seen', kind: 'map', name: 'seen', type: 'map[string]*entry', where: 'field', verdict },
        ...{
          file: 'shop/cache.go',
          line: 18,
          adds: [use],
          removes: verdict === 'removed' ? [{ ...use, line: 60, how: 'delete' }] : [],
        },
      },
    ],
  };
}

const STRAIGHT = [40, 60, 80, 100, 120].map((m) => m * MiB);
const quiet = site(
  'other',
  [8, 8, 8, 8, 8].map((m) => m * MiB),
  [8, 20, 32, 44, 56].map((m) => m * MiB),
);

describe('heap/site-grows', () => {
  it('suspects straight growth that is kept, with amount, interval, chance, cause and proof', () => {
    const [found, ...rest] = judge(series([quiet, site('remember', STRAIGHT)]));
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      verdict: 'suspect',
      site: { function: 'shop.remember', line: 41 },
      proof: { argv: ['tidemark', 'diagnose', 'x'] },
    });
    expect(found!.quantity!.value / MiB).toBeCloseTo(80, 0);
    expect(found!.quantity!.interval!.low).toBeGreaterThan(60 * MiB);
    expect(found!.errorChance).toBeLessThan(1e-6);
    expect(found!.cause).toContain('map');
    expect(found!.unknown[0]).toContain('cache that still fills');
    expect(found!.moreSeconds).toBeGreaterThan(0);
  });

  it('calls it a leak when the facts of the build show that nothing removes, and only then', () => {
    const growing = () => series([site('remember', STRAIGHT)]);
    const [leak] = judge(growing(), {}, holder('only-added'));
    expect(leak).toMatchObject({ verdict: 'leak', chain: [{ text: expect.stringContaining('shop.Server.seen') }] });
    expect(leak!.evidence.some((e) => e.text.includes('removed from nowhere'))).toBe(true);
    expect(judge(growing(), {}, holder('removed'))[0]!.verdict).toBe('suspect');
    expect(judge(growing(), {}, holder('only-added', true))[0]!.verdict).toBe('suspect');
  });

  it('calls hours of straight growth a leak without facts', () => {
    const long = series([site('remember', STRAIGHT)], 1800);
    expect(judge(long)[0]!.verdict).toBe('leak');
  });

  it.each([
    ['a fill that is full', [0, 30, 58, 60, 60], 'clear'],
    ['a step of load', [20, 20, 80, 80, 81], 'clear'],
    ['a fill that bends', [0, 40, 62, 74, 80], 'undecided'],
    ['a swing', [20, 90, 30, 95, 60], 'undecided'],
  ])('%s is no alarm', (_name, live, verdict) => {
    const allocated = live.map((m, i) => (m + i) * MiB);
    const findings = judge(
      series([
        site(
          'remember',
          live.map((m) => m * MiB),
          allocated,
        ),
      ]),
    );
    expect(findings.map((f) => f.verdict)).toEqual([verdict]);
  });

  it('stays quiet for a process that is stable, shrinks, or churns', () => {
    expect(judge(series([quiet]))).toEqual([]);
    expect(judge(series([site('remember', [...STRAIGHT].reverse(), STRAIGHT)]))).toEqual([]);
  });

  it('takes growth that follows the allocation rate for load', () => {
    const live = [20, 25, 30, 35, 40].map((m) => m * MiB);
    const allocated = [0, 200, 480, 840, 1280].map((m) => m * MiB + 20 * MiB);
    expect(judge(series([site('remember', live, allocated)]))[0]!.verdict).toBe('undecided');
  });

  it('says of a slow leak how long it must be watched, within 2x', () => {
    const live = [10, 10.8, 11.6, 12.4, 14].map((m) => m * MiB);
    const [found] = judge(series([site('remember', live)]));
    expect(found!.verdict).toBe('undecided');
    // 4 MiB a minute: 16 MiB, from which it must be named, are there after 240 s.
    expect(60 + found!.moreSeconds!).toBeGreaterThan(120);
    expect(60 + found!.moreSeconds!).toBeLessThan(480);
  });

  it('cannot tell when no GC published a new picture, and says what would', () => {
    const [found] = judge(series([site('remember', STRAIGHT)], 15, [true, false, false, false, false]));
    expect(found).toMatchObject({ verdict: 'undecided', site: null });
    expect(found!.unknown[0]).toContain('--gc all');
  });

  it('says nothing without heap profiles', () => expect(judge(null)).toEqual([]));
});
