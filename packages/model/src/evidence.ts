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

/** How sure a statement about a wait is: by the source and the dump together, by the dump alone, or hardly. */
export const WaitConfidence = z.enum(['proven', 'likely', 'possible']);
export type WaitConfidence = z.infer<typeof WaitConfidence>;

/** Who keeps goroutines waiting. `gone`: nobody alive can end the wait. */
export const WaitHolder = z.object({
  kind: z.enum(['self', 'other', 'gone', 'unknown']),
  confidence: WaitConfidence,
  goroutine: z.number().int().nullable(),
  /** Where it holds the lock; for `gone` the line by which it left, where the source tells. */
  site: Site.nullable(),
  /** Where the lock was taken. */
  acquired: Site.nullable(),
  /** What the holder itself waits in, and where. */
  waitsIn: z.string().nullable(),
  waitsAt: Site.nullable(),
  /** Position in `locks` of the lock that the holder waits for. */
  waitsFor: z.number().int().nonnegative().nullable(),
  /** How many goroutines it could be. */
  candidates: z.number().int().nonnegative(),
});
export type WaitHolder = z.infer<typeof WaitHolder>;

/** A lock, WaitingGroup, Cond or (at SIGQUIT) channel that goroutines wait for. */
export const WaitedLock = z.object({
  kind: z.enum(['mutex', 'rwmutex', 'waitgroup', 'cond', 'once', 'channel']),
  /** `0xc000012345`; null where the dump shows none. */
  address: z.string().nullable(),
  /** `T.mu` from the source; else the type whose method asked; null where neither is told. */
  name: z.string().nullable(),
  /** Distance from the base of the object around it, in bytes. */
  offsetBytes: z.number().int().nonnegative().nullable(),
  waiters: z.array(z.object({ goroutine: z.number().int(), waitsIn: z.string(), site: Site })),
  /** All waiters; the list above may be shortened. */
  waiterCount: z.number().int().nonnegative(),
  holder: WaitHolder,
  /** Just being handed over when the dump was taken: nothing is stuck. */
  moving: z.boolean(),
});
export type WaitedLock = z.infer<typeof WaitedLock>;

/** Goroutines of a dump with one stack. */
export const WaitingGroup = z.object({
  site: Site,
  creator: Site.nullable(),
  state: z.string().nullable(),
  waitsIn: z.string(),
  count: z.number().int().positive(),
  /** Some of their ids. */
  ids: z.array(z.number().int()),
  oldestWaitMinutes: z.number().nullable(),
  /** Of them, how many stood at this very stack at every look; null with one look. */
  stayed: z.number().int().nonnegative().nullable(),
  /** Found unreachable by the runtime. */
  provenLeaked: z.boolean(),
  /** Why they wait by design; null: they do not. */
  uninteresting: z.string().nullable(),
  labels: z.record(z.string(), z.string()).default({}),
  stack: z.array(Frame),
});
export type WaitingGroup = z.infer<typeof WaitingGroup>;

/** Why a wait cannot end, or not soon: one cause of docs/causes.md with the steps that lead there. */
export const WaitExplanation = z.object({
  cause: z.string(),
  confidence: WaitConfidence,
  /** True when nothing that can still run ends the wait; false when the holder may go on (I/O, sleep, work). */
  endless: z.boolean(),
  /** Positions in `groups` of the goroutines that suffer. */
  groups: z.array(z.number().int().nonnegative()),
  /** Position in `locks`; null for channels and others. */
  lock: z.number().int().nonnegative().nullable(),
  /** Where the first victim waits. */
  victim: Site,
  holder: WaitHolder,
  /** Sentences, each a step of the chain. */
  steps: z.array(z.object({ text: z.string(), site: Site.optional() })),
  fix: z.string().nullable(),
  unknown: z.array(z.string()).default([]),
});
export type WaitExplanation = z.infer<typeof WaitExplanation>;

/** One or more goroutine dumps of a process, the last one in full, with who waits for whom and why. */
export const GoroutineWaits = z.object({
  kind: z.literal('goroutine-waits'),
  capture: z.string(),
  looks: z.number().int().positive(),
  /** Between the first and the last look; null where the times are not known. */
  watchedSeconds: z.number().nonnegative().nullable(),
  total: z.number().int().nonnegative(),
  groups: z.array(WaitingGroup),
  locks: z.array(WaitedLock),
  /** Positions in `locks`, each holder waiting for the next one. */
  cycles: z.array(z.array(z.number().int().nonnegative())),
  explanations: z.array(WaitExplanation),
  /** True when facts of the build were joined. */
  withFacts: z.boolean(),
  limits: z.array(z.string()),
});
export type GoroutineWaits = z.infer<typeof GoroutineWaits>;

