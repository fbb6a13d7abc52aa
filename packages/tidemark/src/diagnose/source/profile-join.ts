import { enclosingFunction, type Finding } from '@tidemark/model';
import { aggregate, type Profile, profileKind } from '@tidemark/pprof';
import { formatBytes, formatCount, formatPercent } from '../../base/units.js';

/** Column of a kind of profile that says how much is there now, and its unit. */
const NOW = {
  heap: { type: 'inuse_space', unit: 'bytes' },
  goroutine: { type: 'goroutine', unit: 'goroutines' },
} as const;

/** A share of a profile below which a finding is not raised above the others. */
const WORTH_TELLING = 0.001;

/**
 * Findings of the source with what a profile of the running program has below the same function: bytes in use or
 * goroutines. Those come first, the biggest before the others of their verdict; a leak stays above a suspicion. A place
 * without anything in the profile keeps its verdict: a profile shows one moment. `name` is how the profile is spoken of.
 * Null where the profile is neither of the heap nor of goroutines.
 */
export function joinProfile(findings: readonly Finding[], profile: Profile, name: string): Finding[] | null {
  const kind = profileKind(profile);
  if (kind !== 'heap' && kind !== 'goroutine') return null;
  const { type, unit } = NOW[kind];
  const column = Math.max(0, profile.typeIndex(type));
  const total = totalOf(profile, column);
  const byFunction = new Map<string, number>();
  for (const row of aggregate(profile, column, 'function')) {
    const key = enclosingFunction(row.site.function);
    // A closure lies below its function or beside it: the bigger of both is below this name for sure.
    byFunction.set(key, Math.max(byFunction.get(key) ?? 0, row.cum));
  }
  const measured = findings.map((finding): { finding: Finding; value: number } => {
    const value = finding.site?.function ? (byFunction.get(enclosingFunction(finding.site.function)) ?? 0) : 0;
    if (total <= 0 || value / total < WORTH_TELLING) return { finding, value: 0 };
    const amount = unit === 'bytes' ? `${formatBytes(value)} in use` : `${formatCount(value)} goroutines`;
    const text = `${name} has ${amount} below ${finding.site!.function}, ${formatPercent(value / total)} of all.`;
    const sentence = { text, values: { [unit]: value, total }, sources: [name] };
    return {
      finding: { ...finding, quantity: { unit, value }, evidence: [...finding.evidence, sentence] },
      value,
    };
  });
  const verdict = (one: Finding) => (one.verdict === 'leak' ? 0 : 1);
  return measured
    .sort((a, b) => verdict(a.finding) - verdict(b.finding) || b.value - a.value)
    .map(({ finding }) => finding);
}

function totalOf(profile: Profile, column: number): number {
  let total = 0;
  const width = profile.sampleTypes.length;
  for (let s = 0; s < profile.sampleCount; s++) total += Number(profile.values[s * width + column]!);
  return total;
}
