import { z } from 'zod';

/** What a captured document is: a pprof profile, a text dump, or numbers. */
export const CaptureKind = z.enum([
  'heap',
  'goroutine',
  'goroutine-dump',
  'goroutine-leak',
  'block',
  'mutex',
  'memstats',
  'signals',
]);
export type CaptureKind = z.infer<typeof CaptureKind>;

/** Who, what, when and how of immutable captured bytes; the bytes lie beside it, named by their SHA-256. */
export const Capture = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  kind: CaptureKind,
  /** Where it came from: an address without credentials, or a file's path. */
  source: z.string(),
  takenAt: z.iso.datetime(),
  /** How long the target took to answer, in milliseconds; null for files. */
  tookMs: z.number().nonnegative().nullable(),
  sizeBytes: z.number().int().nonnegative(),
  sha256: z.string(),
  /** True when a GC was forced before it (`?gc=1`). */
  forcedGc: z.boolean(),
  request: z.string(),
});
export type Capture = z.infer<typeof Capture>;
