import type { Finding, Rule } from '@tidemark/model';
import { causeRule, goroutines } from '../../goroutine/cause-rule.js';
import { contended } from './contended.js';

const inDumps = causeRule({
  id: 'goroutine/slow-holder',
  title: 'a lock is held during slow work',
  causes: ['slow-holder'],
  headline: (_, waiting) => `${goroutines(waiting)} for a lock whose holder is at work`,
});

/**
 * The holder of a lock is busy, or sleeps, while others queue (docs/rules/goroutine-slow-holder.md): as dumps show it
 * at one moment, and as mutex and block profiles add it up.
 */
export const goroutineSlowHolder: Rule = {
  ...inDumps,
  judge: (evidence) => {
    const lost = evidence.evidence.filter((e) => e.kind === 'lock-contention').flatMap((e) => contended(evidence, e));
    const seen = inDumps.judge(evidence);
    return [...lost.map((finding) => withDump(finding, seen)), ...seen.filter((s) => !lost.some((l) => same(l, s)))];
  },
};

const same = (a: Finding, b: Finding) => a.site?.function === b.site?.function && a.site?.line === b.site?.line;

/** One place, one finding: the profiles' numbers with what the dump saw of it. */
function withDump(finding: Finding, seen: readonly Finding[]): Finding {
  const dump = seen.find((s) => same(finding, s));
  if (!dump) return finding;
  return {
    ...finding,
    verdict: dump.verdict === 'suspect' ? dump.verdict : finding.verdict,
    evidence: [...finding.evidence, ...dump.evidence],
    related: [...finding.related, ...dump.related],
  };
}
