import { parseDump } from '@tidemark/goroutine';
import { describe, expect, it } from 'vitest';
import { syncFacts } from '../../../test/sync-facts.js';
import type { SourceFacts } from './source-facts.js';
import { goroutineWaits } from './waits.js';

const OUT = 'shop.ask:out@3';
const use = (over: object) => ({ function: 'main.ask', file: 'shop/main.go', line: 8, op: 'receive', ...over });
const receives = use({ select: 1, otherCases: 1, otherExits: [{ kind: 'return', line: 11 }] });

/** ask makes `out`, starts a sender and receives in a select that a second case leaves. */
function facts(receivers: object[] = [receives], object: object = {}): SourceFacts {
  return syncFacts(
    [
      {
        ...{ key: 'shop.ask', name: 'main.ask', file: 'shop/main.go', line: 2, endLine: 13 },
        ops: [
          {
            ...{ line: 7, op: 'select' },
            cases: [
              { line: 8, op: 'receive', objects: [OUT], path: 'out', leads: 'return' },
              { line: 10, op: 'ctx-wait', objects: ['unknown'], path: 'ctx', leads: 'return' },
            ],
          },
        ],
      },
      {
        ...{ key: 'shop.ask$1', name: 'main.ask.func1', file: 'shop/main.go', line: 4, endLine: 6 },
        ops: [{ line: 5, op: 'send', objects: [OUT], path: 'out' }],
      },
    ],
    [
      {
        ...{ id: OUT, kind: 'chan', name: 'out', function: 'main.ask', file: 'shop/main.go', line: 3, capacity: 0 },
        uses: {
          senders: [use({ function: 'main.ask.func1', line: 5, op: 'send', goroutines: ['main.ask.func1'] })],
          receivers,
        },
        ...object,
      },
    ],
  );
}

const call = (id: number) =>
  `goroutine ${id} [select]:\nmain.ask()\n\tshop/main.go:7 +0x1\nmain.main()\n\tx/y.go:1 +0x1\n`;
const sender = (id: number, creator: number | null) =>
  `goroutine ${id} [chan send]:\nmain.ask.func1()\n\tshop/main.go:5 +0x1\n` +
  `created by main.ask${creator === null ? '' : ` in goroutine ${creator}`}\n\tshop/main.go:4 +0x1\n`;

function explain(stacks: string[], known = facts()) {
  const dump = parseDump(stacks.join('\n'));
  return goroutineWaits([{ dump, capture: 'dump', atMs: null }], { facts: known }).explanations;
}
const counted = (list: ReturnType<typeof explain>) => list.flatMap((e) => e.steps.map((s) => s.text)).at(-1);

describe('channels that every call makes anew', () => {
  it('leave nobody for those who are more than the calls that are alive', () => {
    const found = explain([call(1), call(2), sender(10, 1), sender(11, 1), sender(12, 1), sender(13, 2)]);
    expect(found).toMatchObject([
      { cause: 'receiver-returned', confidence: 'likely', endless: true, holder: { kind: 'gone', site: { line: 11 } } },
    ]);
    expect(counted(found)).toBe(
      '4 wait to send, and only 2 calls of ask that could receive are alive: at least 2 can never go on',
    );
  });

  it('are counted over the whole program where the dump does not name the creator', () => {
    const stacks = [call(1), call(2), sender(10, null), sender(11, null), sender(12, null)];
    expect(counted(explain(stacks))).toMatch(/3 wait to send, and only 2 calls .* at least 1 can/);
  });

  it('serve only those whom the same goroutine started', () => {
    expect(counted(explain([call(1), call(2), sender(10, 1), sender(11, 1)]))).toMatch(
      /only 1 call of ask .* least 1 /,
    );
  });

  it.each([
    ['as many calls are alive as wait', [call(1), call(2), sender(10, 1), sender(11, 2)], facts()],
    [
      'it is not told who started whom, and the calls suffice',
      [call(1), call(2), sender(9, null), sender(8, null)],
      facts(),
    ],
    ['a call receives in a loop', [call(1), sender(10, 1), sender(11, 1)], facts([{ ...receives, inLoop: true }])],
    ['the channel is kept in a field', [call(1), sender(10, 1), sender(11, 1)], facts(undefined, { fields: ['T.c'] })],
    [
      'somebody else receives too',
      [call(1), sender(10, 1), sender(11, 1)],
      facts([receives, use({ function: 'main.drain', line: 30, goroutines: ['main.main'] })]),
    ],
  ])('tell nothing when %s', (_, stacks, known) => {
    expect(explain(stacks, known)).toEqual([]);
  });

  it('are only possibly stuck in a dump that is cut', () => {
    const cut = 'goroutine 20 [chan send]:\nmain.ask.fu';
    const found = explain([call(1), sender(10, 1), sender(11, 1), cut]);
    expect(found).toMatchObject([{ confidence: 'possible' }]);
  });
});
