import type { MemStats } from './memstats.js';
import { definitionOfForeign, PARTS } from './names.js';
import type { Definition } from './vocabulary.js';
import { definitionOf } from './vocabulary.js';

/** Numbers of one process at one moment, by vocabulary name. */
export type Readings = Map<string, number>;

/** 2^63 − 1 as a double: GOMEMLIMIT's "none"; and what GOGC=off makes of the goal is in its neighbourhood. */
const NONE_BYTES = 2 ** 60;

/** Collects what a source says under any name, then gives it under ours. The first of several names wins. */
export class ReadingsBuilder {
  readonly #values: Readings = new Map();
  readonly #parts = new Map<string, number>();

  /** @returns false when the name is not understood. */
  add(foreignName: string, value: number): boolean {
    const part = PARTS.get(foreignName);
    const definition = definitionOfForeign(foreignName);
    if (part) this.#parts.set(part, value);
    else if (definition) this.set(definition, value * (isOwn(foreignName, definition) ? 1 : (definition.factor ?? 1)));
    return part !== undefined || definition !== undefined;
  }

  set(definition: Definition, value: number): void {
    if (this.#values.has(definition.name) || !isMeaningful(definition, value)) return;
    this.#values.set(definition.name, value);
  }

  setPart(name: string, value: number | null): void {
    if (value !== null) this.#parts.set(name, value);
  }

  /** Readings with what follows from others filled in. */
  build(): Readings {
    const values = this.#values;
    const part = (name: string) => this.#parts.get(name);
    const fill = (name: string, from: number | undefined, less: number | undefined) => {
      if (values.has(name) || from === undefined || less === undefined || from < less) return;
      values.set(name, from - less);
    };
    fill('heap_unused_bytes', part('heap_inuse'), values.get('heap_alloc_bytes'));
    fill('heap_free_bytes', part('heap_idle'), values.get('heap_released_bytes'));
    fill('os_stacks_bytes', part('stack_sys'), values.get('stacks_bytes'));
    fill('mspan_free_bytes', part('mspan_sys'), values.get('mspan_inuse_bytes') ?? 0);
    fill('mcache_free_bytes', part('mcache_sys'), values.get('mcache_inuse_bytes') ?? 0);
    const withTiny = (count: number | undefined) => (count === undefined ? undefined : count + (part('tiny') ?? 0));
    fill('heap_allocated_objects', part('mallocs') ?? withTiny(part('allocs')), 0);
    fill('heap_freed_objects', part('frees') ?? withTiny(part('freed')), 0);
    return values;
  }
}

/** Our own names say our own unit. */
function isOwn(name: string, definition: Definition): boolean {
  return name === definition.name || name === `tidemark_${definition.name}`;
}

/** NaN, infinities, negative sizes and "no limit" are no readings. */
function isMeaningful(definition: Definition, value: number): boolean {
  if (!Number.isFinite(value) || value < 0) return false;
  if (definition.unit === 'timestamp-ms') return value > 0;
  const mayBeNone = definition.name === 'heap_goal_bytes' || definition.name.endsWith('limit_bytes');
  if (mayBeNone) return value > 0 && value < NONE_BYTES;
  return !(definition.name === 'gc_growth_ratio' && value > 1e6);
}

/** MemStats under the vocabulary. */
export function readingsOfMemStats(stats: MemStats): Readings {
  const builder = new ReadingsBuilder();
  const put = (name: string, value: number | null) => {
    if (value !== null) builder.set(definitionOf(name)!, value);
  };
  put('heap_alloc_bytes', stats.heapAllocBytes);
  put('heap_released_bytes', stats.heapReleasedBytes);
  put('heap_goal_bytes', stats.nextGcBytes);
  put('heap_objects', stats.heapObjects);
  put('heap_allocated_bytes', stats.totalAllocBytes);
  put('stacks_bytes', stats.stackInuseBytes);
  put('gc_metadata_bytes', stats.gcSysBytes);
  put('profiling_bytes', stats.buckHashSysBytes);
  put('runtime_other_bytes', stats.otherSysBytes);
  put('go_total_bytes', stats.sysBytes);
  put('gc_cycles', stats.numGc);
  put('gc_forced_cycles', stats.numForcedGc);
  put('gc_pause_seconds', stats.pauseTotalSeconds);
  put('gc_cpu_ratio', stats.gcCpuFraction);
  put('gc_last_ms', stats.lastGcAtMs);
  put('process_peak_rss_bytes', stats.maxRssBytes);
  builder.setPart('heap_inuse', stats.heapInuseBytes);
  builder.setPart('heap_idle', stats.heapIdleBytes);
  builder.setPart('stack_sys', stats.stackSysBytes);
  builder.setPart('mspan_sys', stats.mspanSysBytes);
  builder.setPart('mcache_sys', stats.mcacheSysBytes);
  builder.setPart('mallocs', stats.mallocs);
  builder.setPart('frees', stats.frees);
  return builder.build();
}
