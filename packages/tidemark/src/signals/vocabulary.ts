import type { Signal } from '@tidemark/model';

/** One entry of the vocabulary: a number of a process under one name, whatever Go version or exporter tells it. */
export interface Definition {
  readonly name: string;
  readonly unit: Signal['unit'];
  readonly kind: Signal['kind'];
  readonly meaning: string;
  /** Name in runtime/metrics, where it has one. */
  readonly runtime?: string;
  /** Names in Prometheus expositions beside those that follow from `runtime` (signals/names.ts). */
  readonly prometheus?: readonly string[];
  /** Factor that brings the sources' unit into ours: per cent, seconds → milliseconds. */
  readonly factor?: number;
}

const bytes = (name: string, meaning: string, runtime?: string, prometheus: string[] = []): Definition => ({
  ...{ name, unit: 'bytes', kind: 'gauge', meaning, prometheus },
  ...(runtime && { runtime }),
});
const count = (name: string, meaning: string, runtime?: string, prometheus: string[] = []): Definition => ({
  ...{ name, unit: 'count', kind: 'gauge', meaning, prometheus },
  ...(runtime && { runtime }),
});
const rising = (definition: Definition, unit: Signal['unit'] = definition.unit): Definition => ({
  ...definition,
  unit,
  kind: 'counter',
});

