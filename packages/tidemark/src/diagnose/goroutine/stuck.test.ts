import { parseDump } from '@tidemark/goroutine';
import { describe, expect, it } from 'vitest';
import { syncFacts } from '../../../test/sync-facts.js';
import { judgeDumps } from './judge-dumps.js';

const FILE = 'shop/main.go';
const mutex = { objects: ['shop.mu'], path: 'mu' };
const channel = { objects: ['shop.main:c@3'], path: 'c' };
const fn = (name: string, line: number, rest: object) => ({
  ...{ key: `shop.${name}`, name: `main.${name}`, file: FILE, line, endLine: line + 5 },
  ...rest,
});

/** main.hold sends to a channel under a lock that main.get asks for; main.receive receives after a call into a library. */
const facts = syncFacts(
  [
    fn('hold', 10, {
      ops: [
        { line: 11, op: 'lock', ...mutex },
        { line: 12, op: 'send', ...channel, held: [{ ...mutex, mode: 'lock', line: 11 }] },
      ],
    }),
    fn('get', 20, { ops: [{ line: 21, op: 'lock', ...mutex }] }),
    fn('receive', 30, { ops: [{ line: 32, op: 'receive', ...channel }] }),
  ],
  [
    { id: 'shop.mu', kind: 'mutex', name: 'mu', file: FILE, line: 1, uses: {} },
    {
      ...{ id: 'shop.main:c@3', kind: 'chan', name: 'c', function: 'main.main', file: FILE, line: 3 },
      uses: { receivers: [{ function: 'main.receive', file: FILE, line: 32, op: 'receive' }] },
    },
  ],
);

const goroutine = (id: number, state: string, ...frames: string[]) =>
  `goroutine ${id} [${state}]:\n${frames.map((frame) => `${frame} +0x1\n`).join('')}created by main.main in goroutine 1\n\t${FILE}:4 +0x1\n`;
const asks = (id: number, address: string, ...frames: string[]) =>
  goroutine(id, 'sync.Mutex.Lock', `internal/sync.(*Mutex).lockSlow(${address})\n\tmutex.go:1`, ...frames);
const VICTIM = asks(7, '0xc000090000', `main.get()\n\t${FILE}:21`);
const HOLDER = goroutine(8, 'chan send', `main.hold()\n\t${FILE}:12`);
const receiver = (address: string, call: string) =>
  asks(9, address, `${call}\n\tlib/store.go:7`, `main.receive()\n\t${FILE}:31`);

function verdicts(...goroutines: string[]) {
  const { report, waits } = judgeDumps([{ dump: parseDump(goroutines.join('\n')), capture: 'dump', atMs: null }], {
    facts,
  });
  return { findings: report.findings.map((f) => `${f.rule} ${f.verdict}`), graph: waits[0]! };
}

describe('a lock held while its holder waits for a receiver', () => {
  it('is a leak where the receiver never comes', () => {
    const { findings } = verdicts(VICTIM, HOLDER);
    expect(findings).toContain('goroutine/held-while-blocked leak');
  });

  it('is none while the receiver is on its way, though it waits for a lock that somebody only may hold', () => {
    const { findings, graph } = verdicts(
      VICTIM,
      HOLDER,
      receiver('0xc000010000', 'lib.(*store).add(...)'),
      asks(10, '0xc000020000', 'lib.(*store).sum(...)\n\tlib/store.go:8', `main.walk()\n\t${FILE}:50`),
    );
    expect(graph.locks.map((lock) => [lock.holder.goroutine, lock.holder.confidence])).toEqual([
      [8, 'proven'],
      [10, 'possible'],
      [9, 'possible'],
    ]);
    expect(findings.filter((f) => f.endsWith(' leak'))).toEqual([]);
  });

  it('is a leak again where the receiver asks for that very lock first', () => {
    const { findings } = verdicts(
      HOLDER,
      asks(9, '0xc000090000', `main.get()\n\t${FILE}:21`, `main.receive()\n\t${FILE}:31`),
    );
    expect(findings).toContain('goroutine/held-while-blocked leak');
  });
});
