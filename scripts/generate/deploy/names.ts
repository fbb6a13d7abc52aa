/**
 * One name for what go/tidemark and client_golang call differently: the layer that every rule and panel reads. The
 * first source that a process has wins, so a process that has both is not counted twice.
 */
export interface Name {
  /** Recorded as `tidemark:` + name. */
  readonly name: string;
  readonly says: string;
  readonly expr: string;
}

/** 0, NaN and what stands for "no limit" (2^63 − 1) are no limits. */
const NO_LIMIT = 2 ** 60;
/** The runtime never sets a goal below 4 MiB · GOGC/100. */
const MIN_GOAL = 4 * 2 ** 20;
/** With GOGC=off the goal is near 2^63. */
const NO_GOAL = 1e15;

const either = (...sources: string[]) => sources.join('\nor\n');

/** A limit that the kubelet tells of the container, on the series of the process in it. */
const ofContainer = (expr: string) =>
  `0 * tidemark:resident_bytes{pod!="",container!=""}
  + on (namespace, pod, container) group_left ()
    max by (namespace, pod, container) (${expr})`;

export const NAMES: readonly Name[] = [
  {
    name: 'process_start_seconds',
    says: 'when the process started; a change is a restart',
    expr: either('tidemark_process_start_time_seconds > 0', 'process_start_time_seconds > 0'),
  },
  {
    name: 'goroutines',
    says: 'goroutines',
    expr: either('tidemark_goroutines >= 0', 'go_goroutines >= 0', 'go_sched_goroutines_goroutines >= 0'),
  },
  {
    name: 'gogc_ratio',
    says: 'GOGC ÷ 100; 1 where an older collector does not tell',
    expr: either(
      'tidemark_gogc_percent / 100 >= 0',
      'go_gc_gogc_percent / 100 >= 0',
      '0 * go_memstats_next_gc_bytes + 1 > 0',
    ),
  },
  {
    name: 'go_memory_limit_bytes',
    says: 'GOMEMLIMIT; absent without one',
    expr: `(
  ${either('tidemark_memory_limit_bytes', 'go_gc_gomemlimit_bytes').replaceAll('\n', '\n  ')}
) < ${NO_LIMIT} > 0`,
  },
  {
    name: 'heap_live_bytes',
    says: 'live after the last GC; solved from its goal where a collector does not tell, absent where that cannot be done',
    expr: either(
      'tidemark_heap_live_bytes > 0',
      'go_gc_heap_live_bytes > 0',
      `(go_memstats_next_gc_bytes - tidemark:gogc_ratio * go_memstats_stack_inuse_bytes) / (1 + tidemark:gogc_ratio) > 0
  and go_memstats_next_gc_bytes < ${NO_GOAL}
  and go_memstats_next_gc_bytes > ${MIN_GOAL} * tidemark:gogc_ratio
  unless go_memstats_next_gc_bytes > 0.8 * tidemark:go_memory_limit_bytes`,
    ),
  },
  {
    name: 'heap_objects_bytes',
    says: 'objects, live or not yet swept',
    expr: either('tidemark_heap_alloc_bytes >= 0', 'go_memstats_heap_alloc_bytes >= 0'),
  },
  {
    name: 'heap_goal_bytes',
    says: 'heap size at which the next GC ends; absent with GOGC=off',
    expr: `(
  ${either('tidemark_heap_goal_bytes', 'go_memstats_next_gc_bytes').replaceAll('\n', '\n  ')}
) < ${NO_GOAL} > 0`,
  },
  {
    name: 'heap_unused_bytes',
    says: 'free room inside spans that hold objects',
    expr: either('tidemark_heap_unused_bytes >= 0', 'go_memstats_heap_inuse_bytes - go_memstats_heap_alloc_bytes >= 0'),
  },
  {
    name: 'heap_free_bytes',
    says: 'free and not returned to the system',
    expr: either('tidemark_heap_free_bytes >= 0', 'go_memstats_heap_idle_bytes - go_memstats_heap_released_bytes >= 0'),
  },
  {
    name: 'stacks_bytes',
    says: 'goroutine stacks',
    expr: either('tidemark_goroutine_stack_bytes >= 0', 'go_memstats_stack_inuse_bytes >= 0'),
  },
  {
    name: 'go_used_bytes',
    says: 'all that the Go runtime mapped and has not returned',
    expr: either(
      'tidemark_go_memory_bytes - tidemark_heap_released_bytes >= 0',
      'go_memstats_sys_bytes - go_memstats_heap_released_bytes >= 0',
    ),
  },
  {
    name: 'resident_bytes',
    says: 'resident memory',
    expr: either('tidemark_process_resident_bytes > 0', 'process_resident_memory_bytes > 0'),
  },
  {
    name: 'outside_heap_bytes',
    says: 'resident memory that Go does not account for (cgo, mmap); 0 while Go has mapped more than it touched',
    expr: 'clamp_min(tidemark:resident_bytes - tidemark:go_used_bytes, 0)',
  },
  {
    name: 'memory_limit_bytes',
    says: 'what the kernel kills at; absent without a limit',
    expr: either(
      `tidemark_cgroup_memory_limit_bytes > 0 < ${NO_LIMIT}`,
      ofContainer(`container_spec_memory_limit_bytes{container!=""} > 0 < ${NO_LIMIT}`),
    ),
  },
  {
    name: 'charged_bytes',
    says: 'what counts against that limit: charged memory without the page cache that is dropped first; else the working set, else resident memory',
    expr: either(
      'tidemark_cgroup_memory_bytes - tidemark_cgroup_inactive_file_bytes > 0',
      ofContainer('container_memory_working_set_bytes{container!=""} > 0'),
      'tidemark:resident_bytes',
    ),
  },
  {
    name: 'limit_used_ratio',
    says: 'share of the limit that is used',
    expr: 'tidemark:charged_bytes / tidemark:memory_limit_bytes',
  },
  {
    name: 'gc_cpu_ratio',
    says: 'share of the available CPU that GC takes',
    expr: either(
      'rate(tidemark_gc_cpu_seconds_total[10m]) / rate(tidemark_go_cpu_seconds_total[10m]) >= 0',
      'rate(go_cpu_classes_gc_total_cpu_seconds_total[10m]) / rate(go_cpu_classes_total_cpu_seconds_total[10m]) >= 0',
    ),
  },
  {
    name: 'gc_cycles_per_second',
    says: 'GC cycles a second',
    expr: either('rate(tidemark_gc_cycles_total[10m]) >= 0', 'rate(go_gc_duration_seconds_count[10m]) >= 0'),
  },
  {
    name: 'gc_pause_ratio',
    says: 'share of time in which GC stopped the world',
    expr: either('rate(tidemark_gc_pause_seconds_total[10m]) >= 0', 'rate(go_gc_duration_seconds_sum[10m]) >= 0'),
  },
  {
    name: 'gc_limiter_cycle',
    says: 'last GC cycle in which the CPU limiter ran',
    expr: either('tidemark_gc_limiter_last_cycle > 0', 'go_gc_limiter_last_enabled_gc_cycle > 0'),
  },
];
