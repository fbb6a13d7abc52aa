import {
  type Case,
  type Evidence,
  type Finding,
  type GoroutineSeries,
  type HeapSeries,
  type Note,
  type Report,
  type Rule,
  SCHEMA_VERSIONS,
  type SignalSeries,
  type Subject,
} from '@tidemark/model';
import { exitCodeOf, worstVerdict } from '../base/exit.js';
import { VERSION } from '../base/version.js';
import type { SourceSection } from './facts/file.js';
import { addSource, explainAllocations, explainByResources } from './facts/index.js';
import { join, rank } from './rank.js';

/** Everything that was seen of one process, ready for the rules. */
export interface Observation {
  readonly subject: Subject;
  readonly heap: HeapSeries | null;
  readonly goroutines: GoroutineSeries | null;
  readonly signals: SignalSeries | null;
  /** Further kinds of evidence, for rules of one's own. */
  readonly more?: readonly Evidence[];
  /** Lines of source from the facts of the build. */
  readonly source?: SourceSection | null;
  readonly notes: readonly Note[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly looks: number;
  /** argv that repeats this diagnosis. */
  readonly target: readonly string[];
}

export interface JudgeOptions {
  readonly rules: readonly Rule[];
  readonly failOn: 'leak' | 'suspect' | 'never';
  readonly command: string;
}

/** Evidence → rules → findings, joined and ranked → the one document. Pure: no I/O, no clock. */
export function judge(seen: Observation, options: JudgeOptions): Report {
  const evidence = [seen.heap, seen.goroutines, seen.signals, ...(seen.more ?? [])].filter(
    (e): e is Evidence => e !== null,
  );
  const facts: Case = {
    subject: seen.subject,
    heap: seen.heap,
    goroutines: seen.goroutines,
    signals: seen.signals,
    evidence,
    target: seen.target,
  };
  const ruled = explainByResources(rank(join(options.rules.flatMap((rule) => rule.judge(facts)))), evidence);
  const findings = addSource(explainAllocations(ruled, evidence), seen.source ?? null);
  const verdicts = findings.map((f: Finding) => f.verdict);
  return {
    $schema: `tidemark-report-v${SCHEMA_VERSIONS.report}.schema.json`,
    schemaVersion: SCHEMA_VERSIONS.report,
    tool: { name: 'tidemark', version: VERSION, command: options.command },
    subject: seen.subject,
    window: {
      from: new Date(seen.fromMs).toISOString(),
      to: new Date(seen.toMs).toISOString(),
      seconds: Math.max(0, (seen.toMs - seen.fromMs) / 1000),
      looks: seen.looks,
    },
    verdict: worstVerdict(verdicts),
    exitCode: exitCodeOf(verdicts, options.failOn),
    findings,
    checked: checked(seen),
    notes: [
      ...seen.notes,
      ...evidence.flatMap((e) => e.limits.map((text) => ({ level: 'info' as const, code: null, text }))),
    ],
    evidence,
  };
}

function checked(seen: Observation): Record<string, number> {
  return {
    ...(seen.heap
      ? { 'heap sites': seen.heap.sites.length, 'GC cycles seen': seen.heap.snapshots.filter((s) => s.newCycle).length }
      : {}),
    ...(seen.goroutines ? { 'groups of goroutines': seen.goroutines.groups.length } : {}),
    ...(seen.signals ? { signals: seen.signals.signals.length } : {}),
  };
}