/** The vocabulary. docs/signals.md is its page; a test holds the two together. */
export const VOCABULARY: readonly Definition[] = [
  // The heap: total = alloc + unused + free + released + stacks + os stacks + runtime structures.
  bytes('heap_live_bytes', 'marked live by the last GC', '/gc/heap/live:bytes'),
  bytes('heap_alloc_bytes', 'objects, live or not yet swept', '/memory/classes/heap/objects:bytes', [
    'go_memstats_heap_alloc_bytes',
    'go_memstats_alloc_bytes',
    'process_runtime_go_mem_heap_alloc_bytes',
  ]),
  bytes('heap_unused_bytes', 'free room inside spans that hold objects', '/memory/classes/heap/unused:bytes'),
  bytes('heap_free_bytes', 'free spans that still take memory', '/memory/classes/heap/free:bytes'),
  bytes('heap_released_bytes', 'free spans given back to the system', '/memory/classes/heap/released:bytes', [
    'go_memstats_heap_released_bytes',
    'process_runtime_go_mem_heap_released_bytes',
  ]),
  bytes('heap_goal_bytes', 'heap size at which the next GC ends', '/gc/heap/goal:bytes', [
    'go_memstats_next_gc_bytes',
    'go_memory_gc_goal_bytes',
  ]),
  count('heap_objects', 'objects, live or not yet swept', '/gc/heap/objects:objects', [
    'go_memstats_heap_objects',
    'process_runtime_go_mem_heap_objects',
  ]),
  rising(
    bytes('heap_allocated_bytes', 'ever allocated', '/gc/heap/allocs:bytes', [
      'go_memstats_alloc_bytes_total',
      'go_memory_allocated_bytes_total',
    ]),
  ),
  rising(bytes('heap_freed_bytes', 'ever freed', '/gc/heap/frees:bytes')),
  rising(
    count('heap_allocated_objects', 'ever allocated, tiny ones included', '/gc/heap/allocs:objects', [
      'go_memory_allocations_total',
    ]),
  ),
  rising(count('heap_freed_objects', 'ever freed, tiny ones included', '/gc/heap/frees:objects')),
  bytes('stacks_bytes', 'goroutine stacks', '/memory/classes/heap/stacks:bytes', ['go_memstats_stack_inuse_bytes']),
  bytes('os_stacks_bytes', "stacks of the system's threads", '/memory/classes/os-stacks:bytes'),
  bytes('gc_metadata_bytes', 'GC bitmaps and queues', '/memory/classes/metadata/other:bytes', [
    'go_memstats_gc_sys_bytes',
  ]),
  bytes('mspan_inuse_bytes', 'span structures in use', '/memory/classes/metadata/mspan/inuse:bytes', [
    'go_memstats_mspan_inuse_bytes',
  ]),
  bytes('mspan_free_bytes', 'span structures unused', '/memory/classes/metadata/mspan/free:bytes'),
  bytes('mcache_inuse_bytes', 'cache structures in use', '/memory/classes/metadata/mcache/inuse:bytes', [
    'go_memstats_mcache_inuse_bytes',
  ]),
  bytes('mcache_free_bytes', 'cache structures unused', '/memory/classes/metadata/mcache/free:bytes'),
  bytes('profiling_bytes', 'buckets of the profiler', '/memory/classes/profiling/buckets:bytes', [
    'go_memstats_buck_hash_sys_bytes',
  ]),
  bytes('runtime_other_bytes', 'other structures of the runtime', '/memory/classes/other:bytes', [
    'go_memstats_other_sys_bytes',
  ]),
  bytes('runtime_bytes', "the runtime's own structures together, where its parts are not told", undefined, []),
  bytes('go_total_bytes', 'all memory mapped by the Go runtime', '/memory/classes/total:bytes', [
    'go_memstats_sys_bytes',
  ]),
  bytes('memory_limit_bytes', 'GOMEMLIMIT; absent when there is none', '/gc/gomemlimit:bytes', [
    'go_memory_limit_bytes',
  ]),
  // The garbage collector.
  rising(
    count('gc_cycles', 'cycles completed', '/gc/cycles/total:gc-cycles', [
      'go_gc_duration_seconds_count',
      'process_runtime_go_gc_count_total',
    ]),
  ),
  rising(count('gc_forced_cycles', 'cycles that the program forced', '/gc/cycles/forced:gc-cycles')),
  rising(count('gc_pause_seconds', 'the world stopped for a GC', undefined, ['go_gc_duration_seconds_sum']), 'seconds'),
  rising(count('gc_cpu_seconds', 'CPU spent by the GC', '/cpu/classes/gc/total:cpu-seconds'), 'seconds'),
  rising(count('cpu_available_seconds', 'CPU available to Go', '/cpu/classes/total:cpu-seconds'), 'seconds'),
  {
    ...count('gc_cpu_ratio', 'share of CPU spent by the GC since the start', undefined, [
      'go_memstats_gc_cpu_fraction',
    ]),
    unit: 'ratio',
  },
  {
    ...count('gc_growth_ratio', 'GOGC ÷ 100; absent when off', '/gc/gogc:percent', ['go_config_gogc_percent']),
    unit: 'ratio',
    factor: 0.01,
  },
  {
    ...count('gc_last_ms', 'end of the last GC', undefined, ['go_memstats_last_gc_time_seconds']),
    unit: 'timestamp-ms',
    factor: 1000,
  },
  count('gc_limiter_cycle', 'last cycle in which the CPU limiter ran', '/gc/limiter/last-enabled:gc-cycle'),
  bytes('gc_scan_heap_bytes', 'heap that a GC scans', '/gc/scan/heap:bytes'),
  bytes('gc_scan_stacks_bytes', 'stacks that a GC scans', '/gc/scan/stack:bytes'),
  bytes('gc_scan_globals_bytes', 'globals that a GC scans', '/gc/scan/globals:bytes'),
  rising(count('finalizers_queued', 'finalizers due', '/gc/finalizers/queued:finalizers')),
  rising(count('finalizers_executed', 'finalizers done', '/gc/finalizers/executed:finalizers')),
  rising(count('cleanups_queued', 'cleanups due', '/gc/cleanups/queued:cleanups')),
  rising(count('cleanups_executed', 'cleanups done', '/gc/cleanups/executed:cleanups')),
  // The scheduler.
  count('goroutines', 'goroutines', '/sched/goroutines:goroutines', [
    'go_goroutines',
    'go_goroutine_count',
    'process_runtime_go_goroutines',
  ]),
  rising(count('goroutines_created', 'ever created', '/sched/goroutines-created:goroutines')),
  count('goroutines_waiting', 'waiting', '/sched/goroutines/waiting:goroutines'),
  count('goroutines_runnable', 'ready to run', '/sched/goroutines/runnable:goroutines'),
  count('goroutines_running', 'running', '/sched/goroutines/running:goroutines'),
  count('goroutines_not_in_go', 'in a system call or cgo', '/sched/goroutines/not-in-go:goroutines'),
  count('threads', "the system's threads", '/sched/threads/total:threads', ['go_threads']),
  count('gomaxprocs', 'processors that Go may use', '/sched/gomaxprocs:threads', ['go_processor_limit']),
  rising(count('mutex_wait_seconds', 'goroutines waited for locks', '/sync/mutex/wait/total:seconds'), 'seconds'),
  rising(count('cgo_calls', 'calls into C', '/cgo/go-to-c-calls:calls')),
  // The process, as the kernel sees it.
  bytes('process_rss_bytes', 'resident memory', undefined, ['process_resident_memory_bytes']),
  bytes('process_rss_anon_bytes', 'resident: anonymous', undefined, []),
  bytes('process_rss_file_bytes', 'resident: mapped files', undefined, []),
  bytes('process_rss_shmem_bytes', 'resident: shared', undefined, []),
  bytes('process_peak_rss_bytes', 'largest resident memory so far', undefined, []),
  bytes('process_swap_bytes', 'swapped out', undefined, []),
  bytes('process_huge_pages_bytes', 'anonymous huge pages', undefined, []),
  bytes('process_virtual_bytes', 'address space', undefined, ['process_virtual_memory_bytes']),
  count('process_threads', 'threads by the kernel', undefined, []),
  count('process_fds', 'open file descriptors', undefined, ['process_open_fds']),
  count('process_fds_limit', 'file descriptors allowed', undefined, ['process_max_fds']),
  rising(count('process_cpu_seconds', 'CPU used', undefined, ['process_cpu_seconds_total']), 'seconds'),
  {
    ...count('process_start_ms', 'start of the process', undefined, ['process_start_time_seconds']),
    unit: 'timestamp-ms',
    factor: 1000,
  },
  // Its cgroup: what the OOM killer looks at.
  bytes('cgroup_current_bytes', 'charged memory', undefined, ['container_memory_usage_bytes']),
  count('cgroup_processes', 'processes in the cgroup', undefined, []),
  bytes('cgroup_limit_bytes', 'limit; absent when there is none', undefined, ['container_spec_memory_limit_bytes']),
  bytes('cgroup_working_set_bytes', 'charged − inactive file pages', undefined, ['container_memory_working_set_bytes']),
  bytes('cgroup_anon_bytes', 'anonymous', undefined, ['container_memory_rss']),
  bytes('cgroup_file_bytes', 'page cache', undefined, ['container_memory_cache']),
  bytes('cgroup_inactive_file_bytes', 'page cache that is reclaimed first', undefined, [
    'container_memory_total_inactive_file_bytes',
  ]),
  bytes('cgroup_kernel_bytes', 'kernel structures', undefined, ['container_memory_kernel_usage']),
  bytes('cgroup_shmem_bytes', 'shared memory and tmpfs', undefined, []),
  bytes('cgroup_huge_pages_bytes', 'anonymous huge pages', undefined, []),
  rising(count('cgroup_oom_kills', 'processes killed', undefined, ['container_oom_events_total'])),
  rising(count('cgroup_limit_hits', 'times the limit was reached', undefined, ['container_memory_failcnt'])),
  {
    ...count('cgroup_pressure_some_ratio', 'of 10 s, some task waited for memory (PSI)', undefined, []),
    unit: 'ratio',
  },
  {
    ...count('cgroup_pressure_full_ratio', 'of 10 s, all tasks waited for memory (PSI)', undefined, []),
    unit: 'ratio',
  },
  rising(
    count('cgroup_pressure_seconds', 'some task waited for memory (PSI)', undefined, [
      'container_pressure_memory_waiting_seconds_total',
    ]),
    'seconds',
  ),
];

