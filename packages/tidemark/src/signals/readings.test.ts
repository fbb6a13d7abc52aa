import { describe, expect, it } from 'vitest';
import { readHealth } from './healthz.js';
import { liveHeap } from './live-heap.js';
import { memStatsFromJson } from './memstats.js';
import { readingsOfMemStats } from './readings.js';
import { readScrape } from './scrape.js';
import { waterfall } from './waterfall.js';

const MIB = 2 ** 20;
const of = (readings: ReadonlyMap<string, number>) => Object.fromEntries(readings);

/** One moment of one process, as each source would tell it. */
const STATS = {
  ...{ HeapAlloc: 50 * MIB, HeapInuse: 60 * MIB, HeapIdle: 30 * MIB, HeapReleased: 20 * MIB, HeapSys: 90 * MIB },
  ...{ StackInuse: 3 * MIB, StackSys: 4 * MIB, NextGC: 80 * MIB, NumGC: 7, TotalAlloc: 900 * MIB, Sys: 100 * MIB },
  ...{ Mallocs: 1000, Frees: 400, HeapObjects: 600, PauseTotalNs: 2e6, GCSys: 2 * MIB, OtherSys: MIB },
};
const CLASSIC = `
go_memstats_heap_alloc_bytes 5.24288e+07
go_memstats_heap_inuse_bytes 6.291456e+07
go_memstats_heap_idle_bytes 3.145728e+07
go_memstats_heap_released_bytes 2.097152e+07
go_memstats_stack_inuse_bytes 3.145728e+06
go_memstats_stack_sys_bytes 4.194304e+06
go_memstats_next_gc_bytes 8.388608e+07
go_gc_duration_seconds{quantile="0"} 1e-05
go_gc_duration_seconds_sum 0.002
go_gc_duration_seconds_count 7
go_memstats_alloc_bytes_total 9.437184e+08
go_info{version="go1.19.13"} 1
go_goroutines 33
`;
const RUNTIME = `
go_memory_classes_heap_objects_bytes 5.24288e+07
go_memory_classes_heap_unused_bytes 1.048576e+07
go_memory_classes_heap_free_bytes 1.048576e+07
go_memory_classes_heap_released_bytes 2.097152e+07
go_memory_classes_heap_stacks_bytes 3.145728e+06
go_memory_classes_os_stacks_bytes 1.048576e+06
go_gc_heap_goal_bytes 8.388608e+07
go_gc_cycles_total_gc_cycles_total 7
go_gc_heap_allocs_bytes_total 9.437184e+08
go_sched_goroutines_goroutines 33
go_gc_heap_live_bytes 4.194304e+07
go_gc_gomemlimit_bytes 9.223372036854776e+18
go_gc_gogc_percent 100
`;
const COMMON = {
  ...{ heap_alloc_bytes: 50 * MIB, heap_unused_bytes: 10 * MIB, heap_free_bytes: 10 * MIB, os_stacks_bytes: MIB },
  ...{ heap_released_bytes: 20 * MIB, stacks_bytes: 3 * MIB, heap_goal_bytes: 80 * MIB, gc_cycles: 7 },
  heap_allocated_bytes: 900 * MIB,
};

describe('one vocabulary', () => {
  it('for MemStats, the classic collector and runtime/metrics', () => {
    expect(of(readingsOfMemStats(memStatsFromJson(STATS)!))).toMatchObject(COMMON);
    const classic = readScrape(CLASSIC);
    expect(of(classic.readings)).toMatchObject({ ...COMMON, goroutines: 33, gc_pause_seconds: 0.002 });
    expect([classic.goVersion, classic.problems]).toEqual(['go1.19.13', []]);
    const runtime = readScrape(RUNTIME);
    expect(of(runtime.readings)).toMatchObject({
      ...COMMON,
      goroutines: 33,
      heap_live_bytes: 40 * MIB,
      gc_growth_ratio: 1,
    });
    expect(runtime.readings.has('memory_limit_bytes')).toBe(false);
  });

  it('sums what OpenTelemetry splits, and nothing else', () => {
    const split = readScrape(
      'go_memory_allocated_bytes_total{otel_scope_name="a"} 5\ngo_goroutine_count{otel_scope_name="a"} 7\n',
    );
    expect(of(split.readings)).toEqual({ heap_allocated_bytes: 5, goroutines: 7 });
    const many = readScrape('go_goroutines{pod="a"} 5\ngo_goroutines{pod="b"} 7\n');
    expect(many.readings.size).toBe(0);
    expect(many.problems).toEqual([expect.stringMatching(/go_goroutines has 2 samples/)]);
  });

  it('has no place for NaN, negative sizes and malformed lines, which are told', () => {
    const bad = readScrape('go_goroutines NaN\nprocess_resident_memory_bytes -5\ngo_threads{ 3\nprocess_open_fds 9\n');
    expect(of(bad.readings)).toEqual({ process_fds: 9 });
    expect(bad.problems).toEqual([
      'go_goroutines is NaN',
      expect.stringMatching(/1 malformed lines, the first is line 3/),
    ]);
  });

  it('ignores label sets without end', () => {
    const noise = Array.from({ length: 20_000 }, (_, i) => `go_goroutines{path="/user/${i}"} 1`).join('\n');
    expect(readScrape(`${noise}\nprocess_open_fds 9\n`).readings.get('process_fds')).toBe(9);
  });
});

