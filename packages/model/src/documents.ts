import { z } from 'zod';
import { GoroutineWaits, LockContention } from './evidence.js';
import { Report } from './report.js';

/** A report without its evidence: what a document adds is the evidence, in the shape that its readers want. */
const Judged = Report.omit({ evidence: true });

/** What `tidemark goroutines --json` writes: who waits, for what, who holds it, and what was found. */
export const GoroutinesDocument = Judged.extend({
  goroutines: GoroutineWaits.shape.groups,
  locks: GoroutineWaits.shape.locks,
  /** A list a dump; positions in `locks`, each holder waiting for the next one. */
  cycles: z.array(GoroutineWaits.shape.cycles),
  explanations: GoroutineWaits.shape.explanations,
  /** What locks cost, where mutex and block profiles were at hand. */
  contention: LockContention.nullable(),
});
export type GoroutinesDocument = z.infer<typeof GoroutinesDocument>;

/** What `tidemark gctrace --json` writes: the cycles of each process of a log, summed up. */
export const GcTraceDocument = Judged.extend({
  gctrace: z.object({
    damagedLines: z.number().int().nonnegative(),
    lines: z.number().int().nonnegative(),
    thinned: z.boolean(),
    processes: z.array(
      z.object({
        incarnation: z.number().int().nonnegative(),
        cycles: z.number().int().positive(),
        missingCycles: z.number().int().nonnegative(),
        forcedCycles: z.number().int().nonnegative(),
        fromSeconds: z.number(),
        toSeconds: z.number(),
        floorBytes: z.array(z.number()),
        firstLiveBytes: z.number(),
        lastLiveBytes: z.number(),
        maxGoalBytes: z.number(),
        medianPauseSeconds: z.number(),
        p99PauseSeconds: z.number(),
        maxPauseSeconds: z.number(),
        pausedRatio: z.number(),
        cpuRatio: z.number(),
        meanGrowthRatio: z.number(),
      }),
    ),
  }),
});
export type GcTraceDocument = z.infer<typeof GcTraceDocument>;

/** What the numbers of a service say over time (docs/growth.md); the words are those of `tidemark growth`. */
const Growth = z.object({
  service: z.string(),
  verdict: z.enum(['leak', 'suspect', 'clear', 'undecided']),
  kind: z.enum(['heap', 'goroutine', 'offheap', 'none']),
  sinceHours: z.number().nullable(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** When the growth began. */
  sinceAt: z.iso.datetime().nullable(),
  bytesPerHour: z.number().nullable(),
  interval95: z.tuple([z.number(), z.number()]).nullable(),
  growsWith: z.enum(['time', 'load']).nullable(),
  hoursToLimit: z.object({ estimate: z.number(), interval95: z.tuple([z.number(), z.number().nullable()]) }).nullable(),
  pods: z.array(z.string()),
  confidence: z.number(),
  why: z.array(z.string()),
});

/** What `tidemark watch --json` writes in the end: a report a target. */
export const WatchDocument = z.object({
  $schema: z.string(),
  schemaVersion: z.literal(1),
  tool: Report.shape.tool,
  verdict: Report.shape.verdict,
  targets: z.array(Judged.extend({ growth: Growth.nullable() })),
});
export type WatchDocument = z.infer<typeof WatchDocument>;