/** A place that waits for locks, or lets them go while others wait, with what that cost while it was watched. */
export const ContentionSite = z.object({
  /** The first line of the program's own code: of Lock (waiters), of Unlock or of the return that runs it (holders). */
  site: Site,
  /** The function that deals with the lock, where that is not the site's own: a library's, say. */
  lockedIn: Site.nullable(),
  delaySeconds: z.number().nonnegative(),
  contentions: z.number().nonnegative(),
  stack: z.array(Frame),
});
export type ContentionSite = z.infer<typeof ContentionSite>;

/** A lock, or what cannot be told from it, with who waited and who held. */
export const ContendedLock = z.object({
  /** `Store.mu` from the facts; else the type, or the package, whose functions deal with it. */
  name: z.string(),
  /** `lock`: both sides deal with this very lock by the facts. `type`, `package`, `totals`: weaker, and in this order. */
  matchedBy: z.enum(['lock', 'type', 'package', 'totals', 'one-sided']),
  /** From the block profile, worst first. */
  waiters: z.array(ContentionSite),
  /** From the mutex profile, worst first. */
  holders: z.array(ContentionSite),
});
export type ContendedLock = z.infer<typeof ContendedLock>;

/** Mutex and block profiles of one process, the first taken from the last: who lost how much time to whom. */
export const LockContention = z.object({
  kind: z.literal('lock-contention'),
  captures: z.array(z.string()),
  /** What the numbers cover; null: everything since the program switched the profiles on, whenever that was. */
  seconds: z.number().positive().nullable(),
  locks: z.array(ContendedLock),
  /** Waits for locks in all, by the block profile. Null: it was not given, or is empty. */
  waitedSeconds: z.number().nonnegative().nullable(),
  /** Waits that releases of locks ended, in all, by the mutex profile. Null: it was not given, or is empty. */
  heldSeconds: z.number().nonnegative().nullable(),
  limits: z.array(z.string()),
});
export type LockContention = z.infer<typeof LockContention>;

const HolderUse = z.object({
  function: z.string(),
  file: z.string(),
  line: z.number().int().nonnegative(),
  how: z.string(),
});

/** Something that keeps values for as long as it lives itself: a map, slice, list, sync.Map or channel of a build. */
export const Holder = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  type: z.string(),
  file: z.string(),
  line: z.number().int().nonnegative(),
  /** `global`, `field` … */
  where: z.string(),
  /** `only-added`: nothing in the program ever removes from it, or replaces it. */
  verdict: z.string(),
  adds: z.array(HolderUse),
  removes: z.array(HolderUse),
});
export type Holder = z.infer<typeof Holder>;

/** Something that the source takes, starts or keeps, and on some path never lets go. */
export const UnreleasedResource = z.object({
  /** The rule that the scan of the source reports it by: `resource/http-body`. */
  rule: z.string(),
  verdict: z.enum(['leak', 'suspect']),
  function: z.string(),
  file: z.string(),
  line: z.number().int().nonnegative(),
  message: z.string(),
  fix: z.string(),
  /** The way to the exit that forgets it. */
  related: z.array(z.object({ file: z.string(), line: z.number().int().nonnegative(), message: z.string() })),
});
export type UnreleasedResource = z.infer<typeof UnreleasedResource>;

/** Something that a line of the source allocates, and why that is on the heap. */
export const HeapReason = z.object({
  /** The function of the stack in which it was seen. */
  function: z.string(),
  file: z.string(),
  line: z.number().int().nonnegative(),
  /** `literal`, `variable`, `closure`, `box` … (docs/facts.md, section `escape`). */
  kind: z.string(),
  /** The expression or variable. */
  what: z.string(),
  /** How it leaves the stack, in words; empty where the kind says it all. */
  why: z.string(),
  /** How many things allocate on that line: with more than one, any of them can be what was seen. */
  onLine: z.number().int().positive(),
});
export type HeapReason = z.infer<typeof HeapReason>;

/** Facts of the build that was watched: what the source says about the places that were seen. */
export const BuildFacts = z.object({
  kind: z.literal('build-facts'),
  /** How it was found that they are of this build: `build id`, or weaker. */
  matchedBy: z.string(),
  exact: z.boolean(),
  /** True for a library alone: who imports it may remove what it adds. */
  importersNotSeen: z.boolean(),
  holders: z.array(Holder),
  /** Those in functions that were seen on a stack, and those whose goroutines or buffers were seen. */
  resources: z.array(UnreleasedResource).optional(),
  /** What allocates at the sites that were seen. */
  allocations: z.array(HeapReason).optional(),
  limits: z.array(z.string()),
});
export type BuildFacts = z.infer<typeof BuildFacts>;

/** One thing that was seen, with its limits. New kinds are added to this union, never changed in place. */
export const Evidence = z.discriminatedUnion('kind', [
  HeapSeries,
  GoroutineSeries,
  SignalSeries,
  GoroutineWaits,
  BuildFacts,
  LockContention,
]);
export type Evidence = z.infer<typeof Evidence>;
