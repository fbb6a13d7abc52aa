import { enclosingFunction, type Finding, type Verdict } from '@tidemark/model';
import { formatBytes } from '../base/units.js';
import { shortPlace } from './sentence.js';

const ORDER: Record<Verdict, number> = {
  leak: 0,
  worse: 0,
  'not-fixed': 0,
  suspect: 1,
  undecided: 2,
  fixed: 3,
  clear: 3,
};
/** What a parked goroutine costs at least: its stack (2 KiB at birth, usually grown once or twice). */
const GOROUTINE_BYTES = 8 * 1024;

/** Growth in bytes, so that goroutines and heap sites can be ranked in one list. */
function weight(finding: Finding): number {
  const value = Math.abs(finding.quantity?.value ?? 0);
  return finding.quantity?.unit === 'goroutines' ? value * GOROUTINE_BYTES : value;
}

/** Worst first: by verdict, then by how much was added. */
export function rank(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict] || weight(b) - weight(a));
}

/**
 * One leak, one finding. What goroutines hold grows with them: a heap finding whose place is in the function that
 * they run, or that started them, becomes a sentence of theirs. Findings with one fingerprint are one.
 */
export function join(findings: readonly Finding[]): Finding[] {
  const unique = new Map<string, Finding>();
  for (const finding of rank(findings)) if (!unique.has(finding.fingerprint)) unique.set(finding.fingerprint, finding);
  const all = explainGrowth([...unique.values()]);
  const holders = all.filter(
    (f) => f.rule.startsWith('goroutine/') && (f.verdict === 'leak' || f.verdict === 'suspect'),
  );
  const joined = new Map<Finding, Finding[]>();
  const rest: Finding[] = [];
  for (const finding of all) {
    const holder = finding.rule.startsWith('heap/') ? holders.find((h) => sameWork(h, finding)) : undefined;
    if (holder) joined.set(holder, [...(joined.get(holder) ?? []), finding]);
    else rest.push(finding);
  }
  return rest.map((finding) => {
    const held = joined.get(finding);
    if (!held) return finding;
    const bytes = held.reduce((sum, h) => sum + (h.quantity?.value ?? 0), 0);
    const places = held.flatMap((h) => (h.site ? [shortPlace(h.site)] : []));
    return {
      ...finding,
      evidence: [
        ...finding.evidence,
        {
          text: `what they hold grows with them: +${formatBytes(bytes)} of heap meanwhile, allocated in ${places.slice(0, 3).join(', ')}${places.length > 3 ? ` and ${places.length - 3} more places` : ''}`,
          values: { heapBytes: bytes, places: places.length },
          sources: [],
        },
      ],
    };
  });
}

/**
 * Growth at a place and the explanation of the wait there are one finding: the explanation's rule and words, the growth's
 * numbers, the worse of both verdicts.
 */
function explainGrowth(findings: readonly Finding[]): Finding[] {
  const growths = findings.filter((f) => f.rule === 'goroutine/site-grows');
  const merged = new Set<Finding>();
  const out = findings.map((finding) => {
    if (finding.rule === 'goroutine/site-grows' || !finding.rule.startsWith('goroutine/')) return finding;
    const growth = growths.find((g) => !merged.has(g) && samePlace(g.site, finding.site));
    if (!growth) return finding;
    merged.add(growth);
    const worse = ORDER[growth.verdict] <= ORDER[finding.verdict] ? growth : finding;
    return {
      ...finding,
      verdict: worse.verdict,
      quantity: growth.quantity,
      errorChance: growth.errorChance,
      evidence: [...growth.evidence, ...finding.evidence],
      chain: finding.chain.length > 0 ? finding.chain : growth.chain,
      fix: finding.fix ?? growth.fix,
      unknown: worse.verdict === 'leak' ? [] : worse.unknown,
      moreSeconds: worse.moreSeconds,
    };
  });
  return out.filter((finding) => !merged.has(finding));
}

const samePlace = (a: Finding['site'], b: Finding['site']) =>
  a !== null && b !== null && a.function === b.function && a.line === b.line;

/** Where the runtime makes a goroutine: it keeps what it made for the next one and never frees it. */
const NEW_GOROUTINE = 'runtime.malg';

/** True when the heap finding's function is one that the goroutines run or were started from, or makes goroutines. */
function sameWork(goroutines: Finding, heap: Finding): boolean {
  if (!heap.site) return false;
  if (heap.site.function === NEW_GOROUTINE) return true;
  const place = enclosingFunction(heap.site.function);
  const theirs = [goroutines.site, ...goroutines.stack, ...goroutines.chain.map((c) => c.site)];
  return theirs.some((site) => site !== undefined && site !== null && enclosingFunction(site.function) === place);
}
