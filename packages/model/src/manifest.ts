import { z } from 'zod';
import { Capture } from './capture.js';
import { Note, Subject } from './report.js';

/** Numbers under names with units; null where the source said nothing. */
const Numbers = z.record(z.string(), z.number().nullable());

/** One look of a watch: which captures it took, and the numbers that were read beside them. */
export const ManifestLook = z.object({
  index: z.number().int().nonnegative(),
  atMs: z.number(),
  /** Looks with equal numbers saw one process. */
  incarnation: z.number().int().nonnegative(),
  heap: z.string().nullable(),
  goroutine: z.string().nullable(),
  goroutineTotal: z.number().nullable(),
  dump: z.string().nullable(),
  dumpTruncated: z.boolean(),
  leaked: z.string().nullable(),
  /** Absent in manifests of watches that did not take them yet. */
  mutex: z.string().nullable().default(null),
  block: z.string().nullable().default(null),
  memStats: Numbers.nullable(),
  expvar: z.object({ memStats: Numbers.nullable(), numbers: Numbers }).nullable(),
  /** Numbers of /metrics under the vocabulary of signals. */
  metrics: Numbers.nullable(),
  process: Numbers.nullable(),
  cgroup: Numbers.nullable(),
});
export type ManifestLook = z.infer<typeof ManifestLook>;

/** manifest.json: lies beside the captures of one watch and says what they are. */
export const Manifest = z.object({
  format: z.literal('tidemark-captures'),
  schemaVersion: z.literal(1),
  subject: Subject,
  looks: z.array(ManifestLook),
  /** `file` lies in the manifest's own directory. */
  captures: z.array(Capture.extend({ file: z.string().regex(/^[\w.-]+$/) })),
  notes: z.array(Note),
  /** False while the watch runs, and for ever when it was killed. */
  complete: z.boolean(),
});
export type Manifest = z.infer<typeof Manifest>;
