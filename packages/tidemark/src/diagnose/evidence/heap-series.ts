import { type Frame, type HeapSeries, type HeapSite, type HeapStratum, siteKey, userFrame } from '@tidemark/model';
import { joinSeries, type Profile } from '@tidemark/pprof';

/** One heap profile and when and how it was taken. */
export interface HeapLook {
  readonly capture: string;
  readonly atMs: number;
  readonly forcedGc: boolean;
  readonly profile: Profile;
}

interface Gathering {
  readonly frame: Frame;
  readonly stacks: Set<number>;
  readonly inuseBytes: Float64Array;
  readonly inuseObjects: Float64Array;
  readonly allocBytes: Float64Array;
  readonly allocObjects: Float64Array;
  readonly strata: Map<number, { alloc: Float64Array; inuse: Float64Array }>;
  /** The stack that grew most and by how much. */
  leading: number;
  leadingBytes: number;
}

/**
 * Snapshots of one process → one row a site, summed over every stack that allocates through it. Profiles hold
 * scaled-up estimates; the sampled counts behind them are brought back by undoing the runtime's scaling.
 */
export function heapSeries(looks: readonly HeapLook[]): HeapSeries {
  const limits: string[] = [];
  const rateBytes = samplingRate(looks, limits);
  const joined = joinSeries(looks.map((l) => l.profile));
  const type = (name: string) => joined.sampleTypes.indexOf(name);
  const columns = {
    allocObjects: type('alloc_objects'),
    allocBytes: type('alloc_space'),
    inuseObjects: type('inuse_objects'),
    inuseBytes: type('inuse_space'),
  };
  const n = looks.length;
  const sites = new Map<string, Gathering>();
  const siteOfStack = new Map<number, Gathering>();
  for (let row = 0; row < joined.rowCount; row++) {
    const stack = joined.stackOf[row]!;
    let site = siteOfStack.get(stack);
    if (!site) {
      const frame = userFrame(joined.sites(row)) ?? { function: '(unknown)', file: '', line: 0 };
      const key = siteKey(frame);
      site = sites.get(key);
      if (!site) {
        const column = () => new Float64Array(n);
        site = {
          frame,
          stacks: new Set(),
          inuseBytes: column(),
          inuseObjects: column(),
          allocBytes: column(),
          allocObjects: column(),
          strata: new Map(),
          leading: row,
          leadingBytes: Number.NEGATIVE_INFINITY,
        };
        sites.set(key, site);
      }
      site.stacks.add(stack);
      siteOfStack.set(stack, site);
    }
    const objectBytes = joined.objectBytes[row]!;
    let stratum = site.strata.get(objectBytes);
    if (!stratum && objectBytes > 0) {
      stratum = { alloc: new Float64Array(n), inuse: new Float64Array(n) };
      site.strata.set(objectBytes, stratum);
    }
    const scale = scaleFactor(objectBytes, rateBytes);
    for (let at = 0; at < n; at++) {
      const value = (column: number) => (column < 0 ? 0 : joined.columns[at]![column]![row]!);
      site.inuseBytes[at]! += value(columns.inuseBytes);
      site.inuseObjects[at]! += value(columns.inuseObjects);
      site.allocBytes[at]! += value(columns.allocBytes);
      site.allocObjects[at]! += value(columns.allocObjects);
      if (stratum) {
        stratum.alloc[at]! += value(columns.allocObjects) / scale;
        stratum.inuse[at]! += value(columns.inuseObjects) / scale;
      }
    }
    if (columns.inuseBytes >= 0) {
      const values = joined.columns;
      const grown = values[n - 1]![columns.inuseBytes]![row]! - values[0]![columns.inuseBytes]![row]!;
      if (grown > site.leadingBytes) {
        site.leadingBytes = grown;
        site.leading = row;
      }
    }
  }
  return {
    kind: 'heap-series',
    rateBytes,
    snapshots: snapshots(looks, [...sites.values()]),
    sites: [...sites.values()].map((site) => toSite(site, joined.sites(site.leading))),
    limits,
  };
}

/** MemProfileRate from the profiles' period; told where it is missing or changed between looks. */
function samplingRate(looks: readonly HeapLook[], limits: string[]): number {
  const rates = [...new Set(looks.map((l) => Number(l.profile.period)))];
  if (rates.length > 1) {
    limits.push(
      `the sampling rate changed between looks (${rates.join(', ')} B): amounts before and after do not compare well`,
    );
  }
  const rate = Math.max(...rates);
  if (rate >= 1) return rate;
  limits.push('the profile does not tell its sampling rate: 512 KiB, the default, is assumed');
  return 512 * 1024;
}

/**
 * The runtime multiplies the sampled objects of size s by 1/(1 − e^(−s/rate)) (runtime/pprof, scaleHeapSample, on
 * the mean size of a bucket's objects, which all have one size).
 */
function scaleFactor(objectBytes: number, rateBytes: number): number {
  if (objectBytes <= 0 || rateBytes <= 1) return 1;
  return 1 / (1 - Math.exp(-objectBytes / rateBytes));
}

function snapshots(looks: readonly HeapLook[], sites: readonly Gathering[]): HeapSeries['snapshots'] {
  let before = Number.NaN;
  return looks.map((look, at) => {
    const sum = (pick: (site: Gathering) => Float64Array) => sites.reduce((total, site) => total + pick(site)[at]!, 0);
    const allocBytes = sum((s) => s.allocBytes);
    const inuseBytes = sum((s) => s.inuseBytes);
    // A profile is published by a GC cycle: equal cumulative numbers mean that it is still the same picture.
    const print = allocBytes + inuseBytes / 7;
    const newCycle = print !== before;
    before = print;
    return {
      capture: look.capture,
      atMs: look.atMs,
      forcedGc: look.forcedGc,
      newCycle,
      inuseBytes,
      inuseObjects: sum((s) => s.inuseObjects),
      allocBytes,
      allocObjects: sum((s) => s.allocObjects),
    };
  });
}

function toSite(site: Gathering, stack: Frame[]): HeapSite {
  const whole = (column: Float64Array) => Array.from(column, (v) => Math.round(v));
  const strata: HeapStratum[] = [...site.strata]
    .map(([objectBytes, s]) => ({ objectBytes, allocSamples: whole(s.alloc), inuseSamples: whole(s.inuse) }))
    .sort((a, b) => a.objectBytes - b.objectBytes);
  return {
    site: { function: site.frame.function, file: site.frame.file, line: site.frame.line },
    stack,
    stacks: Math.max(1, site.stacks.size),
    inuseBytes: [...site.inuseBytes],
    inuseObjects: [...site.inuseObjects],
    allocBytes: [...site.allocBytes],
    allocObjects: [...site.allocObjects],
    strata,
  };
}
