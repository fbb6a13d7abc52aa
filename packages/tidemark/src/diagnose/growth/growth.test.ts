import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Signal } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import type { Look } from '../../capture/index.js';
import type { HistoryInstance } from '../../signals/index.js';
import { definitionOf } from '../../signals/index.js';
import { judgeHistory, workloadOf } from './history.js';
import { judgeLooks } from './looks.js';
import { fleetService, type Process } from './service.js';
import { judgeStored } from './stored.js';

const HOUR = 3.6e6;
const window = { fromMs: 0, toMs: 48 * HOUR, stepMs: 600_000 };

function signal(name: string, fromHour: number, toHour: number, value: (hour: number) => number): Signal {
  const { unit, kind } = definitionOf(name)!;
  const points: [number, number][] = [];
  for (let at = fromHour * HOUR; at < toHour * HOUR; at += window.stepMs) points.push([at, value(at / HOUR)]);
  return { name, unit, kind, labels: {}, source: 'test', points };
}

const process = (name: string, from: number, to: number): Process => ({
  name,
  signals: [signal('heap_live_bytes', from, to, () => 1e8), signal('goroutines', from, to, () => 10)],
});

describe('processes as the engine wants them', () => {
  it('lets pods that follow each other share a slot, and counts that as a deploy', () => {
    const { service } = fleetService(
      's',
      [process('old', 0, 20), process('new', 21, 48), process('all', 0, 48)],
      window,
    );
    expect(service.pods.map(({ instance }) => instance).sort()).toEqual(['all', 'new']);
    expect(service.deploysAtHours).toEqual([21]);
    const shared = service.pods.find(({ instance }) => instance === 'new')!;
    expect(shared.startedAtHours[6]).toBe(0);
    expect(shared.startedAtHours[40 * 6]).toBe(21);
    expect(shared.heapLiveBytes![20.5 * 6]).toBeNaN();
  });

  it('takes allocation for load, never across a restart or a gap', () => {
    const allocated = signal('heap_allocated_bytes', 0, 48, (h) => (h < 24 ? h : h - 24) * 3600e3);
    const gap = { ...allocated, points: allocated.points.filter(([at]) => at < 30 * HOUR || at > 33 * HOUR) };
    const { service } = fleetService('s', [{ name: 'p', signals: [gap] }], window);
    const load = service.pods[0]!.requestRate;
    expect(load[60]).toBeCloseTo(1000);
    expect(load[24 * 6]).toBeNaN();
    expect(load[33 * 6 + 1]).toBeNaN();
    expect(service.pods[0]!.startedAtHours[30 * 6 - 1]).toBe(24);
  });

  it('takes what the OOM killer counts, and bounds the processes', () => {
    const signals = [
      signal('process_rss_bytes', 0, 48, () => 5),
      signal('cgroup_current_bytes', 0, 48, () => 9),
      signal('cgroup_inactive_file_bytes', 0, 48, () => 2),
      signal('cgroup_limit_bytes', 0, 48, () => 100),
    ];
    const { service } = fleetService('s', [{ name: 'p', signals }], window);
    expect(service.pods[0]!.workingSetBytes[3]).toBe(7);
    expect(service.memoryLimitBytes).toBe(100);
    const many = Array.from({ length: 40 }, (_, i) => process(`p${i}`, 0, 40 + i / 10));
    const { service: bounded, notes } = fleetService('s', many, window);
    expect(bounded.pods).toHaveLength(32);
    expect(bounded.pods.map(({ instance }) => instance)).toContain('p39');
    expect(notes[0]).toMatch(/40 processes ran at once/);
  });
});

