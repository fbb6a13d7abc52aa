import { z } from 'zod';
import { Evidence } from './evidence.js';
import { Finding, Verdict } from './finding.js';

/** Something that was not done, or not as asked, and why. */
export const Note = z.object({
  level: z.enum(['info', 'warning', 'error']),
  code: z.string().nullable(),
  text: z.string(),
});
export type Note = z.infer<typeof Note>;

/** What was watched. */
export const Subject = z.object({
  service: z.string(),
  instance: z.string().nullable(),
  build: z.string().nullable(),
  goVersion: z.string().nullable(),
  pid: z.number().int().nullable(),
  /** Age of the process at the last look, in seconds; null where nothing tells it. */
  ageSeconds: z.number().nonnegative().nullable(),
});
export type Subject = z.infer<typeof Subject>;

/** The one document that `diagnose`, `compare` and the other judging commands write with --json. */
export const Report = z.object({
  $schema: z.string(),
  schemaVersion: z.literal(1),
  tool: z.object({ name: z.literal('tidemark'), version: z.string(), command: z.string() }),
  subject: Subject,
  window: z.object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    seconds: z.number().nonnegative(),
    looks: z.number().int(),
  }),
  verdict: Verdict,
  exitCode: z.number().int(),
  findings: z.array(Finding),
  /** How many things were looked at and found clear, by kind, so that silence can be checked. */
  checked: z.record(z.string(), z.number()),
  notes: z.array(Note),
  evidence: z.array(Evidence).optional(),
});
export type Report = z.infer<typeof Report>;
