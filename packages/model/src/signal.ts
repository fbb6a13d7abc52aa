import { z } from 'zod';

/**
 * One series of numbers of one process under the one vocabulary (docs/signals.md), whatever Go version or
 * exporter it came from. Points are [milliseconds since 1970, value], ascending in time, without NaN.
 */
export const Signal = z.object({
  name: z.string(),
  unit: z.enum(['bytes', 'seconds', 'count', 'ratio', 'boolean', 'timestamp-ms']),
  /** A counter only rises within one process; a drop of it is a restart. */
  kind: z.enum(['gauge', 'counter']),
  labels: z.record(z.string(), z.string()).default({}),
  source: z.string(),
  points: z.array(z.tuple([z.number(), z.number()])),
});
export type Signal = z.infer<typeof Signal>;
