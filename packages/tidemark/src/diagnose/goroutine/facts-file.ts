import { TidemarkError } from '@tidemark/model';
import { z } from 'zod';
import { SyncSection } from './sync-section.js';

/** Newest container and section that this version reads. */
const CONTAINER_VERSION = 1;
const SYNC_VERSION = 1;

const Container = z.object({
  format: z.literal('tidemark-facts'),
  version: z.number().int(),
  build: z.looseObject({
    goBuildId: z.string().optional(),
    gnuBuildId: z.string().optional(),
    main: z.string().optional(),
    module: z.string(),
    goVersion: z.string().optional(),
    goos: z.string().optional(),
    goarch: z.string().optional(),
  }),
  sections: z.record(z.string(), z.unknown()),
});

export interface SyncFactsFile {
  readonly build: z.infer<typeof Container>['build'];
  readonly sync: SyncSection;
}

/**
 * Reads the text of a facts file (already unpacked). Throws TM_NOT_A_PROFILE for anything else, TM_SCHEMA_NEWER for
 * one that a newer version wrote.
 */
export function readSyncFacts(text: string, name: string): SyncFactsFile {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw notFacts(name, (error as Error).message, error);
  }
  const container = Container.safeParse(document);
  if (!container.success) throw notFacts(name, z.prettifyError(container.error).split('\n')[0] ?? '', container.error);
  const { version, build, sections } = container.data;
  const raw = sections['sync'];
  const syncVersion = (raw as { version?: unknown } | undefined)?.version;
  if (version > CONTAINER_VERSION || (typeof syncVersion === 'number' && syncVersion > SYNC_VERSION)) {
    throw new TidemarkError('TM_SCHEMA_NEWER', `${name} was written by a newer Tidemark`);
  }
  if (raw === undefined) throw notFacts(name, 'it has no section `sync`', undefined);
  const sync = SyncSection.safeParse(raw);
  if (!sync.success) throw notFacts(name, z.prettifyError(sync.error).split('\n')[0] ?? '', sync.error);
  return { build, sync: sync.data };
}

function notFacts(name: string, why: string, cause: unknown): TidemarkError {
  return new TidemarkError('TM_NOT_A_PROFILE', `${name} is no facts file: ${why}`, {
    cause,
    advice: 'Write one with: tidemark facts <package> -o facts.json.gz',
  });
}
