import { z } from 'zod';

/**
 * A place in the code, normalised so that a heap site, an escape line and a static diagnostic of the same
 * place are equal. `line` 0 means that only the function is known.
 */
export const Site = z.object({
  function: z.string(),
  file: z.string(),
  line: z.number().int().nonnegative(),
});
export type Site = z.infer<typeof Site>;

/** One frame of a stack, leaf first in every list of ours. */
export const Frame = Site.extend({ inlined: z.boolean().optional() });
export type Frame = z.infer<typeof Frame>;

export * from './site-names.js';
