import type { FleetPod, FleetService } from './service.js';

/**
 * Live heap of every point of every pod, in bytes (NaN where unknown): what the runtime tells, else from what every Go version reports.
 *
 * Goal = live + (live + stacks) × GOGC/100 (runtime/mgcpacer.go; without the stacks up to Go 1.17), solved for live. Where the memory limit lowers the goal, it says nothing
 * about live; then what is freed a cycle does: allocated bytes = cycles × (goal − live), and what is allocated grows with requests, so
 * live = goal − c × requests / cycles, with c measured where the goal is free, or else from the mean of HeapAlloc, which runs from live to the goal.
 */
export function liveHeap(service: FleetService): Float64Array[] {
  const gc = service.gogc ?? 100;
  const g = gc > 0 ? gc / 100 : 1;
  const limit = service.goMemLimitBytes;
  const counted = goalCountsStacks(service, g);
  const capped = service.pods.map((pod) => cappedPoints(pod, limit));
  const perRequest = limit === null ? Number.NaN : allocatedPerRequest(service, capped, g);
  return service.pods.map((pod, p) => {
    const live = new Float64Array(service.points);
    for (let i = 0; i < service.points; i++) {
      if (pod.heapLiveBytes && pod.heapLiveBytes[i]! > 0) {
        live[i] = pod.heapLiveBytes[i]!;
        continue;
      }
      const next = pod.nextGcBytes[i]!;
      const stack = pod.stackInuseBytes[i]!;
      const free = (next - (counted && stack >= 0 ? Math.min(g * stack, next / 2) : 0)) / (1 + g);
      if (capped[p]![i] === 0) live[i] = free;
      else {
        const cycles = cyclesSince(pod, i);
        const load = pod.requestRate[i]!;
        const byRate = next - (perRequest * load * service.stepSeconds) / cycles;
        const live1 = cycles > 0 && byRate > 0 ? byRate : 2 * pod.heapAllocBytes[i]! - next;
        // The limit only lowers the goal: live is at least what the free formula says.
        live[i] = Math.min(Math.max(live1, free), next);
      }
    }
    return live;
  });
}

/** The limit counts all that the runtime has mapped, which the working set shows best; page cache only makes a point look limited that is not. */
function cappedPoints(pod: FleetPod, limit: number | null): Uint8Array {
  const capped = new Uint8Array(pod.nextGcBytes.length);
  if (limit === null) return capped;
  for (let i = 0; i < capped.length; i++) {
    const goal = pod.nextGcBytes[i]! + (pod.stackInuseBytes[i]! || 0);
    if (goal > 0.85 * limit || pod.workingSetBytes[i]! > 0.93 * limit) capped[i] = 1;
  }
  return capped;
}

function cyclesSince(pod: FleetPod, i: number): number {
  if (i === 0 || !(Math.abs(pod.startedAtHours[i]! - pod.startedAtHours[i - 1]!) < 1e-3)) return Number.NaN;
  const cycles = pod.gcCycles[i]! - pod.gcCycles[i - 1]!;
  return cycles > 0 ? cycles : Number.NaN;
}

/** Bytes allocated a second at a request rate of 1: median over free points, else over all. */
function allocatedPerRequest(service: FleetService, capped: readonly Uint8Array[], g: number): number {
  const free: number[] = [];
  let sum = 0;
  let count = 0;
  const stride = Math.max(1, Math.floor((service.points * service.pods.length) / 4000));
  for (const [p, pod] of service.pods.entries()) {
    for (let i = 1; i < service.points; i += stride) {
      const work = pod.requestRate[i]! * service.stepSeconds;
      const cycles = cyclesSince(pod, i);
      const next = pod.nextGcBytes[i]!;
      if (!(work > 0) || !(cycles > 0)) continue;
      if (capped[p]![i] === 0) free.push((((next * g) / (1 + g)) * cycles) / work);
      const each = (2 * (next - pod.heapAllocBytes[i]!) * cycles) / work;
      if (each > 0) {
        sum += each;
        count++;
      }
    }
  }
  if (free.length >= 20) return free.sort((a, b) => a - b)[free.length >> 1]!;
  return count >= 20 ? sum / count : Number.NaN;
}

/**
 * Whether the goal counts the stacks. HeapAlloc runs from live to the goal, so 2 × HeapAlloc − goal is live on average, without bias and with much
 * noise; its regression on the stacks (within pods) tells, where stacks change enough to matter. Where it cannot be told, they are counted.
 */
function goalCountsStacks(service: FleetService, g: number): boolean {
  let square = 0;
  let along = 0;
  let count = 0;
  let rest = 0;
  let level = 0;
  const stride = Math.max(1, Math.floor((service.points * service.pods.length) / 20_000));
  for (const pod of service.pods) {
    let n = 0;
    let meanStack = 0;
    let meanGap = 0;
    const each = (visit: (stack: number, gap: number) => void) => {
      for (let i = 0; i < service.points; i += stride) {
        const next = pod.nextGcBytes[i]!;
        const stack = (pod.stackInuseBytes[i]! * g) / (1 + g);
        const gap = next / (1 + g) - (2 * pod.heapAllocBytes[i]! - next);
        if (stack >= 0 && Number.isFinite(gap)) visit(stack, gap);
      }
    };
    each((stack, gap) => {
      n++;
      meanStack += stack;
      meanGap += gap;
    });
    each((stack, gap) => {
      const x = stack - meanStack / n;
      const y = gap - meanGap / n;
      square += x * x;
      along += x * y;
      rest += y * y;
    });
    count += n;
    level += meanStack;
  }
  if (count < 50 || square / count < (0.2 * (level / count)) ** 2) return true;
  const counted = along / square;
  const error = Math.sqrt(Math.max(0, rest - along * counted) / count / square);
  return error > 0.3 || counted > 0.5;
}
