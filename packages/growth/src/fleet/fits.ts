import { type Channel, type ChannelFit, fitChannel } from './channel.js';
import { liveHeap } from './live-heap.js';
import { makeRows, type Rows } from './rows.js';
import type { FleetService } from './service.js';

export const LEAK_KINDS = ['heap', 'goroutine', 'offheap'] as const;
export type LeakKind = (typeof LEAK_KINDS)[number];

export interface ServiceFits {
  readonly pods: number;
  readonly deploys: number;
  readonly rows: Rows;
  /** Points of the window at which a pod was seen, without those that were too soon after a start. */
  readonly points: number;
  /** Processes a pod that ended near the memory limit. */
  readonly kills: number;
  /** Live heap and stacks together: what goroutines cost. */
  readonly bytes: Channel;
  readonly goroutineChannel: Channel | null;
  readonly offheapChannel: Channel | null;
  readonly heap: ChannelFit | null;
  readonly goroutine: ChannelFit | null;
  readonly offheap: ChannelFit | null;
}

/** Stretches a window is cut into: enough for a shape; more where processes live shortly, so that each of them has some. */
const BINS = 96;
const MAX_BINS = 288;
const BINS_A_PROCESS = 12;

/** Processes a pod, on average, and how many ended within a tenth of the memory limit. */
function processes(service: FleetService): { each: number; kills: number } {
  let restarts = 0;
  let kills = 0;
  for (const pod of service.pods) {
    let started = Number.NaN;
    let used = 0;
    for (let i = 0; i < service.points; i++) {
      const now = pod.startedAtHours[i]!;
      if (now > started + service.stepSeconds / 3600 / 4) {
        restarts++;
        if (service.memoryLimitBytes !== null && used > 0.9 * service.memoryLimitBytes) kills++;
      }
      if (!Number.isNaN(now)) started = Number.isNaN(started) ? now : Math.max(started, now);
      if (pod.workingSetBytes[i]! >= 0) used = pod.workingSetBytes[i]!;
    }
  }
  const pods = Math.max(1, service.pods.length);
  return { each: 1 + restarts / pods, kills: kills / pods };
}

export function fitService(service: FleetService): ServiceFits {
  const live = liveHeap(service);
  const channels = [
    live,
    service.pods.map((p) => p.goroutines),
    service.pods.map((p) => p.workingSetBytes),
    service.pods.map((p) => p.nextGcBytes),
    service.pods.map((p) => p.stackInuseBytes),
  ];
  const { each, kills } = processes(service);
  const rows = makeRows(service, channels, Math.min(MAX_BINS, Math.max(BINS, Math.round(BINS_A_PROCESS * each))));
  const [heap, goroutines, workingSet, goal, stack] = rows.values as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const one = (values: Float64Array, covariates: Float64Array[]): Channel => ({
    rows,
    values,
    covariates,
    deploysAtHours: service.deploysAtHours,
    pods: service.pods.length,
  });
  const complete = (v: Float64Array) => v.every((x) => Number.isFinite(x));
  const goroutineChannel = complete(goroutines) ? one(goroutines, []) : null;
  const offheapChannel =
    complete(workingSet) && complete(goal) ? one(workingSet, [goal, ...(complete(stack) ? [stack] : [])]) : null;
  return {
    pods: service.pods.length,
    deploys: service.deploysAtHours.length,
    rows,
    points: pointsSeen(rows),
    kills,
    bytes: one(complete(stack) ? heap.map((v, i) => v + stack[i]!) : heap, []),
    goroutineChannel,
    offheapChannel,
    heap: fitChannel(one(heap, [])),
    goroutine: goroutineChannel && fitChannel(goroutineChannel),
    offheap: offheapChannel && fitChannel(offheapChannel),
  };
}

function pointsSeen(rows: Rows): number {
  const most = new Map<number, number>();
  for (let i = 0; i < rows.count; i++) {
    const bin = Math.floor(rows.atHours[i]! / rows.binHours);
    most.set(bin, Math.max(most.get(bin) ?? 0, rows.weight[i]!));
  }
  let sum = 0;
  for (const points of most.values()) sum += points;
  return sum;
}
