/**
 * Facts of a build (docs/facts.md) beside what was seen of it: read, matched with the build, cut down to what is near
 * the places that were seen, and handed to the rules as evidence.
 */
import {
  type BuildFacts,
  type Finding,
  type GoroutineSeries,
  type HeapSeries,
  normaliseFunction,
  packageOf,
  type SourceLines,
} from '@tidemark/model';
import { AllocationIndex, allocationsNear } from './allocations.js';
import type { FactsFile, SourceSection } from './file.js';
import type { Match } from './match.js';
import { resourcesNear } from './resources.js';

export { explainAllocations } from './allocations.js';
export { type FactsFile, readFacts, readSyncFacts } from './file.js';
export { type Match, matchBuild, placesSeen } from './match.js';
export { explainByResources } from './resources.js';

/** Holders to which functions of the seen stacks add; the others say nothing about what was seen. */
export function factsEvidence(
  facts: FactsFile,
  match: Match,
  heap: HeapSeries | null,
  goroutines: GoroutineSeries | null = null,
): BuildFacts {
  const seen = new Set<string>();
  for (const site of heap?.sites ?? []) for (const frame of site.stack) seen.add(frame.function);
  const holders = facts.holder?.holders ?? [];
  const stacks = [
    ...(heap?.sites ?? []).map((site) => site.stack),
    ...(goroutines?.groups ?? []).map((group) => [...group.stack, ...(group.creator ? [group.creator] : [])]),
  ];
  return {
    kind: 'build-facts',
    matchedBy: match.by,
    exact: match.exact,
    importersNotSeen: facts.holder?.importersNotSeen ?? true,
    holders: holders
      .map((h) => ({ ...h, adds: h.adds.map(named), removes: h.removes.map(named) }))
      .filter((h) => h.adds.some((add) => seen.has(add.function) || seen.has(asMain(add.function, facts)))),
    resources: resourcesNear(facts.resources, stacks),
    ...(facts.escape && heap
      ? { allocations: allocationsNear(new AllocationIndex(facts.escape, facts.build.main), heap.sites) }
      : {}),
    limits: [
      ...(facts.holder ? [] : ['the facts have no section `holder`: who keeps what is not known']),
      ...(facts.escape?.incomplete
        ? [`the facts tell only in part why bytes are on the heap: ${facts.escape.incomplete}`]
        : []),
    ],
  };
}

const named = <T extends { readonly function: string }>(use: T): T => ({
  ...use,
  function: normaliseFunction(use.function),
});

/** The main package is `main` in a profile and has its import path in the source. */
function asMain(name: string, facts: FactsFile): string {
  const path = packageOf(name);
  return path === facts.build.main ? `main${name.slice(path.length)}` : name;
}

/** Findings with the lines of source around their place, where the facts have them. */
export function addSource(findings: readonly Finding[], source: SourceSection | null): Finding[] {
  if (!source) return [...findings];
  const byFile = new Map(source.files.map((f) => [f.file, f]));
  return findings.map((finding) => {
    const lines = finding.site && sourceAround(finding.site, byFile);
    return lines ? { ...finding, source: lines } : finding;
  });
}

const AROUND = 3;

function sourceAround(
  site: NonNullable<Finding['site']>,
  byFile: ReadonlyMap<string, SourceSection['files'][number]>,
): SourceLines | null {
  const base = site.file.split('/').at(-1);
  const path = packageOf(site.function);
  const file = byFile.get(`${path}/${base}`) ?? (path === 'main' ? onlyOne(byFile, `/${base}`) : undefined);
  const run = file?.runs.find((r) => r.start <= site.line && site.line < r.start + r.lines.length);
  if (!file || !run) return null;
  const from = Math.max(run.start, site.line - AROUND);
  const to = Math.min(run.start + run.lines.length - 1, site.line + AROUND);
  return {
    file: site.file,
    start: from,
    lines: run.lines.slice(from - run.start, to - run.start + 1),
    marked: site.line,
  };
}

function onlyOne(byFile: ReadonlyMap<string, SourceSection['files'][number]>, end: string) {
  const found = [...byFile].filter(([name]) => name.endsWith(end));
  return found.length === 1 ? found[0]![1] : undefined;
}