/** Where the Go module for services (go/tidemark) says a name otherwise than `tidemark_` + ours. */
export const MODULE_NAMES: ReadonlyMap<string, string> = new Map([
  ['tidemark_goroutine_stack_bytes', 'stacks_bytes'],
  ['tidemark_go_memory_bytes', 'go_total_bytes'],
  ['tidemark_gc_limiter_last_cycle', 'gc_limiter_cycle'],
  ['tidemark_gc_scan_stack_bytes', 'gc_scan_stacks_bytes'],
  ['tidemark_go_cpu_seconds_total', 'cpu_available_seconds'],
  ['tidemark_gogc_percent', 'gc_growth_ratio'],
  ['tidemark_gc_last_timestamp_seconds', 'gc_last_ms'],
  ['tidemark_process_resident_bytes', 'process_rss_bytes'],
  ['tidemark_process_resident_anon_bytes', 'process_rss_anon_bytes'],
  ['tidemark_process_resident_file_bytes', 'process_rss_file_bytes'],
  ['tidemark_process_resident_shmem_bytes', 'process_rss_shmem_bytes'],
  ['tidemark_process_start_time_seconds', 'process_start_ms'],
  ['tidemark_cgroup_memory_bytes', 'cgroup_current_bytes'],
  ['tidemark_cgroup_memory_limit_bytes', 'cgroup_limit_bytes'],
]);

const byName = new Map(VOCABULARY.map((definition) => [definition.name, definition]));

/** The entry of a name; undefined for names that are not of the vocabulary. */
export function definitionOf(name: string): Definition | undefined {
  return byName.get(name);
}
