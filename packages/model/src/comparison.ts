import { z } from 'zod';
import { Interval } from './finding.js';
import { Note } from './report.js';
import { Site } from './site.js';

/** One place in two snapshots. Values are bytes of live heap, or goroutines. */
export const ComparisonRow = z.object({
  site: Site,
  before: z.number(),
  after: z.number(),
  delta: z.number(),
  /** null for goroutines: they are counted, not sampled. */
  interval: Interval.nullable(),
  /** Chance that sampling noise alone shows this change, over all places (Holm); null for goroutines. */
  errorChance: z.number().min(0).max(1).nullable(),
  /** Allocated between the snapshots, and the share of it that was freed; null for two processes. */
  allocated: z.number().nullable(),
  freedShare: z.number().nullable(),
  /** What the goroutines wait in; null for heap rows. */
  waitsIn: z.string().nullable(),
});
export type ComparisonRow = z.infer<typeof ComparisonRow>;

/** What `compare --json` writes: facts about two snapshots, without a verdict. */
export const Comparison = z.object({
  $schema: z.string(),
  schemaVersion: z.literal(1),
  tool: z.object({ name: z.literal('tidemark'), version: z.string(), command: z.literal('compare') }),
  /** True when both snapshots are of one process, so that survivors cancel. */
  sameProcess: z.boolean(),
  seconds: z.number().nullable(),
  heap: z
    .object({ before: z.number(), after: z.number(), rateBytes: z.number(), rows: z.array(ComparisonRow) })
    .nullable(),
  goroutines: z.object({ before: z.number(), after: z.number(), rows: z.array(ComparisonRow) }).nullable(),
  notes: z.array(Note),
});
export type Comparison = z.infer<typeof Comparison>;
