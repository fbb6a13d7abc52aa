import { type Definition, definitionOf, MODULE_NAMES, VOCABULARY } from './vocabulary.js';

/**
 * The Prometheus name of a runtime/metrics entry as client_golang's Go collector makes it:
 * `/gc/heap/live:bytes` → `go_gc_heap_live_bytes`; counters get `_total`.
 */
export function clientGolangName(runtime: string, counter: boolean): string {
  const [path, unit] = runtime.split(':') as [string, string];
  const words = [...path.slice(1).split('/'), unit].map((word) => word.replace(/[-*/]/g, '_'));
  return `go_${words.join('_')}${counter ? '_total' : ''}`;
}

/** Every foreign name that is understood → what it is. The same table serves text, JSON and queries. */
const foreign = new Map<string, Definition>();
for (const definition of VOCABULARY) {
  const counter = definition.kind === 'counter';
  foreign.set(definition.name, definition);
  foreign.set(`tidemark_${definition.name}`, definition);
  if (counter) foreign.set(`tidemark_${definition.name}_total`, definition);
  if (definition.runtime) {
    foreign.set(definition.runtime, definition);
    foreign.set(clientGolangName(definition.runtime, counter), definition);
  }
  for (const name of definition.prometheus ?? []) foreign.set(name, definition);
}
for (const [theirs, ours] of MODULE_NAMES) foreign.set(theirs, definitionOf(ours)!);

/**
 * Parts of MemStats that have no entry of their own but make up others: HeapInuse − HeapAlloc is what is unused.
 * They are understood, and used up by `complete` (readings.ts).
 */
export const PARTS: ReadonlyMap<string, string> = new Map([
  ['go_memstats_heap_inuse_bytes', 'heap_inuse'],
  ['go_memstats_heap_idle_bytes', 'heap_idle'],
  ['go_memstats_heap_sys_bytes', 'heap_sys'],
  ['go_memstats_stack_sys_bytes', 'stack_sys'],
  ['go_memstats_mspan_sys_bytes', 'mspan_sys'],
  ['go_memstats_mcache_sys_bytes', 'mcache_sys'],
  ['go_memstats_mallocs_total', 'mallocs'],
  ['go_memstats_frees_total', 'frees'],
  ['tidemark_stack_bytes', 'stack_sys'],
  ['tidemark_heap_allocated_objects_total', 'allocs'],
  ['tidemark_heap_freed_objects_total', 'freed'],
  // MemStats counts tiny objects among both, runtime/metrics apart.
  ...both('/gc/heap/allocs:objects', 'allocs'),
  ...both('/gc/heap/frees:objects', 'freed'),
  ...both('/gc/heap/tiny/allocs:objects', 'tiny'),
]);

function both(runtime: string, part: string): [string, string][] {
  return [
    [runtime, part],
    [clientGolangName(runtime, true), part],
  ];
}

/** What a name of Prometheus, runtime/metrics, OpenTelemetry or ours means; undefined when it is none of these. */
export function definitionOfForeign(name: string): Definition | undefined {
  return foreign.get(name);
}

/** All foreign names of an entry that a Prometheus server may hold. */
export function prometheusNames(definition: Definition): string[] {
  return [...foreign].filter(([name, d]) => d === definition && /^[a-z_][a-z0-9_]*$/.test(name)).map(([name]) => name);
}
