import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Finding, LockContention } from '@tidemark/model';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { has, parts } from '../../../../../../scripts/parts.mjs';
import { CONTENDED_SERVICE } from '../../../../test/contended-service.js';
import { buildGo, type Running, start } from '../../../../test/go-program.js';
import { testIo } from '../../../../test/io.js';
import { violations } from '../../../../test/published-schema.js';
import { runCommand } from '../../../cli/run.js';
import { diagnoseFiles, diagnoseTarget } from '../../index.js';

let binary: string;
const running: Running[] = [];
beforeAll(() => {
  binary = buildGo(CONTENDED_SERVICE, 'contended');
});
afterEach(async () => {
  for (const program of running.splice(0)) await program.stop();
});

async function service(mode: string, rate = 1, built = binary): Promise<Running> {
  const program = await start(built, ['-mode', mode, '-rate', String(rate)]);
  running.push(program);
  return program;
}

async function diagnosed(mode: string, rate = 1, spoolRoot: string | null = null, built = binary) {
  const { address } = await service(mode, rate, built);
  const plan = { forMs: 3000, everyMs: 1500, forceGc: 'never' as const };
  const { report, watch } = await diagnoseTarget(address, { plan, watch: { spoolRoot } });
  const contention = report.evidence!.find((e): e is LockContention => e.kind === 'lock-contention') ?? null;
  return { contention, spool: watch.spool, found: slow(report.findings) };
}

const slow = (findings: readonly Finding[]) => findings.filter((f) => f.rule === 'goroutine/slow-holder');
const line = (code: string, from: string) => {
  const lines = CONTENDED_SERVICE.split('\n');
  const start = lines.findIndex((text) => text.includes(from));
  return lines.findIndex((text, i) => i >= start && text.includes(code)) + 1;
};

describe('slow holders of a real service, from its mutex and block profiles', () => {
  it.each([
    ['deferred', 'stock', '(*stock).reserve', 's.mu.Lock()', '(*stock).flushSlowly'],
    ['rw', 'prices', '(*prices).first', 'p.lock.RLock()', '(*prices).reload'],
    ['helper', 'main', 'begin', 'journal.Lock()', 'commit'],
  ])('%s: names who waits, who holds, and the time lost', async (mode, owner, waiter, code, holder) => {
    const { contention, found } = await diagnosed(mode);
    expect(found).toHaveLength(1);
    const [finding] = found;
    expect(finding!.site).toMatchObject({
      function: `main.${waiter}`,
      line: line(code, `${waiter.replace(/^.*\./, '')}(`),
    });
    expect(finding!.chain[0]!.site!.function).toBe(`main.${holder}`);
    expect(finding!.title).toContain(owner);
    // A tenth of one goroutine at least, all of the waiters at most.
    const perSecond = finding!.quantity!.value / finding!.quantity!.perSeconds!;
    expect(perSecond).toBeGreaterThan(0.1);
    expect(perSecond).toBeLessThan(9);
    expect(finding!.verdict).toBe('suspect');
    const lock = contention!.locks[0]!;
    expect(lock.matchedBy).toBe(mode === 'helper' ? 'package' : 'type');
    expect(lock.waiters[0]!.delaySeconds).toBeGreaterThan(0.3);
  });

  it.each(['short', 'fixed'])('%s: stays quiet, whatever the number of waits', async (mode) => {
    const { contention, found } = await diagnosed(mode);
    expect(found).toEqual([]);
    // Not for want of evidence: how often they meet is up to the machine.
    expect(contention).not.toBeNull();
  });

  it('has no evidence where the program has the profiles switched off', async () => {
    // The slow holder may still be met in a dump; without one there is nothing to see.
    expect(await diagnosed('deferred', 0)).toMatchObject({ contention: null });
    expect(await diagnosed('fixed', 0)).toMatchObject({ contention: null, found: [] });
  });

  it('gives the same from what the watch kept, and from two saved pairs', async () => {
    const root = mkdtempSync(join(tmpdir(), 'tm-contended-'));
    const { found, spool } = await diagnosed('deferred', 1, root);
    const { report } = await diagnoseFiles([spool!]);
    expect(slow(report.findings).map((f) => f.title)).toEqual(found.map((f) => f.title));
  });

  it('names the very lock where the source is at hand', async () => {
    const { address } = await service('helper');
    const io = testIo({ cwd: dirname(binary), columns: 110 });
    await runCommand('goroutines', [address, '--every', '2500ms', '--source', '.', '--json'], io);
    const document = JSON.parse(io.out);
    expect(violations(document)).toEqual([]);
    expect(document.contention.locks[0]).toMatchObject({
      ...{ name: 'contended.journal', matchedBy: 'lock' },
      waiters: [{ site: { function: 'main.begin' } }],
      holders: [{ site: { function: 'main.commit' } }],
    });
    expect(slow(document.findings)[0]!.title).toContain('journal');
  });

  it.each([
    ['1.19', has('go119'), { go: parts.go119.program!, language: '1.19' }],
    ['1.21', true, { toolchain: 'go1.21.13' }],
    ['1.22', true, { toolchain: 'go1.22.12', language: '1.22' }],
    ['1.27', true, { toolchain: 'go1.27.0' }],
  ] as const)('Go %s tells the same', async (_, here, options) => {
    if (!here) return;
    let old: string;
    try {
      old = buildGo(CONTENDED_SERVICE, 'contended', options);
    } catch (error) {
      if (/download|toolchain not available|dial tcp/.test(String((error as { stderr?: unknown }).stderr))) return;
      throw error;
    }
    for (const [mode, waiter, holder] of [
      ['deferred', 'main.(*stock).reserve', 'main.(*stock).flushSlowly'],
      ['rw', 'main.(*prices).first', 'main.(*prices).reload'],
    ]) {
      const { found } = await diagnosed(mode!, 1, null, old);
      expect(found.map((f) => [f.site!.function, f.chain[0]!.site!.function])).toEqual([[waiter, holder]]);
    }
    expect((await diagnosed('fixed', 1, null, old)).found).toEqual([]);
  });

  it('beside a dump, from one pair alone, cannot tell in how much time', async () => {
    const { address } = await service('deferred');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const folder = mkdtempSync(join(tmpdir(), 'tm-contended-'));
    const save = async (name: string, path: string) => {
      const answer = await fetch(`http://${address}/debug/pprof/${path}`);
      writeFileSync(join(folder, name), new Uint8Array(await answer.arrayBuffer()));
      return join(folder, name);
    };
    const files = [
      await save('dump.txt', 'goroutine?debug=2'),
      await save('a.pb.gz', 'mutex'),
      await save('b.pb.gz', 'block'),
    ];
    const io = testIo({ cwd: folder, columns: 110 });
    await runCommand('goroutines', [...files, '--json'], io);
    const document = JSON.parse(io.out);
    expect(document.contention.seconds).toBeNull();
    const [finding] = slow(document.findings);
    expect(finding!.unknown.join(' ')).toContain('a second profile, later, would tell');
    expect(finding!.evidence[0]!.text).toContain('since the profiles were switched on');
  });
});
