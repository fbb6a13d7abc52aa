import { TidemarkError } from '@tidemark/model';

/** How a target is watched: how long, how often, and what a look may cost it. */
export interface Plan {
  /** Time between the first look and the last. */
  readonly forMs: number;
  readonly everyMs: number;
  /**
   * Before which heap profiles a GC is forced (`?gc=1`, a full cycle's CPU on the target). `auto`: at the first and the
   * last look, and in between while all those cycles together cost less than `gcBudgetShare` of the watch: without
   * them a quiet process shows one picture for minutes, and a plateau cannot be told from growth.
   */
  readonly forceGc: 'auto' | 'ends' | 'never' | 'all';
  /** Share of the time of the watch that forced GCs between the ends may cost, in CPU time of one core. */
  readonly gcBudgetShare: number;
  /** Above this live heap no GC is forced unless `forceGcAnyway`. */
  readonly forceGcMaxLiveBytes: number;
  readonly forceGcAnyway: boolean;
  /** Above this many goroutines neither debug=2 nor goroutineleak is taken: both stop the world for long. */
  readonly dumpMaxGoroutines: number;
  /** Up to this many, debug=2 is taken at every look: 1 MB and well below 0.1 CPU-seconds (docs/capture.md). */
  readonly dumpBetweenMaxGoroutines: number;
  /** MemStats from `heap?debug=1` at the first look and the last: it stops the world for a moment. */
  readonly memStats: boolean;
  /** Above this size of a heap profile its debug=1 text, ~170 times larger, is not asked for. */
  readonly memStatsMaxProfileBytes: number;
  /** Looks are moved by up to this share of the interval, so that many watchers do not ask at once. */
  readonly jitter: number;
  /** How long a target that is away is called again before the watch ends. */
  readonly reconnectMs: number;
  /** Largest profile, unpacked. */
  readonly maxUnpackedBytes: number;
}

export const DEFAULT_PLAN: Plan = {
  forMs: 60_000,
  everyMs: 15_000,
  forceGc: 'auto',
  gcBudgetShare: 0.01,
  forceGcMaxLiveBytes: 2 ** 30,
  forceGcAnyway: false,
  dumpMaxGoroutines: 20_000,
  dumpBetweenMaxGoroutines: 2000,
  memStats: true,
  memStatsMaxProfileBytes: 2 ** 20,
  jitter: 0.05,
  reconnectMs: 3000,
  maxUnpackedBytes: 2 ** 30,
};

const MAX_LOOKS = 2000;

/** The plan with defaults filled in. @throws TidemarkError TM_USAGE for values that make no sense. */
export function resolvePlan(given: Partial<Plan> = {}): Plan {
  const plan = { ...DEFAULT_PLAN, ...given };
  const bad = (text: string) => new TidemarkError('TM_USAGE', text);
  if (!(plan.forMs >= 0) || !Number.isFinite(plan.forMs)) throw bad('the time to watch must be 0 or more');
  if (!(plan.everyMs >= 100)) throw bad('looks must be at least 100 ms apart');
  const looks = lookTimes(plan).length;
  if (looks > MAX_LOOKS) throw bad(`${looks} looks are more than ${MAX_LOOKS}: look less often`);
  return plan;
}

/** When to look, in milliseconds from the first look; the last one is at `forMs`. */
export function lookTimes(plan: Pick<Plan, 'forMs' | 'everyMs'>): number[] {
  const intervals = Math.max(plan.forMs > 0 ? 1 : 0, Math.round(plan.forMs / plan.everyMs));
  return Array.from({ length: Math.min(intervals, 1e6) + 1 }, (_, i) => (intervals ? (plan.forMs * i) / intervals : 0));
}
