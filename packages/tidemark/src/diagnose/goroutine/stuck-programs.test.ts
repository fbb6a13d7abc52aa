import { describe, expect, it } from 'vitest';
import { judgeProgram, TRUTHS } from '../../../test/stuck-programs.js';

const key = (site: { function: string; line: number }) => `${site.function.replace(/\[.*?\]/g, '[...]')}:${site.line}`;

/** Beyond what source and one dump tell: the parent of a context hides behind an interface of the program's own. */
const SILENT = new Set(['context-child']);

describe.each(TRUTHS.map((truth) => [truth.id, truth] as const))('%s', (id, truth) => {
  it('is explained with facts', () => {
    const { waits } = judgeProgram(id, 'stuck')!;
    const standing = waits.groups.flatMap((group) => group.stack.map(key));
    for (const victim of truth.victims) expect(standing).toContain(key(victim));
    const about = waits.explanations.filter((e) =>
      e.groups.some((group) => waits.groups[group]!.stack.some((f) => truth.victims.some((v) => key(v) === key(f)))),
    );
    if (SILENT.has(id)) return expect(about).toEqual([]);
    expect(about.map((e) => e.cause)).toContain(truth.cause);
    expect(about.map((e) => e.holder.kind)).toContain(truth.holder.kind);
  });

  it('leaves its fixed twin in peace, with facts and without', () => {
    for (const withFacts of [true, false]) {
      const findings = judgeProgram(id, 'twin', withFacts)?.report.findings ?? [];
      expect(findings.map((f) => `${f.rule} ${f.verdict}`)).toEqual([]);
    }
  });

  it('without facts proves nothing but what the runtime says itself', () => {
    const { waits } = judgeProgram(id, 'stuck', false)!;
    for (const e of waits.explanations) {
      if (e.confidence === 'proven') expect(['nil-channel', 'empty-select', 'lock-recursive']).toContain(e.cause);
    }
  });
});
