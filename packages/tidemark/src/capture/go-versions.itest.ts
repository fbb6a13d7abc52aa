import { execFileSync } from 'node:child_process';
import net from 'node:net';
import { stackGroups } from '@tidemark/goroutine';
import { afterEach, describe, expect, it } from 'vitest';
import { has, parts } from '../../../../scripts/parts.mjs';
import { buildGo, GROWING_SERVICE, type Running, start } from '../../test/go-program.js';
import { openTarget, type Target } from '../targets/index.js';
import { takeDumps } from './dumps.js';
import { decode, watch } from './index.js';

const running: Running[] = [];
const targets: Target[] = [];
const closers: (() => void)[] = [];

afterEach(async () => {
  for (const target of targets.splice(0)) target.close();
  for (const close of closers.splice(0)) close();
  for (const program of running.splice(0)) await program.stop();
});

async function open(address: string): Promise<Target> {
  const target = await openTarget(address, { timeoutMs: 120_000, idleTimeoutMs: 120_000 });
  targets.push(target);
  return target;
}

async function run(binary: string, ...args: string[]): Promise<Running> {
  const program = await start(binary, args);
  running.push(program);
  return program;
}

/** Newer versions than the machine's own come as toolchain modules. */
const hasToolchain = (version: string) => {
  try {
    return execFileSync('go', ['version'], {
      env: { ...process.env, GOTOOLCHAIN: version },
      encoding: 'utf8',
    }).includes(version);
  } catch {
    return false;
  }
};

describe('Go versions', () => {
  it.skipIf(!has('go119'))('1.19 gives the same looks', async () => {
    const binary = buildGo(GROWING_SERVICE, 'old', { go: parts.go119.program!, language: '1.19' });
    const program = await run(binary);
    const watched = await watch(await open(program.address), { forMs: 500, everyMs: 500 });
    expect(watched.subject.goVersion).toMatch(/^go1\.19/);
    const last = watched.looks.at(-1)!;
    expect(last.memStats?.maxRssBytes).toBeGreaterThan(2 ** 20);
    expect([last.dump !== null, last.process !== null, last.goroutineTotal! > 20]).toEqual([true, true, true]);
  });

  it.skipIf(!hasToolchain('go1.27.0'))('1.27 has goroutineleak, taken at the end and after the dump', async () => {
    const binary = buildGo(GROWING_SERVICE, 'new', { toolchain: 'go1.27.0' });
    const program = await run(binary);
    const watched = await watch(await open(program.address), { forMs: 500, everyMs: 500 });
    expect(watched.subject.goVersion).toBe('go1.27.0');
    expect(watched.captures.map(({ kind }) => kind).slice(-2)).toEqual(['goroutine-dump', 'goroutine-leak']);
    const leaked = decode(watched.looks.at(-1)!.leaked!);
    const names = Array.from({ length: leaked.sampleCount }, (_, i) => leaked.frames(i).map((f) => f.function)).flat();
    expect(names).toContain('main.park');
    expect(watched.looks[0]!.leaked).toBeNull();
  });

  it.skipIf(!hasToolchain('go1.27.0'))('1.27 proves dumped goroutines leaked, by id', async () => {
    const binary = buildGo(GROWING_SERVICE, 'new', { toolchain: 'go1.27.0' });
    const program = await run(binary);
    const plan = { looks: 2, everyMs: 200, maxGoroutines: 20_000 };
    const { dumps } = await takeDumps(await open(program.address), plan);
    expect(dumps[0]!.leakedIds).toBeUndefined();
    const { dump, leakedIds } = dumps[1]!;
    const parked = stackGroups(dump).filter((group) => group.frames.some((f) => f.function === 'main.park'));
    const ids = new Set(parked.flatMap((group) => group.ids));
    const dumped = stackGroups(dump).flatMap((group) => group.ids);
    const leaked = dumped.filter((id) => leakedIds!.has(id));
    expect(leaked.length).toBeGreaterThan(0);
    expect(leaked.filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('behind a balancer', () => {
  it('two real processes are told apart without /proc', async () => {
    const binary = buildGo(GROWING_SERVICE, 'pod');
    const pods = [await run(binary, '-first=64'), await run(binary)];
    let next = 0;
    // A real TCP proxy that sends every connection to the other pod.
    const proxy = net.createServer((socket) => {
      const [host, port] = pods[next++ % 2]!.address.split(':');
      const upstream = net.connect(Number(port), host);
      socket
        .on('error', () => upstream.destroy())
        .pipe(upstream)
        .on('error', () => socket.destroy())
        .pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    closers.push(() => proxy.close());
    const target = await open(`127.0.0.1:${(proxy.address() as net.AddressInfo).port}`);
    const watched = await watch(
      target,
      { forMs: 2000, everyMs: 500, forceGc: 'all' },
      { onWait: () => target.close() },
    );
    expect(watched.subject.pid).toBeNull();
    expect(watched.notes.map(({ text }) => text).join('\n')).toMatch(/no readings from \/proc/);
    expect(watched.restarted).toBe(true);
    const pod = watched.looks.map((look) => look.incarnation);
    expect(pod).toEqual([0, 1, 0, 1, 0]);
  });
});

describe('a service with very many goroutines', () => {
  it('has its dump cut at 64 MB by net/http/pprof, which is noticed', async () => {
    const program = await run(buildGo(GROWING_SERVICE, 'crowd'), '-parked=60000', '-depth=30');
    const watched = await watch(await open(program.address), { forMs: 0, dumpMaxGoroutines: 1e6, memStats: false });
    expect(watched.looks[0]!.goroutineTotal).toBeGreaterThan(60_000);
    expect(watched.looks[0]!.dumpTruncated).toBe(true);
    expect(watched.notes.map(({ text }) => text).join('\n')).toMatch(/the target cuts it at 64 MB/);
  });
});