describe('health pages', () => {
  it.each<[string, unknown]>([
    [
      'as many services write them',
      { status: 'ok', heap_alloc: 52_428_800, num_gc: 7, pause_total_ns: 2e6, goroutines: 33 },
    ],
    ['in Go names', { HeapAlloc: 52_428_800, NumGC: 7, PauseTotalNs: 2e6, NumGoroutine: 33 }],
    ['nested and in MB', { memory: { heapAllocMB: 50, numGC: 7, pauseTotalNs: 2e6 }, runtime: { goroutineCount: 33 } }],
    ['in our names', { heap_alloc_bytes: 52_428_800, gc_cycles: 7, gc_pause_seconds: 0.002, goroutines: 33 }],
  ])('%s', (_, page) =>
    expect(of(readHealth(JSON.stringify(page)).readings)).toMatchObject({
      ...{ heap_alloc_bytes: 50 * MIB, gc_cycles: 7, gc_pause_seconds: 0.002, goroutines: 33 },
    }),
  );

  it('give the version and MemStats whole', () => {
    const health = readHealth(JSON.stringify({ go_version: 'go1.26.8', memstats: STATS }));
    expect(health.goVersion).toBe('go1.26.8');
    expect(of(health.readings)).toMatchObject(COMMON);
  });

  it.each(['ok', '{}', '[1]', 'null', '{"status":"up"}', '{"a":{"a":{"a":{"a":{"a":{"goroutines":1}}}}}}'])(
    'refuses %s',
    (text) => expect(() => readHealth(text)).toThrow(expect.objectContaining({ code: 'TM_TARGET_ERROR' })),
  );
});

describe('the live heap', () => {
  const live = (given: Record<string, number>) => liveHeap(new Map(Object.entries(given)));
  it('is measured where Go tells it', () =>
    expect(live({ heap_live_bytes: 7, heap_goal_bytes: 1e9 })).toEqual({ bytes: 7, measured: true }));
  it('is solved from the goal, with stacks and GOGC', () => {
    expect(live({ heap_goal_bytes: 200 * MIB })!.bytes).toBe(100 * MIB);
    expect(live({ heap_goal_bytes: 200 * MIB, stacks_bytes: 100 * MIB })!.bytes).toBe(50 * MIB);
    expect(live({ heap_goal_bytes: 300 * MIB, gc_growth_ratio: 2 })!.bytes).toBe(100 * MIB);
  });
  it.each<[string, Record<string, number>]>([
    ['no goal', {}],
    ['the minimum heap', { heap_goal_bytes: 4 * MIB }],
    ['a goal that the memory limit sets', { heap_goal_bytes: 190 * MIB, memory_limit_bytes: 200 * MIB }],
    ['a goal of stacks alone', { heap_goal_bytes: 100 * MIB, stacks_bytes: 200 * MIB }],
  ])('is not known from %s', (_, given) => expect(live(given)).toBeNull());
});

describe('the waterfall', () => {
  const readings = new Map(Object.entries({ ...COMMON, heap_live_bytes: 40 * MIB, gc_metadata_bytes: 2 * MIB }));
  const parts = (more: Record<string, number>) => {
    const fall = waterfall(new Map([...readings, ...Object.entries(more)]))!;
    const known = fall.parts.reduce((sum, part) => sum + part.bytes, 0);
    expect(known).toBe(fall.totalBytes + fall.notResidentBytes);
    return { fall, mib: Object.fromEntries(fall.parts.map(({ id, bytes }) => [id, bytes / MIB])) };
  };

  it('explains RSS', () => {
    const { fall, mib } = parts({ process_rss_bytes: 120 * MIB, process_rss_file_bytes: 5 * MIB });
    expect(fall).toMatchObject({ of: 'RSS', totalBytes: 120 * MIB, notResidentBytes: 0, liveMeasured: true });
    expect(mib).toEqual({ live: 40, garbage: 10, unused: 10, free: 10, stacks: 4, runtime: 2, file: 5, rest: 39 });
  });

  it('explains a working set with its page cache', () => {
    const cgroup = {
      cgroup_working_set_bytes: 150 * MIB,
      cgroup_file_bytes: 70 * MIB,
      cgroup_inactive_file_bytes: 20 * MIB,
    };
    const { fall, mib } = parts({
      ...cgroup,
      cgroup_shmem_bytes: 10 * MIB,
      cgroup_kernel_bytes: MIB,
      process_rss_bytes: 1,
    });
    expect(fall.of).toBe('working set');
    expect(mib).toMatchObject({ 'page-cache': 40, shared: 10, kernel: 1, rest: 23 });
  });

  it('does not take the cgroup of a whole session for the process', () => {
    const rss = { process_rss_bytes: 120 * MIB, cgroup_working_set_bytes: 900 * MIB };
    expect(parts({ ...rss, cgroup_processes: 30 }).fall.of).toBe('RSS');
    expect(parts({ ...rss, process_rss_anon_bytes: 100 * MIB, cgroup_anon_bytes: 800 * MIB }).fall.of).toBe('RSS');
    expect(parts({ ...rss, cgroup_processes: 2 }).fall.of).toBe('working set');
  });

  it('tells what Go mapped and nobody touched', () => {
    expect(parts({ process_rss_bytes: 60 * MIB }).fall).toMatchObject({ notResidentBytes: 16 * MIB });
  });

  it('is not invented without a heap', () => expect(waterfall(new Map([['process_rss_bytes', 5]]))).toBeNull());
});
