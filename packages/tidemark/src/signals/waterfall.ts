import { liveHeap } from './live-heap.js';
import type { Readings } from './readings.js';

export interface WaterfallPart {
  readonly id:
    | 'live'
    | 'garbage'
    | 'unused'
    | 'free'
    | 'stacks'
    | 'runtime'
    | 'file'
    | 'shared'
    | 'kernel'
    | 'page-cache'
    | 'rest';
  readonly title: string;
  readonly bytes: number;
}

/** What a process's memory consists of, from the bottom up. */
export interface Waterfall {
  /** The working set where the process has a cgroup of its own, since the limit is set on that; else RSS. */
  readonly of: 'working set' | 'RSS' | 'memory of the Go runtime';
  readonly totalBytes: number;
  /** Sum = total + notResidentBytes. */
  readonly parts: readonly WaterfallPart[];
  /** Go counts memory that it mapped; pages that were never touched, or are swapped out, are in no total. */
  readonly notResidentBytes: number;
  /** False when the live heap was computed from the goal of the next GC, or is not known at all. */
  readonly liveMeasured: boolean;
}

const RUNTIME = [
  'gc_metadata_bytes',
  'mspan_inuse_bytes',
  'mspan_free_bytes',
  'mcache_inuse_bytes',
  'mcache_free_bytes',
  'profiling_bytes',
  'runtime_other_bytes',
];

/**
 * Explains RSS or working set from readings of one moment. Null when the heap is not known. What Go does not account
 * for is the rest: cgo, mmap, and whatever else the process holds.
 */
export function waterfall(readings: Readings, options: { of?: 'RSS' } = {}): Waterfall | null {
  const get = (name: string) => readings.get(name);
  const alloc = get('heap_alloc_bytes');
  if (alloc === undefined) return null;
  const live = liveHeap(readings);
  const liveBytes = Math.min(live?.bytes ?? alloc, alloc);
  const sum = (names: readonly string[]) => names.reduce((total, name) => total + (get(name) ?? 0), 0);
  const parts: WaterfallPart[] = [
    { id: 'live', title: live ? 'live heap' : 'heap, live or not yet collected', bytes: liveBytes },
    { id: 'garbage', title: 'garbage not yet collected', bytes: alloc - liveBytes },
    { id: 'unused', title: 'room inside spans in use', bytes: get('heap_unused_bytes') ?? 0 },
    { id: 'free', title: 'free, not returned to the system', bytes: get('heap_free_bytes') ?? 0 },
    { id: 'stacks', title: 'goroutine and thread stacks', bytes: sum(['stacks_bytes', 'os_stacks_bytes']) },
    { id: 'runtime', title: "the runtime's own structures", bytes: get('runtime_bytes') ?? sum(RUNTIME) },
  ];
  const workingSet = options.of === 'RSS' || isShared(readings) ? undefined : get('cgroup_working_set_bytes');
  const rss = get('process_rss_bytes');
  const add = (id: WaterfallPart['id'], title: string, bytes: number | undefined) => {
    if (bytes) parts.push({ id, title, bytes });
  };
  if (workingSet !== undefined) {
    const file = get('cgroup_file_bytes');
    const inactive = get('cgroup_inactive_file_bytes');
    const shared = get('cgroup_shmem_bytes') ?? 0;
    // Shared memory is counted among the file pages.
    add(
      'page-cache',
      'page cache in use',
      file !== undefined && inactive !== undefined ? Math.max(0, file - inactive - shared) : 0,
    );
    add('shared', 'shared memory and tmpfs', shared);
    add('kernel', 'kernel structures', get('cgroup_kernel_bytes'));
  } else if (rss !== undefined) {
    add('file', 'program and mapped files', get('process_rss_file_bytes'));
    add('shared', 'shared memory', get('process_rss_shmem_bytes'));
  }
  const known = parts.reduce((total, part) => total + part.bytes, 0);
  const totalBytes = workingSet ?? rss ?? known;
  add('rest', 'not Go: cgo, mmap and others', Math.max(0, totalBytes - known));
  return {
    of: workingSet !== undefined ? 'working set' : rss !== undefined ? 'RSS' : 'memory of the Go runtime',
    totalBytes,
    parts: parts.filter((part) => part.bytes > 0),
    notResidentBytes: Math.max(0, known - totalBytes),
    liveMeasured: live?.measured ?? false,
  };
}

/** Processes beside the service that a container may have: an init, a shell. */
const MAX_HELPERS = 3;
const OWN_SHARE = 0.8;

/** True when others are charged to the cgroup too: a user's session, a unit, the whole machine. */
function isShared(readings: Readings): boolean {
  const anon = readings.get('process_rss_anon_bytes');
  const charged = readings.get('cgroup_anon_bytes');
  const others = (readings.get('cgroup_processes') ?? 1) > MAX_HELPERS + 1;
  return others || (anon !== undefined && charged !== undefined && anon < charged * OWN_SHARE);
}
