import type { Evidence, GoroutineSeries, HeapSeries, SignalSeries } from './evidence.js';
import type { Finding } from './finding.js';
import type { Subject } from './report.js';

/** All that is known about one process, given to every rule. */
export interface Case {
  readonly subject: Subject;
  readonly heap: HeapSeries | null;
  readonly goroutines: GoroutineSeries | null;
  readonly signals: SignalSeries | null;
  /** Everything again, for rules that read kinds of evidence of their own. */
  readonly evidence: readonly Evidence[];
  /** argv that repeats this diagnosis, from which rules make a finding's proof. */
  readonly target: readonly string[];
}

/**
 * A leak pattern: a pure function of evidence, a plain object. Own rules are given in tidemark.config.js.
 * Findings of several rules about one site are joined afterwards; a rule reports what it alone can show.
 */
export interface Rule {
  /** `area/name`, e.g. `heap/site-grows`: the page docs/rules/<area>-<name>.md explains it. */
  readonly id: string;
  readonly title: string;
  judge(evidence: Case): Finding[];
}
