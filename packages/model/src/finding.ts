import { z } from 'zod';
import { Frame, Site } from './site.js';

/** Of a program: leak, suspect, clear, undecided; of a change: fixed, not-fixed, worse, undecided. */
export const Verdict = z.enum(['leak', 'suspect', 'clear', 'undecided', 'fixed', 'not-fixed', 'worse']);
export type Verdict = z.infer<typeof Verdict>;

export const Interval = z.object({
  low: z.number(),
  high: z.number(),
  /** Coverage that the interval claims, e.g. 0.95. */
  level: z.number().min(0).max(1),
});
export type Interval = z.infer<typeof Interval>;

export const Quantity = z.object({
  unit: z.enum(['bytes', 'goroutines', 'count', 'seconds', 'ratio']),
  /** What was added while watched. */
  value: z.number(),
  perSeconds: z.number().positive().optional(),
  interval: Interval.optional(),
  /** Start of the growth that was seen. */
  since: z.iso.datetime().optional(),
  /** The values that were seen, oldest first, for a plot. */
  series: z.array(z.tuple([z.number(), z.number()])).optional(),
  timeToLimitSeconds: z.number().positive().optional(),
});
export type Quantity = z.infer<typeof Quantity>;

/** One sentence a reader can check, with the numbers that it rests on. */
export const EvidenceSentence = z.object({
  text: z.string(),
  values: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])).default({}),
  /** Captures, files or lines that it was read from. */
  sources: z.array(z.string()).default([]),
});
export type EvidenceSentence = z.infer<typeof EvidenceSentence>;

/** A link of the chain that holds, or that spawned, what grows. */
export const ChainLink = z.object({ text: z.string(), site: Site.optional() });
export type ChainLink = z.infer<typeof ChainLink>;

export const RelatedPlace = z.object({ file: z.string(), line: z.number().int().nonnegative(), message: z.string() });
export type RelatedPlace = z.infer<typeof RelatedPlace>;

/** Lines of source around a place, for reading; `marked` is the one that matters. */
export const SourceLines = z.object({
  file: z.string(),
  start: z.number().int().positive(),
  lines: z.array(z.string()),
  marked: z.number().int().positive(),
});
export type SourceLines = z.infer<typeof SourceLines>;

export const Finding = z.object({
  fingerprint: z.string(),
  rule: z.string(),
  verdict: Verdict,
  title: z.string(),
  subject: z.object({
    service: z.string(),
    instance: z.string().nullable(),
    build: z.string().nullable(),
  }),
  site: Site.nullable(),
  quantity: Quantity.nullable(),
  /** Chance that noise alone shows this, over everything that was tested; null where no test applies. */
  errorChance: z.number().min(0).max(1).nullable(),
  evidence: z.array(EvidenceSentence),
  chain: z.array(ChainLink),
  stack: z.array(Frame),
  related: z.array(RelatedPlace).default([]),
  /** Source around the site, where facts of the build have it. */
  source: SourceLines.optional(),
  cause: z.string().nullable(),
  fix: z.string().nullable(),
  /** What is not known, and what would tell. */
  unknown: z.array(z.string()).default([]),
  /** Seconds of further watching after which the verdict can stand; null where time does not help. */
  moreSeconds: z.number().positive().nullable(),
  /** The command that shows whether a fix worked, as an argument list: quote it when you print it. */
  proof: z.object({ argv: z.array(z.string()) }).nullable(),
});
export type Finding = z.infer<typeof Finding>;

/**
 * A finding's identity over builds, lines, instances and amounts: rule, service, function and an anchor
 * (callee or type with its ordinal in the function), hashed with 64-bit FNV-1a.
 */
export function fingerprint(parts: { rule: string; service: string; function: string; anchor: string }): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(
    [parts.rule, parts.service, parts.function, parts.anchor].join('\u0000'),
  )) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(16).padStart(16, '0');
}
