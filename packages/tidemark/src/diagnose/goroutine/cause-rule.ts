import {
  type Case,
  type Finding,
  fingerprint,
  type GoroutineWaits,
  type Rule,
  type Verdict,
  type WaitExplanation,
  type WaitingGroup,
} from '@tidemark/model';
import { formatCount } from '../../base/units.js';
import { subjectOf } from '../sentence.js';

/** A rule that reports explained waits of some causes. */
export interface CauseRule {
  readonly id: string;
  readonly title: string;
  readonly causes: readonly string[];
  /** One line for the head of a finding. */
  readonly headline: (explanation: WaitExplanation, waiting: number) => string;
}

/** Standing at the same stack so long is no traffic jam any more, in seconds. */
const LONG_SECONDS = 10;
const LOOK_LONGER_SECONDS = 60;

/** Makes the rule: every explanation of its causes becomes a finding, as sure as the evidence is. */
export function causeRule(spec: CauseRule): Rule {
  return {
    id: spec.id,
    title: spec.title,
    judge: (evidence) =>
      evidence.evidence
        .filter((e) => e.kind === 'goroutine-waits')
        .flatMap((waits) =>
          waits.explanations
            .filter((explanation) => spec.causes.includes(explanation.cause))
            .map((explanation) => findingOf(spec, evidence, waits, explanation)),
        )
        .filter((finding) => finding !== null),
  };
}

function findingOf(
  spec: CauseRule,
  evidence: Case,
  waits: GoroutineWaits,
  explanation: WaitExplanation,
): Finding | null {
  const groups = explanation.groups.map((index) => waits.groups[index]!);
  const waiting = groups.reduce((sum, group) => sum + group.count, 0);
  const lasting = lastingOf(waits, groups);
  // Looked at twice and all of them moved on: it was traffic.
  if (lasting === 'no') return null;
  const verdict = verdictOf(explanation, lasting);
  const first = groups[0]!;
  return {
    fingerprint: fingerprint({
      rule: spec.id,
      service: evidence.subject.service,
      function: explanation.victim.function,
      anchor: explanation.cause,
    }),
    rule: spec.id,
    verdict,
    title: spec.headline(explanation, waiting),
    subject: subjectOf(evidence),
    site: explanation.victim,
    quantity: { unit: 'goroutines', value: waiting },
    errorChance: null,
    evidence: [...explanation.steps, ...ageSentences(waits, groups)].map((step) => ({
      text: step.text,
      values: {},
      sources: [waits.capture],
    })),
    chain: [],
    stack: first.stack,
    related: explanation.steps.flatMap((step) =>
      step.site ? [{ file: step.site.file, line: step.site.line, message: step.text }] : [],
    ),
    cause: explanation.cause,
    fix: explanation.fix,
    unknown: unknownOf(waits, explanation, verdict === 'leak' ? 'yes' : lasting),
    moreSeconds: verdict === 'leak' || lasting === 'yes' ? null : LOOK_LONGER_SECONDS,
    proof: evidence.target.length > 0 ? { argv: [...evidence.target] } : null,
  };
}

/** Whether the victims were seen to stay: `no` only where they were looked for again and had moved. */
function lastingOf(waits: GoroutineWaits, groups: readonly WaitingGroup[]): 'yes' | 'no' | 'unknown' {
  if (groups.some((group) => (group.oldestWaitMinutes ?? 0) >= 1 || group.provenLeaked)) return 'yes';
  if (waits.looks < 2) return 'unknown';
  if (!groups.some((group) => (group.stayed ?? 0) > 0)) return 'no';
  return (waits.watchedSeconds ?? 0) >= LONG_SECONDS ? 'yes' : 'unknown';
}

/**
 * What source and dump prove needs no clock. What is only likely is a leak where it lasts, or where it is no lock:
 * locks change hands, but who is to come to a channel is either there or not.
 */
function verdictOf(explanation: WaitExplanation, lasting: 'yes' | 'unknown'): Verdict {
  const lock = explanation.lock !== null;
  if (explanation.endless) {
    if (explanation.confidence === 'proven') return 'leak';
    if (explanation.confidence === 'likely' && (lasting === 'yes' || !lock)) return 'leak';
  }
  if (lasting === 'yes') return 'suspect';
  return explanation.endless && explanation.confidence === 'likely' ? 'suspect' : 'undecided';
}

function ageSentences(waits: GoroutineWaits, groups: readonly WaitingGroup[]): { text: string }[] {
  const sentences: { text: string }[] = [];
  const minutes = groups.reduce((oldest, group) => Math.max(oldest, group.oldestWaitMinutes ?? 0), 0);
  if (minutes > 0)
    sentences.push({
      text: `the oldest has waited ${minutes} minute${minutes === 1 ? '' : 's'} by the runtime's clock`,
    });
  if (waits.looks > 1) {
    const all = groups.reduce((sum, group) => sum + group.count, 0);
    const stayed = groups.reduce((sum, group) => sum + (group.stayed ?? 0), 0);
    const time = waits.watchedSeconds === null ? '' : ` in ${Math.round(waits.watchedSeconds)} s`;
    sentences.push({ text: `${waits.looks} looks${time}: ${stayed} of ${all} never moved` });
  }
  const leaked = groups.filter((group) => group.provenLeaked).length;
  if (leaked > 0) sentences.push({ text: 'the runtime itself found them unreachable (goroutineleak)' });
  return sentences;
}

function unknownOf(waits: GoroutineWaits, explanation: WaitExplanation, lasting: 'yes' | 'unknown'): string[] {
  return [
    ...explanation.unknown,
    ...(lasting === 'unknown' && explanation.confidence !== 'proven'
      ? ['whether they stay: a second look at the live service, some time later, would tell']
      : []),
    ...(waits.withFacts || explanation.unknown.some((text) => text.includes('facts of the build'))
      ? []
      : ['what the code does around it: facts of the build (--facts) would tell']),
  ];
}

/** `3 goroutines wait`, `1 goroutine waits`. */
export function goroutines(count: number): string {
  return count === 1 ? '1 goroutine waits' : `${formatCount(count)} goroutines wait`;
}
