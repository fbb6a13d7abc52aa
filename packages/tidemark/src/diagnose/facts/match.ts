import { type HeapSeries, isDependency, isStandardLibrary, packageOf } from '@tidemark/model';
import type { FactsFile } from './file.js';

export interface Match {
  /** What was equal, for a reader. */
  readonly by: string;
  /** True when an id of the build itself was equal. */
  readonly exact: boolean;
}

/** Of the places seen in the program's own code, so many must be in packages that the facts know. */
const KNOWN_SHARE = 0.95;

/**
 * Whether facts are of the build that was watched: by its id, else by how many of the places that were seen lie in
 * packages of the facts. Null refuses them: facts of another program explain nothing.
 */
export function matchBuild(facts: FactsFile, build: string | null, heap: HeapSeries | null): Match | null {
  const { gnuBuildId, goBuildId, module } = facts.build;
  if (build !== null && (build === gnuBuildId || build === goBuildId)) return { by: 'build id', exact: true };
  const known = new Set(facts.sync?.packages.filter((p) => !p.error).map((p) => p.path));
  const places = (heap?.sites ?? [])
    .map((s) => s.site)
    .filter((s) => !isStandardLibrary(s.function) && !isDependency(s));
  if (places.length === 0) return { by: `module ${module}, unconfirmed`, exact: false };
  const found = places.filter((s) => {
    const path = packageOf(s.function);
    return path === 'main' || known.has(path);
  }).length;
  if (found / places.length < KNOWN_SHARE) return null;
  return { by: `packages of module ${module} (no equal build id)`, exact: false };
}
