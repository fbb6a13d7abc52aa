import type { FleetService } from './service.js';

/** Means of the points of one pod and one process over one stretch of time: what the models are fitted to. All columns have one value a row. */
export interface Rows {
  readonly count: number;
  readonly pod: Uint16Array;
  /** Number of the process (incarnation) of the pod. */
  readonly incarnation: Int32Array;
  readonly atHours: Float64Array;
  readonly startedAtHours: Float64Array;
  /** Requests relative to their mean over the service. */
  readonly load: Float64Array;
  /** Integral of load over time, in hours: what a leak that grows with load has seen. */
  readonly loadHours: Float64Array;
  /** Points behind the row. */
  readonly weight: Float64Array;
  /** Values of the channels, in their unit. */
  readonly values: readonly Float64Array[];
  /** Length of the stretches that the means are taken over. */
  readonly binHours: number;
  /** loadHours of pod p at a time, by linear interpolation. */
  loadHoursAt(pod: number, atHours: number): number;
}

/** A process builds its heap in its first minutes whatever it does later. */
const START_HOURS = 0.05;

/**
 * Cuts the window into at most `maxBins` stretches and takes means by pod and process. The first minutes of a process are left out. `channels` are columns a pod; a row needs the first of them, the others may be NaN.
 */
export function makeRows(service: FleetService, channels: readonly (readonly Float64Array[])[], maxBins: number): Rows {
  const { points, pods } = service;
  const stepHours = service.stepSeconds / 3600;
  const perBin = Math.max(1, Math.ceil(points / maxBins));
  const meanLoad = meanOf(pods.map((pod) => pod.requestRate));
  const out = {
    pod: [] as number[],
    incarnation: [] as number[],
    at: [] as number[],
    started: [] as number[],
    load: [] as number[],
    loadHours: [] as number[],
    weight: [] as number[],
    values: channels.map(() => [] as number[]),
  };
  const cumulative: Float64Array[] = [];
  for (const [p, pod] of pods.entries()) {
    const integral = new Float64Array(points + 1);
    cumulative.push(integral);
    let load = 1;
    let started = Number.NaN;
    let incarnation = 0;
    let sums = new Float64Array(4 + channels.length * 2);
    let bin = -1;
    const flush = () => {
      const n = sums[0]!;
      if (n > 0) {
        out.pod.push(p);
        out.incarnation.push(incarnation);
        out.at.push(sums[1]! / n);
        out.started.push(started);
        out.load.push(sums[2]! / n);
        out.loadHours.push(sums[3]! / n);
        out.weight.push(n);
        for (let c = 0; c < channels.length; c++) out.values[c]!.push(sums[4 + 2 * c]! / sums[5 + 2 * c]!);
      }
      sums = new Float64Array(sums.length);
    };
    for (let i = 0; i < points; i++) {
      const rate = pod.requestRate[i]!;
      if (rate >= 0 && meanLoad > 0) load = rate / meanLoad;
      integral[i + 1] = integral[i]! + load * stepHours;
      const at = i * stepHours;
      const now = pod.startedAtHours[i]!;
      const value = channels[0]![p]![i]!;
      if (!(value > 0)) continue;
      // A start time that goes back is a wrong clock, not an older process.
      const restarted = Number.isNaN(started) || now > started + 1.5 * stepHours + 1e-3;
      const thisBin = Math.floor(i / perBin);
      if (thisBin !== bin || restarted) flush();
      bin = thisBin;
      if (restarted && !(Number.isNaN(now) && !Number.isNaN(started))) {
        incarnation++;
        started = Number.isNaN(now) ? at : now;
      }
      if (at - started < Math.max(1.01 * stepHours, START_HOURS)) continue;
      sums[0]! += 1;
      sums[1]! += at;
      sums[2]! += load;
      sums[3]! += integral[i]!;
      for (let c = 0; c < channels.length; c++) {
        const v = channels[c]![p]![i]!;
        if (v >= 0) {
          sums[4 + 2 * c]! += v;
          sums[5 + 2 * c]! += 1;
        }
      }
    }
    flush();
  }
  return {
    count: out.pod.length,
    pod: Uint16Array.from(out.pod),
    incarnation: Int32Array.from(out.incarnation),
    atHours: Float64Array.from(out.at),
    startedAtHours: Float64Array.from(out.started),
    load: Float64Array.from(out.load),
    loadHours: Float64Array.from(out.loadHours),
    weight: Float64Array.from(out.weight),
    values: out.values.map((v) => Float64Array.from(v)),
    binHours: perBin * stepHours,
    loadHoursAt(pod, atHours) {
      const x = Math.min(Math.max(atHours / stepHours, 0), points);
      const i = Math.min(Math.floor(x), points - 1);
      const integral = cumulative[pod]!;
      return integral[i]! + (x - i) * (integral[i + 1]! - integral[i]!);
    },
  };
}

function meanOf(columns: readonly Float64Array[]): number {
  let sum = 0;
  let n = 0;
  for (const column of columns)
    for (const v of column)
      if (v >= 0) {
        sum += v;
        n++;
      }
  return n > 0 ? sum / n : Number.NaN;
}