describe('a history', () => {
  const instance = (labels: Record<string, string>, signals: readonly Signal[]): HistoryInstance => ({
    ...{ labels, signals, goVersion: null, mixed: [] },
  });
  const quiet = instance({ job: 'a', instance: 'b:80' }, [
    signal('heap_live_bytes', 0, 48, (h) => 1e8 * (1 + 0.01 * Math.sin(h * 99))),
    signal('goroutines', 0, 48, (h) => 100 + Math.round(5 * Math.sin(h * 77))),
  ]);

  it('is clear only where all of the window was read', () => {
    const whole = judgeHistory({ instances: [quiet], missing: [], notes: [] }, window);
    expect(whole.verdicts.map(({ verdict }) => verdict)).toEqual(['clear']);
    const missing = [{ fromMs: 40 * HOUR, toMs: 47 * HOUR }];
    const partly = judgeHistory({ instances: [quiet], missing, notes: [] }, window);
    expect(partly.verdicts.map(({ verdict }) => verdict)).toEqual(['undecided']);
    expect(partly.verdicts[0]!.why.at(-1)).toMatch(/15 % of the window/);
  });

  it('gives a process the limit of its container, and no other', () => {
    const limit = (container: string, bytes: number) =>
      instance({ namespace: 'n', pod: 'web-0', container }, [signal('cgroup_limit_bytes', 0, 48, () => bytes)]);
    const grows = signal('heap_live_bytes', 0, 48, (h) => 1e8 + Math.max(0, h - 10) * 1e7);
    const rss = signal('process_rss_bytes', 0, 48, (h) => 3e8 + h * 2e7);
    const of = (labels: Record<string, string>) =>
      judgeHistory(
        { instances: [instance(labels, [grows, rss]), limit('web', 4e9), limit('POD', 1e6)], missing: [], notes: [] },
        window,
      ).verdicts[0]!;
    expect(of({ namespace: 'n', pod: 'web-0' })).toMatchObject({ service: 'n/web', verdict: 'leak' });
    expect(of({ namespace: 'n', pod: 'web-0' }).hoursToLimit).not.toBeNull();
    expect(of({ namespace: 'n', pod: 'web-0', container: 'other' }).hoursToLimit).toBeNull();
  });

  it.each([
    ['cart-7d9f8b6c5d-x2k4p', 'cart'],
    ['my-shop-api-5f6b9c8d7-zq9xw', 'my-shop-api'],
    ['db-0', 'db'],
    ['node-agent-x2k4p', 'node-agent'],
    ['plain', 'plain'],
  ])('%s is of %s', (pod, workload) => expect(workloadOf(pod)).toBe(workload));
});

describe('a live watch', () => {
  const look = (atMs: number, metrics: Record<string, number>): Look => ({
    ...{ index: 0, atMs, incarnation: 0, heap: null, goroutine: null, goroutineTotal: null, dump: null },
    ...{
      dumpTruncated: false,
      leaked: null,
      mutex: null,
      block: null,
      memStats: null,
      expvar: null,
      process: null,
      metrics,
    },
  });
  /** An hour at 15 s of a process that is two hours old. */
  const hour = (live: (hour: number) => number) =>
    Array.from({ length: 240 }, (_, i) => {
      const h = i / 240;
      const wobble = 1 + 0.01 * Math.sin(i * 99);
      return look(1e12 + h * HOUR, { heap_live_bytes: live(h) * wobble, process_start_ms: 1e12 - 2 * HOUR });
    });

  it('is judged by the same engine, from numbers or from what its profiles hold', () => {
    const leaks = judgeLooks('s', [{ name: 'p', looks: hour((h) => 1e8 + Math.max(0, h - 0.25) * 3e8) }], 15_000)!;
    expect(leaks.verdict).toMatchObject({ verdict: 'leak', kind: 'heap' });
    expect(leaks.verdict.bytesPerHour! / 3e8).toBeGreaterThan(0.75);
    expect(leaks.verdict.bytesPerHour! / 3e8).toBeLessThan(1.25);
    expect(judgeLooks('s', [{ name: 'p', looks: hour(() => 1e8) }], 15_000)!.verdict.verdict).toBe('clear');
    const liveBytes = hour((h) => 1e8 + Math.max(0, h - 0.25) * 3e8).map(({ metrics }) => metrics!['heap_live_bytes']!);
    const bare = hour(() => 0).map(({ atMs }) => look(atMs, { process_start_ms: 1e12 - 2 * HOUR }));
    expect(judgeLooks('s', [{ name: 'p', looks: bare, liveBytes }], 15_000)!.verdict.verdict).toBe('leak');
  });

  it('is undecided at first', () => {
    expect(judgeLooks('s', [{ name: 'p', looks: hour(() => 1e8).slice(0, 1) }], 15_000)).toBeNull();
    const few = judgeLooks('s', [{ name: 'p', looks: hour(() => 1e8).slice(0, 9) }], 15_000)!;
    expect(few.verdict).toMatchObject({ verdict: 'undecided', why: [expect.stringMatching(/too little was seen/)] });
  });
});

