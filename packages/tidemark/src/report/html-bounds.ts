import type { Evidence, Finding, Report } from '@tidemark/model';
import type { FlameGraph, FlameNode } from '@tidemark/pprof';
import { rank } from '../diagnose/rank.js';

/** What a page holds at most: it opens in any browser within seconds, and --json has everything. */
const MOST = {
  findings: 1000,
  notes: 500,
  sites: 5000,
  groups: 5000,
  signals: 300,
  points: 5000,
  stackFrames: 256,
  flameFrames: 50_000,
  flameDepth: 512,
  /** Of one text; Go's own names stay below it by far. */
  characters: 1000,
  /** Of the JSON of each list, in characters. */
  listSize: 8_000_000,
};

/** The report without what a page cannot show; adds a sentence to `left` for what is missing. */
export function boundReport(report: Report, left: string[]): Report {
  return {
    ...report,
    findings: fit(rank(report.findings), MOST.findings, 'findings', left, (finding) => boundFinding(finding)),
    checked: Object.fromEntries(Object.entries(report.checked).slice(0, 50)),
    notes: fit(report.notes, MOST.notes, 'notes', left),
    evidence: (report.evidence ?? []).map((evidence) => boundEvidence(evidence, left)),
  };
}

function boundFinding(finding: Finding): Finding {
  const { proof } = finding;
  const lists = 100;
  // Never cut: what is left of a command would be another command.
  const long = proof !== null && (proof.argv.length > lists || proof.argv.some((a) => a.length > MOST.characters));
  return {
    ...finding,
    stack: finding.stack.slice(0, MOST.stackFrames),
    evidence: finding.evidence.slice(0, lists),
    chain: finding.chain.slice(0, lists),
    related: finding.related.slice(0, lists),
    unknown: finding.unknown.slice(0, lists),
    proof: long ? null : proof,
  };
}

/** Series in the order of what they hold, the largest first, so that the smallest are left out. */
function boundEvidence(evidence: Evidence, left: string[]): Evidence {
  const largest = (values: readonly number[]) => Math.max(values.at(-1) ?? 0, values[0] ?? 0) || 0;
  const stackOf = <T extends { stack: unknown[] }>(item: T): T => ({
    ...item,
    stack: item.stack.slice(0, MOST.stackFrames),
  });
  switch (evidence.kind) {
    case 'heap-series': {
      const sites = [...evidence.sites].sort((a, b) => largest(b.inuseBytes) - largest(a.inuseBytes));
      // The strata and counts of objects feed the statistics; no page shows them.
      const shown = (site: (typeof sites)[number]) =>
        stackOf({ ...site, strata: [], inuseObjects: [], allocObjects: [] });
      return { ...evidence, sites: fit(sites, MOST.sites, 'heap sites', left, shown) };
    }
    case 'goroutine-series': {
      const groups = [...evidence.groups].sort((a, b) => largest(b.counts) - largest(a.counts));
      return { ...evidence, groups: fit(groups, MOST.groups, 'groups of goroutines', left, stackOf) };
    }
    case 'signal-series': {
      const signals = fit(evidence.signals, MOST.signals, 'signals', left, (s) => ({
        ...s,
        points: thin(s.points, MOST.points),
      }));
      return { ...evidence, signals };
    }
    case 'build-facts':
      return {
        ...evidence,
        holders: fit(evidence.holders, MOST.groups, 'holders', left),
        ...(evidence.resources && { resources: fit(evidence.resources, MOST.groups, 'resources', left) }),
      };
    case 'lock-contention':
      return { ...evidence, locks: fit(evidence.locks, MOST.groups, 'contended locks', left) };
    case 'goroutine-waits':
      // Its parts point at one another by position: all of it or nothing.
      if (JSON.stringify(evidence).length <= MOST.listSize) return evidence;
      left.push('This page holds nothing of who waits for whom: it is too much; --json holds it.');
      return { ...evidence, groups: [], locks: [], cycles: [], explanations: [] };
  }
}

/** Every n-th point, the last one always. */
function thin<T>(points: readonly T[], most: number): T[] {
  const stride = Math.ceil(points.length / most);
  return stride <= 1 ? [...points] : points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

/** The first items, as many as number and size allow, each as `shown` makes it and without endless texts. */
function fit<T>(items: readonly T[], most: number, what: string, left: string[], shown = (item: T): T => item): T[] {
  const kept: T[] = [];
  let size = 0;
  for (const item of items.slice(0, most)) {
    const json = JSON.stringify(shown(item), shortTexts);
    size += json.length;
    if (size > MOST.listSize) break;
    kept.push(JSON.parse(json) as T);
  }
  if (kept.length < items.length)
    left.push(`This page holds ${kept.length} of ${items.length} ${what}; --json holds all.`);
  return kept;
}

function shortTexts(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? shortText(value) : value;
}

function shortText(text: string): string {
  return text.length <= MOST.characters ? text : `${text.slice(0, MOST.characters)}…`;
}

/** The heaviest frames, callers before callees, so that what is left is one tree. */
export function boundFlame(flame: FlameGraph, left: string[]): FlameGraph {
  const copy = (node: FlameNode): FlameNode => ({
    ...node,
    name: shortText(node.name),
    site: { ...node.site, function: '', file: shortText(node.site.file) },
    children: [],
  });
  const root = copy(flame.root);
  let level = [{ from: flame.root, to: root }];
  let kept = 1;
  let dropped = 0;
  let characters = 0;
  for (let depth = 0; level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { from, to } of level) {
      for (const child of from.children) {
        if (kept >= MOST.flameFrames || depth >= MOST.flameDepth || characters > 4 * MOST.listSize) {
          dropped++;
          continue;
        }
        const twin = copy(child);
        kept++;
        characters += twin.name.length + twin.site.file.length;
        to.children.push(twin);
        next.push({ from: child, to: twin });
      }
    }
    level = next;
  }
  if (dropped > 0)
    left.push(`The flame graph holds ${kept} frames; ${dropped} more, and what they call, are left out.`);
  return { ...flame, root, dropped: flame.dropped + dropped };
}
