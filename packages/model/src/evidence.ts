import { z } from 'zod';
import { Signal } from './signal.js';
import { Frame, Site } from './site.js';

/** One look at the heap. Times are milliseconds since 1970. */
export const HeapSnapshot = z.object({
  capture: z.string(),
  atMs: z.number(),
  forcedGc: z.boolean(),
  /** False when no GC published a new profile since the look before: no new observation. */
  newCycle: z.boolean(),
  inuseBytes: z.number(),
  inuseObjects: z.number(),
  allocBytes: z.number(),
  allocObjects: z.number(),
});
export type HeapSnapshot = z.infer<typeof HeapSnapshot>;

/**
 * The sampled objects of one size at one site, one number a snapshot. Counts are of SAMPLED objects (what the
 * runtime wrote down, before scaling up), because the exact tests of sampling noise need whole numbers.
 */
export const HeapStratum = z.object({
  objectBytes: z.number().positive(),
  allocSamples: z.array(z.number()),
  inuseSamples: z.array(z.number()),
});
export type HeapStratum = z.infer<typeof HeapStratum>;

/** One allocation site over all snapshots; values are scaled-up estimates (bytes, objects), one a snapshot. */
export const HeapSite = z.object({
  site: Site,
  /** The stack that grew most through this site, leaf first. */
  stack: z.array(Frame),
  /** How many different stacks allocate through this site. */
  stacks: z.number().int().positive(),
  inuseBytes: z.array(z.number()),
  inuseObjects: z.array(z.number()),
  allocBytes: z.array(z.number()),
  allocObjects: z.array(z.number()),
  strata: z.array(HeapStratum),
});
export type HeapSite = z.infer<typeof HeapSite>;

export const HeapSeries = z.object({
  kind: z.literal('heap-series'),
  /** MemProfileRate: one sample per this many allocated bytes on average. */
  rateBytes: z.number().positive(),
  snapshots: z.array(HeapSnapshot),
  sites: z.array(HeapSite),
  limits: z.array(z.string()),
});
export type HeapSeries = z.infer<typeof HeapSeries>;

export const GoroutineLook = z.object({ capture: z.string(), atMs: z.number(), total: z.number().int().nonnegative() });
export type GoroutineLook = z.infer<typeof GoroutineLook>;

/** Goroutines that wait at one place and were started at one place, one count a look. */
export const GoroutineGroup = z.object({
  /** Where they wait: the first frame of the user's code. */
  site: Site,
  /** Who started them (`created by`), where the form tells it. */
  creator: Site.nullable(),
  /** `chan send`, `select`, `IO wait` …; null where the form does not tell it (proto, debug=1). */
  state: z.string().nullable(),
  /** What the leaf frames say about the wait, read from runtime functions: `chan send`, `select`, `lock` … */
  waitsIn: z.string().nullable(),
  counts: z.array(z.number().int().nonnegative()),
  /** Of the ids seen at a look with ids, how many were still there at the next one; null where ids are unknown. */
  stayed: z.array(z.number().int().nonnegative().nullable()),
  /** Longest wait that the runtime told, in minutes; null where unknown. */
  oldestWaitMinutes: z.number().nullable(),
  stack: z.array(Frame),
  labels: z.record(z.string(), z.string()).default({}),
  /** True when the runtime itself found these goroutines unreachable (goroutineleak profile). */
  provenLeaked: z.boolean(),
});
export type GoroutineGroup = z.infer<typeof GoroutineGroup>;

export const GoroutineSeries = z.object({
  kind: z.literal('goroutine-series'),
  looks: z.array(GoroutineLook),
  groups: z.array(GoroutineGroup),
  limits: z.array(z.string()),
});
export type GoroutineSeries = z.infer<typeof GoroutineSeries>;

export const SignalSeries = z.object({
  kind: z.literal('signal-series'),
  signals: z.array(Signal),
  limits: z.array(z.string()),
});
export type SignalSeries = z.infer<typeof SignalSeries>;

/** One thing that was seen, with its limits. New kinds are added to this union, never changed in place. */
export const Evidence = z.discriminatedUnion('kind', [HeapSeries, GoroutineSeries, SignalSeries]);
export type Evidence = z.infer<typeof Evidence>;
