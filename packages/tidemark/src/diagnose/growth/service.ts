import type { FleetPod, FleetService } from '@tidemark/growth';
import type { Signal } from '@tidemark/model';
import { incarnationsOf } from '../../signals/index.js';

/** One process, or several that followed each other under one name (restarts of a pod). */
export interface Process {
  readonly name: string;
  readonly signals: readonly Signal[];
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** What the engine looks at, by our names. */
export const GROWTH_SIGNALS: readonly string[] = [
  'heap_live_bytes',
  'heap_alloc_bytes',
  'heap_goal_bytes',
  'stacks_bytes',
  'goroutines',
  'gc_cycles',
  'heap_allocated_bytes',
  'process_start_ms',
  'process_rss_bytes',
  'cgroup_working_set_bytes',
  'cgroup_current_bytes',
  'cgroup_inactive_file_bytes',
  'cgroup_limit_bytes',
  'memory_limit_bytes',
  'gc_growth_ratio',
];

/** Slots that are judged together; a service with more has the others left out, with a note. */
const MAX_SLOTS = 32;

/**
 * The processes of one service as the engine wants them. Processes that did not run at the same time share a slot, as
 * restarts of one: pods of the versions before a deploy are then pooled with those after it.
 */
export function fleetService(
  service: string,
  processes: readonly Process[],
  window: Window,
): { service: FleetService; notes: string[] } {
  const points = Math.floor((window.toMs - window.fromMs) / window.stepMs) + 1;
  const { slots, deploysAtMs } = inSlots(processes);
  const notes: string[] = [];
  if (slots.length > MAX_SLOTS) {
    slots.sort((a, b) => covered(b) - covered(a));
    notes.push(`${slots.length} processes ran at once: the ${MAX_SLOTS} that were seen longest are judged`);
  }
  const kept = slots.slice(0, MAX_SLOTS);
  const last = (name: string) => {
    const values = processes.flatMap(({ signals }) => signals.find((s) => s.name === name)?.points.at(-1)?.[1] ?? []);
    return values.length > 0 ? Math.min(...values) : null;
  };
  const growth = last('gc_growth_ratio');
  return {
    notes,
    service: {
      ...{ service, points, stepSeconds: window.stepMs / 1000 },
      gogc: growth === null ? null : growth * 100,
      goMemLimitBytes: last('memory_limit_bytes'),
      memoryLimitBytes: last('cgroup_limit_bytes'),
      deploysAtHours: deploysAtMs.map((at) => (at - window.fromMs) / 3.6e6),
      pods: kept.map((slot) => podOf(slot, window, points)),
    },
  };
}

const spanOf = ({ signals }: Process): [number, number] => {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { points } of signals) {
    if (points.length === 0) continue;
    from = Math.min(from, points[0]![0]);
    to = Math.max(to, points.at(-1)![0]);
  }
  return [from, to];
};

const covered = (slot: readonly Process[]) =>
  slot.reduce((sum, process) => sum + spanOf(process)[1] - spanOf(process)[0], 0);

function inSlots(processes: readonly Process[]): { slots: Process[][]; deploysAtMs: number[] } {
  const ordered = processes
    .map((process) => ({ process, span: spanOf(process) }))
    .filter(({ span }) => span[0] <= span[1])
    .sort((a, b) => a.span[0] - b.span[0] || (a.process.name < b.process.name ? -1 : 1));
  const slots: { list: Process[]; endMs: number }[] = [];
  const deploysAtMs: number[] = [];
  for (const { process, span } of ordered) {
    const free = slots.find((slot) => slot.endMs < span[0]);
    if (free) {
      free.list.push(process);
      free.endMs = span[1];
      if (!(span[0] - (deploysAtMs.at(-1) ?? 0) < 1.8e6)) deploysAtMs.push(span[0]);
    } else slots.push({ list: [process], endMs: span[1] });
  }
  return { slots: slots.map(({ list }) => list), deploysAtMs };
}

function podOf(slot: readonly Process[], window: Window, points: number): FleetPod {
  const column = () => new Float64Array(points).fill(Number.NaN);
  const pod = {
    instance: slot.at(-1)!.name,
    heapAllocBytes: column(),
    nextGcBytes: column(),
    workingSetBytes: column(),
    stackInuseBytes: column(),
    goroutines: column(),
    gcCycles: column(),
    requestRate: column(),
    startedAtHours: column(),
    heapLiveBytes: column(),
  };
  const cell = (atMs: number) => Math.round((atMs - window.fromMs) / window.stepMs);
  for (const { signals } of slot) {
    const pointsOf = (name: string) => signals.find((signal) => signal.name === name)?.points ?? [];
    const fill = (into: Float64Array, name: string) => {
      for (const [atMs, value] of pointsOf(name)) if (into[cell(atMs)] !== undefined) into[cell(atMs)] = value;
    };
    fill(pod.heapAllocBytes, 'heap_alloc_bytes');
    fill(pod.nextGcBytes, 'heap_goal_bytes');
    fill(pod.stackInuseBytes, 'stacks_bytes');
    fill(pod.goroutines, 'goroutines');
    fill(pod.gcCycles, 'gc_cycles');
    fill(pod.heapLiveBytes, 'heap_live_bytes');
    // What the OOM killer counts wins over what the process has.
    fill(pod.workingSetBytes, 'process_rss_bytes');
    const cache = new Map(pointsOf('cgroup_inactive_file_bytes'));
    for (const [atMs, value] of pointsOf('cgroup_current_bytes'))
      if (cache.has(atMs) && cell(atMs) < points) pod.workingSetBytes[cell(atMs)] = value - cache.get(atMs)!;
    fill(pod.workingSetBytes, 'cgroup_working_set_bytes');
    fillLoad(pod.requestRate, pointsOf('heap_allocated_bytes'), window, cell);
    fillStarts(pod.startedAtHours, signals, window, cell);
  }
  return pod;
}

/** Bytes allocated a second stand for the load: every request allocates, and nobody has to name a metric of requests. */
function fillLoad(
  into: Float64Array,
  allocated: Signal['points'],
  window: Window,
  cell: (atMs: number) => number,
): void {
  for (let i = 1; i < allocated.length; i++) {
    const [[fromMs, before], [atMs, now]] = [allocated[i - 1]!, allocated[i]!];
    if (now < before || atMs - fromMs > 5 * window.stepMs || into[cell(atMs)] === undefined) continue;
    into[cell(atMs)] = ((now - before) / (atMs - fromMs)) * 1000;
  }
}

/** When the process that is seen had started: as it says itself, else when it was first seen. */
function fillStarts(
  into: Float64Array,
  signals: readonly Signal[],
  window: Window,
  cell: (atMs: number) => number,
): void {
  const said = signals.find(({ name }) => name === 'process_start_ms')?.points ?? [];
  for (const { fromMs, toMs } of incarnationsOf(signals)) {
    const start = said.find(([atMs]) => atMs >= fromMs && atMs <= toMs)?.[1] ?? fromMs;
    const last = Math.min(cell(toMs), into.length - 1);
    for (let i = Math.max(0, cell(fromMs)); i <= last; i++) into[i] = (start - window.fromMs) / 3.6e6;
  }
}