describe('what watches kept', () => {
  const demo = JSON.parse(
    readFileSync(fileURLToPath(new URL('../../../../../testdata/demo/manifest.json', import.meta.url)), 'utf8'),
  );

  /** A watch of two days, whose numbers are the demo's but for the goal and what was allocated. */
  function kept(liveAt: (hour: number) => number, times: (i: number) => number = (i) => i) {
    const looks = Array.from({ length: 288 }, (_, i) => {
      const hour = times(i) / 6;
      const memStats = {
        ...demo.looks[0].memStats,
        nextGcBytes: 2 * liveAt(hour),
        stackInuseBytes: 0,
        totalAllocBytes: 1e9 + hour * 1e9,
      };
      const more = { memStats, expvar: null, metrics: { gc_growth_ratio: 1 }, process: null, cgroup: null };
      const none = { heap: null, goroutine: null, dump: null, leaked: null };
      return { ...demo.looks[0], ...none, ...more, index: i, atMs: 1e12 + hour * HOUR, incarnation: 0 };
    });
    return { ...demo, looks, captures: [], notes: [] };
  }

  async function judged(manifest: unknown) {
    const root = mkdtempSync(join(tmpdir(), 'tm-stored-'));
    mkdirSync(join(root, 'host', 'time'), { recursive: true });
    writeFileSync(join(root, 'host', 'time', 'manifest.json'), JSON.stringify(manifest));
    return judgeStored(root);
  }

  it('is judged by its numbers', async () => {
    const wobble = (hour: number) => 1 + 0.01 * Math.sin(hour * 99);
    const leak = await judged(kept((h) => Math.round((2e8 + Math.max(0, h - 10) * 8e6) * wobble(h))));
    expect(leak.verdicts).toMatchObject([{ service: 'shop', verdict: 'leak', kind: 'heap' }]);
    expect(leak.verdicts[0]!.sinceAt).toMatch(/^2001-09-09T/);
    const quiet = await judged(kept((h) => Math.round(2e8 * wobble(h))));
    expect(quiet.verdicts).toMatchObject([{ verdict: 'clear' }]);
  });

  it('tells a clock that went back', async () => {
    const back = await judged(
      kept(
        () => 2e8,
        (i) => (i < 100 ? i : i - 50),
      ),
    );
    expect(back.notes.join()).toMatch(/numbers were passed over: their clock went back/);
  });

  it('cannot tell after five looks, and refuses a folder without a watch', async () => {
    const short = await judgeStored(fileURLToPath(new URL('../../../../../testdata/demo', import.meta.url)));
    expect(short.verdicts.map(({ verdict }) => verdict)).toEqual(['undecided']);
    const empty = mkdtempSync(join(tmpdir(), 'tm-stored-'));
    await expect(judgeStored(empty)).rejects.toMatchObject({ code: 'TM_FILE_EMPTY' });
    await expect(judgeStored(join(empty, 'absent'))).rejects.toMatchObject({ code: 'TM_FILE_NOT_FOUND' });
    writeFileSync(join(empty, 'manifest.json'), '{"format":"tidemark-captures","schemaVersion":99}');
    await expect(judgeStored(empty)).rejects.toMatchObject({ code: 'TM_SCHEMA_NEWER' });
  });
});
