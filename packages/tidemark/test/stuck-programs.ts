import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseDump } from '@tidemark/goroutine';
import type { GoroutineWaits, Report, Rule } from '@tidemark/model';
import { readSyncFacts } from '../src/diagnose/facts/index.js';
import { judgeDumps } from '../src/diagnose/goroutine/judge-dumps.js';
import { SourceFacts } from '../src/diagnose/goroutine/source-facts.js';

/**
 * Dumps of the programs in go/leaky/goroutine, stuck and as their fixed twins, the truth about them and the facts of
 * their build. Written by `npm run bench:goroutines -- --fixtures`.
 */
export interface Truth {
  readonly id: string;
  readonly cause: string;
  readonly rule: string;
  readonly victims: readonly { function: string; line: number }[];
  readonly holder: { kind: string; function?: string; line?: number };
}

function read(name: string): string {
  const url = new URL(`../testdata/goroutine-suite/${name}.json.gz`, import.meta.url);
  return gunzipSync(readFileSync(url)).toString();
}

const dumps: Record<string, { stuck: string; twin: string }> = JSON.parse(read('dumps'));
export const TRUTHS: readonly Truth[] = JSON.parse(read('truth'));
const facts = new SourceFacts(readSyncFacts(read('facts'), 'suite'));

export interface Judged {
  readonly report: Report;
  readonly waits: GoroutineWaits;
}

/** Judges one program's dump; null where nothing of the program is left running (most twins). */
export function judgeProgram(id: string, which: 'stuck' | 'twin', withFacts = true): Judged | null {
  const text = dumps[id]?.[which] ?? '';
  if (text.trim() === '') return null;
  const { report, waits } = judgeDumps([{ dump: parseDump(text), capture: id, atMs: null }], {
    facts: withFacts ? facts : null,
    target: ['tidemark', 'goroutines', id],
  });
  return { report, waits: waits[0]! };
}

/** What one rule alone says of a program. */
export function ruleOn(rule: Rule, id: string, which: 'stuck' | 'twin') {
  const judged = judgeProgram(id, which);
  if (!judged) return [];
  const subject = { service: id, instance: null, build: null, goVersion: null, pid: null, ageSeconds: null };
  return rule.judge({ subject, heap: null, goroutines: null, signals: null, evidence: [judged.waits], target: ['x'] });
}

/** The text of a stuck program's dump. */
export function stuckDump(id: string): string {
  return dumps[id]!.stuck;
}
