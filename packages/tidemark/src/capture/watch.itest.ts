import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTidemarkError } from '@tidemark/model';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildGo, GROWING_SERVICE, type Running, start } from '../../test/go-program.js';
import { openTarget, type Target } from '../targets/index.js';
import { decode, loadSaved, total, type Watch, watch } from './index.js';

let binary: string;
const running: Running[] = [];
const targets: Target[] = [];

beforeAll(() => {
  binary = buildGo(GROWING_SERVICE, 'shop');
});

afterEach(async () => {
  for (const target of targets.splice(0)) target.close();
  for (const program of running.splice(0)) await program.stop();
});

async function run(...args: string[]): Promise<{ program: Running; target: Target }> {
  const program = await start(binary, args);
  running.push(program);
  const target = await openTarget(program.address);
  targets.push(target);
  return { program, target };
}

const temporary = () => mkdtempSync(join(tmpdir(), 'tm-watch-'));
const texts = (watched: Watch) => watched.notes.map((note) => note.text);

describe('watching a real Go service', () => {
  it('takes heap, goroutines, dumps, MemStats, expvar and /proc, each where it is due', async () => {
    const { program, target } = await run();
    const seen: number[] = [];
    const root = temporary();
    const watched = await watch(
      target,
      { forMs: 1500, everyMs: 500, forceGc: 'ends' },
      { spoolRoot: root, onLook: (look, of) => seen.push(look, of) },
    );
    expect(seen).toEqual([1, 4, 2, 4, 3, 4, 4, 4]);
    expect(watched.subject).toMatchObject({ service: 'shop', pid: program.child.pid, instance: program.address });
    expect(watched.subject.goVersion).toBe(execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim());
    expect(watched.subject.ageSeconds).toBeGreaterThan(1);
    expect(watched.subject.ageSeconds).toBeLessThan(60);
    expect(watched.looks.map((look) => look.heap?.capture.forcedGc)).toEqual([true, false, false, true]);
    expect(watched.looks.map((look) => look.dump !== null)).toEqual([true, true, true, true]);
    expect(watched.looks.map((look) => look.memStats !== null)).toEqual([true, false, false, true]);
    expect(watched.looks.every((look) => look.expvar?.memStats && look.process?.rssBytes && look.goroutine)).toBe(true);
    expect(new Set(watched.looks.map((look) => look.incarnation))).toEqual(new Set([0]));
    expect([watched.restarted, watched.stopped]).toEqual([false, false]);

    const [first, last] = [watched.looks[0]!, watched.looks.at(-1)!];
    const live = (taken: typeof first.heap) => total(decode(taken!), 'inuse_space')!;
    expect(live(last.heap)).toBeGreaterThan(live(first.heap));
    expect(last.goroutineTotal! - first.goroutineTotal!).toBeGreaterThan(50);
    const dump = new TextDecoder().decode(last.dump!.bytes);
    // Goroutines end and start between the two requests.
    expect(Math.abs(dump.split(/^goroutine /m).length - 1 - last.goroutineTotal!)).toBeLessThan(60);
    const { memStats, process: proc } = last;
    expect(memStats!.numGc).toBeGreaterThan(0);
    expect(Math.abs(memStats!.maxRssBytes! - proc!.peakRssBytes!)).toBeLessThan(32 * 2 ** 20);
    expect(memStats!.heapAllocBytes).toBeGreaterThan(live(last.heap) / 2);

    // What was kept gives the same watch again.
    const again = await loadSaved([watched.spool!]);
    expect(again.subject).toEqual(watched.subject);
    expect(again.captures).toEqual(watched.captures);
    expect(again.looks).toEqual(watched.looks.map((look) => ({ ...look, expvar: { ...look.expvar, cmdline: null } })));
    expect(readdirSync(watched.spool!).filter((name) => name.startsWith('.'))).toEqual([]);

    // So do the bare files, without the manifest.
    const bare = temporary();
    for (const { capture, bytes } of watched.looks.flatMap((look) => (look.heap ? [look.heap] : [])))
      writeFileSync(join(bare, `${capture.id}.pb.gz`), bytes);
    const saved = await loadSaved([bare]);
    expect(saved.looks.map((look) => live(look.heap))).toEqual(watched.looks.map((look) => live(look.heap)));
    expect([saved.restarted, saved.subject.service]).toEqual([false, 'shop']);
  });

  it('leaves out what would hurt, and says why', async () => {
    const { target } = await run('-parked=3000', '-first=64');
    const watched = await watch(
      target,
      { forMs: 300, everyMs: 300, dumpMaxGoroutines: 2000, forceGcMaxLiveBytes: 2 ** 20, memStatsMaxProfileBytes: 10 },
      {},
    );
    expect(watched.looks.every((look) => look.dump === null && look.memStats === null)).toBe(true);
    expect(watched.looks.some((look) => look.heap?.capture.forcedGc)).toBe(false);
    expect(watched.captures.filter((capture) => capture.kind === 'heap')).toHaveLength(2);
    expect(texts(watched).join('\n')).toMatch(/goroutine dump .* are above the bound of 2000/);
    expect(texts(watched).join('\n')).toMatch(/forcing a GC: .* live, above the bound of 1 MiB/);
    expect(texts(watched).join('\n')).toMatch(/skipped MemStats/);
  });

  it('keeps what was taken when the service dies', async () => {
    const { program, target } = await run();
    const onLook = (look: number) => (look === 3 ? void program.stop() : undefined);
    const watched = await watch(target, { forMs: 30_000, everyMs: 250, reconnectMs: 300 }, { onLook });
    expect(watched.looks.length).toBeGreaterThanOrEqual(2);
    expect(watched.looks.length).toBeLessThan(10);
    expect(watched.notes.filter((note) => note.code === 'TM_TARGET_GONE')).toHaveLength(1);
  });

  it('notices a restart at the same address', async () => {
    const { program, target } = await run('-first=32');
    let restarted: Promise<unknown> | undefined;
    const watched = await watch(
      target,
      { forMs: 2500, everyMs: 500, reconnectMs: 5000 },
      {
        onWait: (look) => {
          if (look.index !== 1) return;
          restarted = program.stop().then(async () => running.push(await start(binary, ['-addr', program.address])));
        },
      },
    );
    await restarted;
    expect(watched.restarted).toBe(true);
    expect(watched.looks.map((look) => look.incarnation)).toEqual([0, 0, 1, 1, 1, 1]);
    expect(texts(watched).join('\n')).toMatch(/look 3 saw another process/);
  });

  it('stops when the user does, with what it has', async () => {
    const { target } = await run();
    const stop = new AbortController();
    // At a look, not after a time: a busy machine has taken none by then.
    const onLook = (look: number) => (look === 3 ? stop.abort() : undefined);
    const watched = await watch(target, { forMs: 60_000, everyMs: 250 }, { signal: stop.signal, onLook });
    expect(watched.stopped).toBe(true);
    expect(watched.looks.length).toBeGreaterThanOrEqual(2);
    expect(texts(watched).at(-1)).toMatch(/stopped after \d of 241 looks/);
  });

  it('goes on when the captures cannot be kept', async () => {
    const { target } = await run();
    const root = temporary();
    writeFileSync(join(root, 'file'), '');
    chmodSync(root, 0o500);
    const watched = await watch(target, { forMs: 300, everyMs: 300 }, { spoolRoot: join(root, 'file') });
    expect(watched.looks).toHaveLength(2);
    expect(watched.notes.filter((note) => note.code === 'TM_WRITE_FAILED')).toHaveLength(1);
  });

  it('does not write the command line, which may hold secrets', async () => {
    const { target } = await run('-first=1', '-parked=12345');
    const watched = await watch(target, { forMs: 0 }, { spoolRoot: temporary() });
    const manifest = readFileSync(join(watched.spool!, 'manifest.json'), 'utf8');
    expect(manifest).toContain('"complete": true');
    expect(manifest).not.toContain('-parked');
  });

  it('throws the reason when nothing at all can be taken', async () => {
    const { program, target } = await run();
    await program.stop();
    const spoolRoot = join(temporary(), 'kept');
    const error = await watch(target, { forMs: 300, reconnectMs: 100 }, { spoolRoot }).catch((e) => e);
    expect(isTidemarkError(error, 'TM_UNREACHABLE')).toBe(true);
    expect(existsSync(spoolRoot)).toBe(false);
  });
});
