import type { GoroutineWaits, LockContention, Note, Report, Subject } from '@tidemark/model';
import { judge } from '../judge.js';
import { RULES } from '../rules/index.js';
import type { SourceFacts } from './source-facts.js';
import { type DumpLook, goroutineWaits } from './waits.js';

export interface JudgeDumpsOptions {
  readonly facts?: SourceFacts | null;
  /** What locks cost, from mutex and block profiles beside the dumps. */
  readonly contention?: LockContention | null;
  readonly failOn?: 'leak' | 'suspect' | 'never';
  readonly subject?: Partial<Subject>;
  /** argv that repeats this. */
  readonly target?: readonly string[];
}

/** Of one text at most so many dumps are judged, the largest ones. */
const MAX_SECTIONS = 20;

/**
 * Dumps of one process, oldest first → the report with one piece of evidence a dump: with several looks the last one
 * is judged; a single text may hold several dumps, each judged alone.
 */
export function judgeDumps(
  looks: readonly DumpLook[],
  options: JudgeDumpsOptions = {},
): { report: Report; waits: GoroutineWaits[] } {
  const last = looks.at(-1)!;
  const facts = options.facts ?? null;
  const notes: Note[] = last.dump.diagnostics
    .filter((d) => d.kind !== 'carriage-returns' && d.kind !== 'colour-codes')
    .map((d) => ({
      level: d.kind.startsWith('cut') || d.kind === 'several-dumps' ? 'warning' : 'info',
      code: null,
      text: d.text,
    }));
  const single = looks.length === 1;
  const sections = single ? largestSections(last) : [0];
  const waits = sections.map((section) => {
    const one = goroutineWaits(looks, { facts, section });
    return last.dump.sections.length > 1 ? { ...one, capture: `${one.capture} #${section + 1}` } : one;
  });
  const times = looks.map((look) => look.atMs ?? 0);
  const report = judge(
    {
      subject: {
        service: 'goroutines',
        instance: null,
        build: null,
        goVersion: null,
        pid: null,
        ageSeconds: null,
        ...options.subject,
      },
      heap: null,
      goroutines: null,
      signals: null,
      more: [...waits, ...(options.contention ? [options.contention] : [])],
      notes,
      fromMs: times[0] ?? 0,
      toMs: times.at(-1) ?? 0,
      looks: looks.length,
      target: options.target ?? [],
    },
    { rules: RULES, failOn: options.failOn ?? 'leak', command: 'goroutines' },
  );
  const checked = {
    goroutines: waits.reduce((sum, one) => sum + one.total, 0),
    'groups of goroutines': waits.reduce((sum, one) => sum + one.groups.length, 0),
    'locks waited for': waits.reduce((sum, one) => sum + one.locks.length, 0),
  };
  return { report: { ...report, checked }, waits };
}

function largestSections(look: DumpLook): number[] {
  const size = (section: number) => {
    const [from, to] = look.dump.sectionRange(section);
    return to - from;
  };
  return look.dump.sections
    .map((_, section) => section)
    .sort((a, b) => size(b) - size(a))
    .slice(0, MAX_SECTIONS)
    .sort((a, b) => a - b);
}
