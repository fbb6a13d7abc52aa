import { parseDump } from '@tidemark/goroutine';
import { describe, expect, it } from 'vitest';
import { syncFacts } from '../../../test/sync-facts.js';
import { judgeDumps } from './judge-dumps.js';
import { goroutineWaits } from './waits.js';

const sender = (id: number, header: string, line = 8) =>
  `goroutine ${id} [${header}]:\nmain.send(...)\n\tshop/main.go:${line}\ncreated by main.main in goroutine 1\n\tshop/main.go:4 +0x1\n`;

/** A program in which nobody receives what main.send sends in line 8. */
const facts = syncFacts(
  [
    {
      key: 'shop.send',
      name: 'main.send',
      file: 'shop/main.go',
      line: 7,
      endLine: 9,
      ops: [{ line: 8, op: 'send', objects: ['shop.main:c@3'], path: 'c' }],
    },
  ],
  [
    {
      id: 'shop.main:c@3',
      kind: 'chan',
      name: 'c',
      function: 'main.main',
      file: 'shop/main.go',
      line: 3,
      uses: {},
    },
  ],
);

const look = (text: string, atMs: number | null = null) => ({ dump: parseDump(text), capture: 'dump', atMs });

describe('waits of a dump', () => {
  it('are explained by the facts of the build', () => {
    const { explanations, withFacts } = goroutineWaits([look(sender(7, 'chan send'))], { facts });
    expect(withFacts).toBe(true);
    expect(explanations).toMatchObject([{ cause: 'no-receiver', confidence: 'proven', holder: { kind: 'gone' } }]);
  });

  it('are left unexplained by the facts of another build, and that is told', () => {
    const { explanations, withFacts, limits } = goroutineWaits([look(sender(7, 'chan send', 21))], { facts });
    expect([explanations, withFacts]).toEqual([[], false]);
    expect(limits.join()).toContain('of another build');
  });

  it('know who stayed over looks, and drop what moved on', () => {
    const first = look([sender(7, 'chan send'), sender(8, 'chan send')].join('\n'), 0);
    const last = look([sender(8, 'chan send'), sender(9, 'chan send')].join('\n'), 20_000);
    const waits = goroutineWaits([first, last], { facts });
    expect(waits.groups[0]).toMatchObject({ count: 2, stayed: 1 });
    expect(waits.watchedSeconds).toBe(20);
    expect(judgeDumps([first, last], { facts }).report).toMatchObject({ verdict: 'leak', exitCode: 1 });
    const others = look(sender(30, 'chan send'), 40_000);
    expect(judgeDumps([first, others], { facts }).report).toMatchObject({ verdict: 'clear', exitCode: 0 });
  });

  it('that the runtime found unreachable are proven without facts, and only those', () => {
    const dump = parseDump([sender(7, 'chan send'), sender(8, 'chan send'), sender(9, 'select', 20)].join('\n'));
    const taken = { dump, capture: 'dump', atMs: null };
    expect(goroutineWaits([taken]).explanations).toEqual([]);
    const waits = goroutineWaits([{ ...taken, leakedIds: new Set([8, 1234]) }]);
    expect(waits.groups.map((group) => group.provenLeaked)).toEqual([true, false]);
    expect(waits.explanations).toMatchObject([{ cause: 'no-receiver', confidence: 'proven', groups: [0] }]);
    expect(waits.explanations[0]!.steps[0]!.text).toMatch(/^1 of 2 goroutines wait in send/);
  });

  it('of several dumps in one text are judged one by one', () => {
    const text = [sender(7, 'chan send'), sender(7, 'chan receive (nil chan)', 30)].join('\n');
    const { report, waits } = judgeDumps([look(text)], { facts: null });
    expect(waits).toHaveLength(2);
    expect(report.findings.map((f) => f.cause)).toEqual(['nil-channel']);
    expect(report.notes.map((n) => n.text).join()).toContain('2 dumps');
  });
});
