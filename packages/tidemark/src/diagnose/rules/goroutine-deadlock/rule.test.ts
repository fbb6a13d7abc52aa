import { parseDump } from '@tidemark/goroutine';
import { describe, expect, it } from 'vitest';
import { ruleOn, TRUTHS } from '../../../../test/stuck-programs.js';
import { judgeDumps } from '../../goroutine/judge-dumps.js';
import { goroutineDeadlock } from './rule.js';

describe('goroutine/deadlock', () => {
  const truth = TRUTHS.find((t) => t.id === 'cycle-instances')!;

  it('names the line and the cause in a stuck program', () => {
    const findings = ruleOn(goroutineDeadlock, truth.id, 'stuck');
    expect(findings.map((f) => f.cause)).toEqual([truth.cause]);
    expect(truth.victims.map((v) => v.line)).toContain(findings[0]!.site!.line);
    expect(findings[0]!.quantity!.value).toBeGreaterThanOrEqual(1);
    expect(findings[0]!.evidence.length).toBeGreaterThan(0);
  });

  it('stays quiet for the fixed twin', () => {
    expect(ruleOn(goroutineDeadlock, truth.id, 'twin')).toEqual([]);
  });

  it('leaves what has another cause to its rule', () => {
    expect(ruleOn(goroutineDeadlock, 'held-during-send', 'stuck')).toEqual([]);
  });
});

describe('from dumps alone, looked at twice', () => {
  const wants = (id: number, address: string, call: string) =>
    `goroutine ${id} [sync.Mutex.Lock]:\ninternal/sync.(*Mutex).lockSlow(${address})\n\tmutex.go:1 +0x1\n${call}\n\tshop/main.go:5 +0x1\ncreated by main.main in goroutine 1\n\tshop/main.go:9 +0x1\n`;
  const [a, b] = ['0xc000010000', '0xc000020000'];
  const pair = [wants(7, b, `main.move(${a}, ${b})`), wants(8, a, `main.move(${b}, ${a})`)];
  const judge = (dumps: readonly string[]) => {
    const looks = [0, 60_000].map((atMs) => ({ dump: parseDump(dumps.join('\n')), capture: 'dump', atMs }));
    const { report, waits } = judgeDumps(looks, {});
    return { deadlocks: report.findings.filter((f) => f.rule === goroutineDeadlock.id), waits: waits.at(-1)!, report };
  };
  const textOf = (finding: { evidence: readonly { text: string }[] } | undefined) =>
    finding?.evidence.map((e) => e.text).join('\n') ?? '';

  it('is a leak where each holder can be one goroutine only', () => {
    const { deadlocks } = judge(pair);
    expect(deadlocks.map((f) => f.verdict)).toEqual(['leak']);
    expect(textOf(deadlocks[0])).toContain('goroutine 7 holds');
  });

  it('is a suspicion at most where one of them is only possible, and says so', () => {
    // Goroutine 9 knows both objects as 7 does: either may hold the first.
    const { deadlocks, waits, report } = judge([...pair, wants(9, b, `main.move(${a}, ${b})`)]);
    expect(waits.cycles).toHaveLength(1);
    expect(deadlocks.map((f) => f.verdict)).toEqual(['suspect']);
    expect(textOf(deadlocks[0])).toContain('one of 2 goroutines (for example 7) may hold');
    expect(report.findings.map((f) => f.verdict)).not.toContain('leak');
  });

  // Methods of one type on objects that the dump does not show.
  const untold = [
    wants(7, a, 'main.(*store).add(...)\n\tshop/main.go:5\nmain.run()'),
    wants(8, b, 'main.(*store).sum(...)\n\tshop/main.go:6\nmain.walk()'),
  ];

  it('is a suspicion at most where only the type tells of the holders', () => {
    const { deadlocks, report } = judge(untold);
    expect(deadlocks.map((f) => f.verdict)).toEqual(['suspect']);
    expect(textOf(deadlocks[0])).toContain('goroutine 7 may hold');
    expect(report.findings.map((f) => f.verdict)).not.toContain('leak');
  });

  it('is not claimed where the type tells of several', () => {
    const third = wants(9, '0xc000030000', 'main.(*store).max(...)\n\tshop/main.go:7\nmain.peak()');
    const { deadlocks, waits, report } = judge([...untold, third]);
    expect(waits.locks.map((lock) => [lock.holder.goroutine, lock.holder.confidence])).toEqual([
      [8, 'possible'],
      [7, 'possible'],
      [7, 'possible'],
    ]);
    expect([waits.cycles, deadlocks]).toEqual([[], []]);
    const verdicts = new Set(report.findings.map((f) => f.verdict));
    expect(verdicts).toEqual(new Set(['suspect']));
    for (const finding of report.findings) expect(textOf(finding)).toContain('may hold');
  });
});
