import { describe, expect, it } from 'vitest';
import { ruleOn, TRUTHS } from '../../../../test/stuck-programs.js';
import { goroutineHolderGone } from './rule.js';

describe('goroutine/holder-gone', () => {
  const truth = TRUTHS.find((t) => t.id === 'return-error-path')!;

  it('names the line and the cause in a stuck program', () => {
    const findings = ruleOn(goroutineHolderGone, truth.id, 'stuck');
    expect(findings.map((f) => f.cause)).toEqual([truth.cause]);
    expect(truth.victims.map((v) => v.line)).toContain(findings[0]!.site!.line);
    expect(findings[0]!.quantity!.value).toBeGreaterThanOrEqual(1);
    expect(findings[0]!.evidence.length).toBeGreaterThan(0);
  });

  it('stays quiet for the fixed twin', () => {
    expect(ruleOn(goroutineHolderGone, truth.id, 'twin')).toEqual([]);
  });

  it('leaves what has another cause to its rule', () => {
    expect(ruleOn(goroutineHolderGone, 'held-during-wait', 'stuck')).toEqual([]);
  });
});
