import { Holder, normaliseFunction, TidemarkError, UnreleasedResource } from '@tidemark/model';
import { z } from 'zod';
import { SyncSection } from '../goroutine/sync-section.js';

/** Newest container and sections that this version reads (docs/facts.md). */
const CONTAINER_VERSION = 1;
const SECTION_VERSION = 1;

const Container = z.object({
  format: z.literal('tidemark-facts'),
  version: z.number().int(),
  build: z.looseObject({
    goBuildId: z.string().optional(),
    gnuBuildId: z.string().optional(),
    main: z.string().optional(),
    module: z.string(),
    moduleVersion: z.string().optional(),
    vcsRevision: z.string().optional(),
    goVersion: z.string().optional(),
    goos: z.string().optional(),
    goarch: z.string().optional(),
    modules: z.array(z.looseObject({ path: z.string() })).optional(),
  }),
  sections: z.record(z.string(), z.unknown()),
});

const HolderSection = z.object({
  version: z.literal(1),
  importersNotSeen: z.boolean(),
  holders: z.array(
    z.object({ ...Holder.shape, adds: Holder.shape.adds.nullish(), removes: Holder.shape.removes.nullish() }),
  ),
});

const ResourceSection = z.object({
  version: z.literal(1),
  findings: z.array(
    z.object({
      ...UnreleasedResource.shape,
      fix: z.string().default(''),
      related: UnreleasedResource.shape.related.default([]),
      ignored: z.string().default(''),
    }),
  ),
});

const SourceSection = z.object({
  version: z.literal(1),
  files: z.array(
    z.object({
      file: z.string(),
      runs: z.array(z.object({ start: z.number().int().positive(), lines: z.array(z.string()) })),
    }),
  ),
});
export type SourceSection = z.infer<typeof SourceSection>;

const EscapeSection = z.object({
  version: z.literal(1),
  incomplete: z.string().default(''),
  files: z.array(
    z.object({
      file: z.string(),
      sites: z.array(
        z.object({
          line: z.number().int().nonnegative(),
          kind: z.string(),
          what: z.string(),
          why: z.string().default(''),
        }),
      ),
    }),
  ),
});
export type EscapeSection = z.infer<typeof EscapeSection>;

const LinesSection = z.object({
  version: z.literal(1),
  truncated: z.boolean().default(false),
  packages: z.array(
    z.object({
      path: z.string(),
      main: z.boolean().default(false),
      files: z.array(
        z.object({
          file: z.string(),
          functions: z.array(z.object({ name: z.string(), lines: z.array(z.number().int().nonnegative()) })),
        }),
      ),
    }),
  ),
});
export type LinesSection = z.infer<typeof LinesSection>;

/** What a facts file holds. A section that the file lacks is null: its answers are then weaker, not wrong. */
export interface FactsFile {
  readonly build: z.infer<typeof Container>['build'];
  readonly sync: SyncSection | null;
  readonly holder: { readonly importersNotSeen: boolean; readonly holders: readonly Holder[] } | null;
  /** What the source takes and does not give back, without what a comment suppresses. */
  readonly resources: readonly UnreleasedResource[];
  readonly source: SourceSection | null;
  /** What the build allocates, by file and line. */
  readonly escape: EscapeSection | null;
  /** Where stacks can stand in the program's own code; null as well where the list is not whole. */
  readonly lines: LinesSection | null;
}

/** A facts file that has the section `sync`. */
export interface SyncFactsFile {
  readonly build: FactsFile['build'];
  readonly sync: SyncSection;
  readonly lines?: FactsFile['lines'];
}

/**
 * Reads the text of a facts file (already unpacked). Throws TM_NOT_A_PROFILE for anything else, TM_SCHEMA_NEWER for
 * one that a newer version wrote.
 */
export function readFacts(text: string, name: string): FactsFile {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw notFacts(name, (error as Error).message, error);
  }
  const container = Container.safeParse(document);
  if (!container.success) throw notFacts(name, firstProblem(container.error), container.error);
  const { version, build, sections } = container.data;
  if (version > CONTAINER_VERSION) throw newer(name);
  const section = <T>(key: string, schema: z.ZodType<T>): T | null => {
    const raw = sections[key];
    if (raw === undefined) return null;
    const sectionVersion = (raw as { version?: unknown } | null)?.version;
    if (typeof sectionVersion === 'number' && sectionVersion > SECTION_VERSION) throw newer(name);
    const parsed = schema.safeParse(raw);
    if (!parsed.success) throw notFacts(name, `section ${key}: ${firstProblem(parsed.error)}`, parsed.error);
    return parsed.data;
  };
  const holder = section('holder', HolderSection);
  const lines = section('lines', LinesSection);
  return {
    build,
    sync: section('sync', SyncSection),
    holder: holder && {
      importersNotSeen: holder.importersNotSeen,
      holders: holder.holders.map((h) => ({ ...h, adds: h.adds ?? [], removes: h.removes ?? [] })),
    },
    resources: (section('resource', ResourceSection)?.findings ?? [])
      .filter((found) => found.ignored === '')
      .map(({ ignored: _, ...found }) => ({ ...found, function: normaliseFunction(found.function) })),
    source: section('source', SourceSection),
    escape: section('escape', EscapeSection),
    lines: lines?.truncated ? null : lines,
  };
}

/** The same for who needs the section `sync`. */
export function readSyncFacts(text: string, name: string): SyncFactsFile {
  const { build, sync, lines } = readFacts(text, name);
  if (!sync) throw notFacts(name, 'it has no section `sync`', undefined);
  return { build, sync, lines };
}

const firstProblem = (error: z.ZodError) => z.prettifyError(error).split('\n')[0] ?? '';

const newer = (name: string) => new TidemarkError('TM_SCHEMA_NEWER', `${name} was written by a newer Tidemark`);

function notFacts(name: string, why: string, cause: unknown): TidemarkError {
  return new TidemarkError('TM_NOT_A_PROFILE', `${name} is no facts file: ${why}`, {
    cause,
    advice: 'Write one with: tidemark facts <package> -o facts.json.gz',
  });
}
