/**
 * Evidence in, findings out. `diagnoseTarget` watches a live service, `diagnoseFiles` reads saved captures; both give
 * the `Report` document. Rules are plain objects; own ones are given in `rules` and run beside those that ship.
 */
import { type Report, type Rule, TidemarkError } from '@tidemark/model';
import { loadSaved, type Plan, type Watch, type WatchOptions, watch } from '../capture/index.js';
import { openTarget, type TargetOptions } from '../targets/index.js';
import type { FactsFile } from './facts/index.js';
import { judge } from './judge.js';
import { observe } from './observe.js';
import { RULES } from './rules/index.js';

export interface DiagnoseOptions {
  /** Rules of one's own, beside those that ship. */
  readonly rules?: readonly Rule[];
  readonly failOn?: 'leak' | 'suspect' | 'never';
  /** argv that repeats this diagnosis; printed as the proof of a fix. */
  readonly target?: readonly string[];
  readonly command?: string;
  /** Facts of the build that was watched (docs/facts.md). */
  readonly facts?: FactsFile | null;
}

export interface LiveOptions extends DiagnoseOptions {
  readonly plan?: Partial<Plan>;
  readonly connection?: TargetOptions;
  readonly watch?: WatchOptions;
}

export interface Diagnosis {
  readonly report: Report;
  readonly watch: Watch;
}

/**
 * Watches a live Go service and judges what was seen.
 * @throws TidemarkError when the target cannot be reached or answers nothing that can be judged.
 */
export async function diagnoseTarget(address: string, options: LiveOptions = {}): Promise<Diagnosis> {
  const target = await openTarget(address, options.connection);
  try {
    const seen = await watch(target, options.plan, options.watch);
    return judgeWatch(seen, { target: ['tidemark', 'diagnose', target.shown], ...options });
  } finally {
    target.close();
  }
}

/**
 * Judges saved captures: files, directories, or what a watch kept.
 * @throws TidemarkError TM_ONE_SNAPSHOT when nothing can be compared, and whatever reading them throws.
 */
export async function diagnoseFiles(paths: readonly string[], options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const seen = await loadSaved(paths);
  const comparable =
    seen.looks.filter((l) => l.heap).length > 1 ||
    seen.looks.filter((l) => l.goroutine ?? l.dump).length > 1 ||
    // They add up what was lost since the program switched them on: one is an answer, if a weak one.
    seen.looks.some((l) => l.mutex ?? l.block);
  if (!comparable) {
    throw new TidemarkError(
      'TM_ONE_SNAPSHOT',
      `${paths.join(', ')}: ${describe(seen)}, and one snapshot cannot show growth`,
    );
  }
  return judgeWatch(seen, { target: ['tidemark', 'diagnose', ...paths], ...options });
}

function judgeWatch(seen: Watch, options: DiagnoseOptions): Diagnosis {
  const report = judge(observe(seen, options.target ?? [], options.facts ?? null), {
    rules: [...RULES, ...(options.rules ?? [])],
    failOn: options.failOn ?? 'leak',
    command: options.command ?? 'diagnose',
  });
  return { report, watch: seen };
}

function describe(seen: Watch): string {
  const heaps = seen.looks.filter((l) => l.heap).length;
  const goroutines = seen.looks.filter((l) => l.goroutine ?? l.dump).length;
  return `${heaps} heap and ${goroutines} goroutine snapshot${heaps + goroutines === 1 ? '' : 's'}`;
}

export { RULES } from './rules/index.js';
