import { TidemarkError } from '@tidemark/model';
import { z } from 'zod';

const Place = z.object({
  file: z.string(),
  repoFile: z.string().default(''),
  line: z.number().int().nonnegative(),
  message: z.string(),
});

/** One finding of the source, as the facts program writes it. */
export const SourceFinding = z.object({
  rule: z.string(),
  verdict: z.enum(['leak', 'suspect']),
  kind: z.string().default(''),
  package: z.string(),
  function: z.string(),
  file: z.string(),
  repoFile: z.string().default(''),
  line: z.number().int().nonnegative(),
  anchor: z.string(),
  message: z.string(),
  cause: z.string().default(''),
  fix: z.string().default(''),
  related: z.array(Place).default([]),
  ignored: z.string().default(''),
  generated: z.boolean().default(false),
});
export type SourceFinding = z.infer<typeof SourceFinding>;

const ScanDocument = z.object({
  format: z.literal('tidemark-scan'),
  version: z.number().int(),
  build: z.object({ module: z.string(), goVersion: z.string() }),
  packages: z.number().int(),
  failed: z.array(z.object({ path: z.string(), error: z.string().default('') })),
  importersNotSeen: z.boolean(),
  findings: z.array(SourceFinding),
  suppressed: z.array(SourceFinding),
  fixedFiles: z.array(z.string()).default([]),
  fixedFindings: z.array(SourceFinding).default([]),
  badIgnores: z.array(z.object({ file: z.string(), line: z.number(), rule: z.string(), reason: z.string() })),
});
export type ScanDocument = z.infer<typeof ScanDocument>;

/** Reads what `facts scan` wrote. @throws TidemarkError TM_USAGE for anything else, or a newer version. */
export function readScan(text: string): ScanDocument {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new TidemarkError('TM_USAGE', 'the facts program did not write a whole document', { cause });
  }
  const read = ScanDocument.safeParse(data);
  if (!read.success || read.data.version > 1) {
    throw new TidemarkError('TM_USAGE', 'the facts program beside Tidemark is of another version');
  }
  return read.data;
}
