import {
  type GoroutineSeries,
  type HeapSeries,
  isDependency,
  isStandardLibrary,
  packageOf,
  type Site,
  siteKey,
} from '@tidemark/model';
import { CodeLines } from './code-lines.js';
import type { FactsFile } from './file.js';

export interface Match {
  /** What was equal, for a reader. */
  readonly by: string;
  /** True when an id of the build itself was equal. */
  readonly exact: boolean;
}

/** Why facts are not used, for a reader. */
export interface Refusal {
  readonly refused: string;
}

type Facts = Pick<FactsFile, 'build' | 'sync' | 'lines'>;

/** Of the places seen in the program's own code, so many must be in the facts. */
const KNOWN_SHARE = 0.95;

/**
 * Whether facts are of the build that was watched: by its id, else by how many of the places that were seen, each a
 * function and a line in it, hold code in the facts. Facts of another build explain nothing.
 */
export function matchBuild(facts: Facts, build: string | null, seen: readonly Site[]): Match | Refusal {
  const { gnuBuildId, goBuildId, module } = facts.build;
  if (build !== null && (build === gnuBuildId || build === goBuildId)) return { by: 'build id', exact: true };
  const places = ownPlaces(facts, seen);
  if (places.length === 0) return { by: `module ${module}, unconfirmed`, exact: false };
  const has = facts.lines ? inLines(facts.lines, facts.build.main) : inPackages(facts);
  const missing = places.filter((place) => !has(place));
  const found = places.length - missing.length;
  const share = found / places.length;
  const what = facts.lines ? 'functions and lines' : 'packages';
  const count = `${percent(share)} of the ${what} that were seen (${found} of ${places.length})`;
  if (share >= KNOWN_SHARE) return { by: `${count}, no equal build id`, exact: false };
  const { function: name, line } = missing[0]!;
  return {
    refused:
      `the facts are of another build: they have ${count}, ${percent(KNOWN_SHARE)} are needed; ` +
      `not ${facts.lines ? `line ${line} in ${name}` : name}, for one. They are not used`,
  };
}

/** Down, so that what is refused is not shown as enough. */
const percent = (share: number) => `${Math.floor(share * 1000) / 10} %`;

function inLines(section: NonNullable<Facts['lines']>, main: string | undefined) {
  const lines = new CodeLines(section, main);
  return (place: Site) => lines.has(place);
}

/** Facts that an older version wrote: their packages are compared, which tells programs apart, not builds of one. */
function inPackages({ sync }: Facts) {
  const known = new Set(sync?.packages.filter((p) => !p.error).map((p) => p.path));
  return (place: Site) => packageOf(place.function) === 'main' || known.has(packageOf(place.function));
}

/** The places in code of the main module, each once: what libraries have is the same in many builds. */
function ownPlaces({ build }: Facts, seen: readonly Site[]): Site[] {
  const modules = [build.module, ...(build.modules ?? []).map((m) => m.path)];
  const ofOther = (path: string) => {
    const home = modules.filter((m) => path === m || path.startsWith(`${m}/`)).sort((a, b) => b.length - a.length)[0];
    return home !== undefined && home !== build.module;
  };
  const own = new Map<string, Site>();
  for (const site of seen) {
    if (site.line === 0 || !site.file.endsWith('.go') || /(?:^|\/)_cgo_[^/]*$/.test(site.file)) continue; // written by no one
    if (isStandardLibrary(site.function) || isDependency(site) || ofOther(packageOf(site.function))) continue;
    own.set(siteKey(site), site);
  }
  return [...own.values()];
}

/** The places that a watch saw, without those at which a goroutine was just running: that can be any line. */
export function placesSeen(heap: HeapSeries | null, goroutines: GoroutineSeries | null): Site[] {
  const waits = (state: string | null) => state !== null && !/^runn(?:ing|able)/.test(state);
  return [
    ...(heap?.sites ?? []).flatMap((site) => site.stack),
    ...(goroutines?.groups ?? []).flatMap((group) => [
      ...(waits(group.state) ? group.stack : group.stack.slice(1)),
      ...(group.creator ? [group.creator] : []),
    ]),
  ];
}
