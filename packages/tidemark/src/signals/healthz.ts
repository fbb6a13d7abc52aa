import { TidemarkError } from '@tidemark/model';
import { memStatsFromJson } from './memstats.js';
import { definitionOfForeign, PARTS } from './names.js';
import { type Readings, ReadingsBuilder, readingsOfMemStats } from './readings.js';

/** Names that health pages give to numbers of the vocabulary, without case and punctuation. */
const ALIASES = new Map<string, string>([
  ['heapalloc', 'heap_alloc_bytes'],
  ['alloc', 'heap_alloc_bytes'],
  ['heaplive', 'heap_live_bytes'],
  ['liveheap', 'heap_live_bytes'],
  ['heapreleased', 'heap_released_bytes'],
  ['heapobjects', 'heap_objects'],
  ['heapgoal', 'heap_goal_bytes'],
  ['nextgc', 'heap_goal_bytes'],
  ['totalalloc', 'heap_allocated_bytes'],
  ['sys', 'go_total_bytes'],
  ['stackinuse', 'stacks_bytes'],
  ['stacks', 'stacks_bytes'],
  ['numgc', 'gc_cycles'],
  ['gccycles', 'gc_cycles'],
  ['numforcedgc', 'gc_forced_cycles'],
  ['goroutines', 'goroutines'],
  ['numgoroutine', 'goroutines'],
  ['numgoroutines', 'goroutines'],
  ['goroutinecount', 'goroutines'],
  ['rss', 'process_rss_bytes'],
  ['rssanon', 'process_rss_anon_bytes'],
  ['rssfile', 'process_rss_file_bytes'],
  ['rssshmem', 'process_rss_shmem_bytes'],
  ['heapunused', 'heap_unused_bytes'],
  ['heapfree', 'heap_free_bytes'],
  ['gomemory', 'go_total_bytes'],
  ['runtime', 'runtime_bytes'],
  ['cgroupmemory', 'cgroup_current_bytes'],
  ['cgroupinactivefile', 'cgroup_inactive_file_bytes'],
  ['cgroupmemorylimit', 'cgroup_limit_bytes'],
  ['memorylimit', 'memory_limit_bytes'],
  ['gomemlimit', 'memory_limit_bytes'],
  ['threads', 'threads'],
  ['gccpufraction', 'gc_cpu_ratio'],
]);

/** Parts of MemStats (names.ts) by the same rule. */
const PART_ALIASES = new Map<string, string>([
  ['heapinuse', 'go_memstats_heap_inuse_bytes'],
  ['heapidle', 'go_memstats_heap_idle_bytes'],
  ['heapsys', 'go_memstats_heap_sys_bytes'],
  ['stacksys', 'go_memstats_stack_sys_bytes'],
]);

const UNITS: readonly [RegExp, number][] = [
  [/(?:_|\b)(?:bytes|byte)$/i, 1],
  [/(?:_|\b)kib$/i, 2 ** 10],
  [/(?:_|\b)kb$/i, 2 ** 10],
  [/(?:_|\b)mib$/i, 2 ** 20],
  [/(?:_|\b)mb$/i, 2 ** 20],
  [/(?:_|\b)gib$/i, 2 ** 30],
  [/(?:_|\b)gb$/i, 2 ** 30],
];

/** Objects inside a health page that are looked into. */
const MAX_DEPTH = 3;
const MAX_FIELDS = 5000;

export interface Health {
  readonly readings: Readings;
  readonly goVersion: string | null;
}

/**
 * Reads a service's own health page (JSON): `heap_alloc`, `HeapAlloc`, `memory: {heapAllocMB}` and the like, and
 * runtime/metrics names. Services that write "MB" mean 2^20 bytes nearly always, since they shift MemStats.
 * @throws TidemarkError TM_TARGET_ERROR when it is no JSON object, or none of its numbers is known.
 */
export function readHealth(text: string): Health {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new TidemarkError('TM_TARGET_ERROR', 'the health page is no JSON', { cause: error });
  }
  const builder = new ReadingsBuilder();
  const budget = { fields: MAX_FIELDS, known: 0 };
  const stats = memStatsFromJson((document as { memstats?: unknown } | null)?.memstats ?? document);
  let goVersion: string | null = null;
  walk(document, 0, budget, (key, value) => {
    if (typeof value === 'string' && /^go\d+\.\d+/.test(value) && /version|^go$/i.test(key)) goVersion = value;
    if (typeof value === 'number' && add(builder, key, value)) budget.known++;
  });
  const readings = builder.build();
  if (stats) for (const [name, value] of readingsOfMemStats(stats)) if (!readings.has(name)) readings.set(name, value);
  if (readings.size === 0)
    throw new TidemarkError('TM_TARGET_ERROR', 'the health page holds no number of the Go runtime');
  return { readings, goVersion };
}

function add(builder: ReadingsBuilder, key: string, value: number): boolean {
  if (definitionOfForeign(key) || PARTS.has(key)) return builder.add(key, value);
  const spaced = key.replace(/([a-z])([A-Z])/g, '$1_$2');
  let scale = 1;
  let bare = spaced;
  for (const [suffix, factor] of UNITS) {
    if (!suffix.test(spaced)) continue;
    scale = factor;
    bare = spaced.replace(suffix, '');
    break;
  }
  const plain = bare.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (plain === 'pausetotalns') return builder.add('gc_pause_seconds', value / 1e9);
  const part = PART_ALIASES.get(plain);
  const name = ALIASES.get(plain) ?? part;
  return name !== undefined && builder.add(name, value * scale);
}

function walk(
  node: unknown,
  depth: number,
  budget: { fields: number },
  visit: (key: string, value: unknown) => void,
): void {
  if (typeof node !== 'object' || node === null || Array.isArray(node) || depth > MAX_DEPTH) return;
  for (const [key, value] of Object.entries(node)) {
    if (--budget.fields < 0) return;
    if (typeof value === 'object') walk(value, depth + 1, budget, visit);
    else visit(key, value);
  }
}
