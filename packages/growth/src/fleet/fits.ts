import { type Channel, type ChannelFit, fitChannel } from './channel.js';
import { liveHeap } from './live-heap.js';
import { makeRows, type Rows } from './rows.js';
import type { FleetService } from './service.js';

export type LeakKind = 'heap' | 'goroutine' | 'offheap';

export interface ServiceFits {
  readonly rows: Rows;
  readonly heap: ChannelFit | null;
  readonly goroutine: ChannelFit | null;
  readonly offheap: ChannelFit | null;
}

export const MAX_BINS = 96;

export function fitService(service: FleetService): ServiceFits {
  const live = liveHeap(service);
  const channels = [
    live,
    service.pods.map((p) => p.goroutines),
    service.pods.map((p) => p.workingSetBytes),
    service.pods.map((p) => p.nextGcBytes),
    service.pods.map((p) => p.stackInuseBytes),
  ];
  const rows = makeRows(service, channels, MAX_BINS);
  const [heap, goroutines, workingSet, goal, stack] = rows.values as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const one = (values: Float64Array, covariates: Float64Array[]): Channel => ({
    rows,
    values,
    covariates,
    deploysAtHours: service.deploysAtHours,
    pods: service.pods.length,
  });
  const complete = (v: Float64Array) => v.every((x) => Number.isFinite(x));
  return {
    rows,
    heap: fitChannel(one(heap, [])),
    goroutine: complete(goroutines) ? fitChannel(one(goroutines, [])) : null,
    offheap: complete(workingSet) && complete(goal) ? fitChannel(one(workingSet, [goal, ...(complete(stack) ? [stack] : [])])) : null,
  };
}
