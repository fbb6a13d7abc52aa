import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has, parts } from '../../../../scripts/parts.mjs';
import { testIo } from '../../test/io.js';
import { startPrometheus } from '../../test/prometheus-server.js';
import { runGrowth } from './growth.js';

const MIB = 2 ** 20;
const HOURS = 48;
const STEP_S = 240;

interface Sample {
  readonly at: number;
  readonly hour: number;
}

/** Series in OpenMetrics text: family → lines. */
class Exposition {
  readonly #families = new Map<string, { type: string; lines: string[] }>();

  add(name: string, labels: string, samples: readonly Sample[], value: (hour: number) => number): void {
    const counter = name.endsWith('_total');
    const family = counter ? name.slice(0, -'_total'.length) : name;
    const known = this.#families.get(family) ?? { type: counter ? 'counter' : 'gauge', lines: [] };
    this.#families.set(family, known);
    for (const { at, hour } of samples) known.lines.push(`${name}{${labels}} ${value(hour)} ${at}`);
  }

  text(): string {
    const families = [...this.#families].map(
      ([name, { type, lines }]) => `# TYPE ${name} ${type}\n${lines.join('\n')}\n`,
    );
    return `${families.join('')}# EOF\n`;
  }
}

function noise(seed: number) {
  let state = seed;
  return (share: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1 + 2 * share * (state / 2 ** 32 - 0.5);
  };
}

/** Two services that rise and fall with the load of the day and restart once; one of them also leaks. */
function history(nowS: number): string {
  const out = new Exposition();
  const end = Math.floor(nowS / STEP_S) * STEP_S;
  const all = Array.from({ length: (HOURS * 3600) / STEP_S }, (_, i): Sample => {
    const hour = (i * STEP_S) / 3600;
    return { at: end - HOURS * 3600 + i * STEP_S, hour };
  });
  const startS = (hour: number, restart: number) =>
    hour < restart ? all[0]!.at - 36_000 : all[0]!.at + restart * 3600;
  const load = (hour: number) => 1 + 0.4 * Math.sin((hour / 24) * 2 * Math.PI);
  // Every request allocates: the integral of the load since the process started.
  const work = (hour: number) => hour - 0.4 * (24 / (2 * Math.PI)) * Math.cos((hour / 24) * 2 * Math.PI);
  const allocated = (hour: number, restart: number) => (work(hour) - work(hour < restart ? -10 : restart)) * 3e9;

  // cart leaks 8 MiB an hour and process; the names are client_golang's, the limit is the kubelet's.
  for (const [i, pod] of ['cart-7d9f8b6c5d-x2k4p', 'cart-7d9f8b6c5d-b9z5w'].entries()) {
    const restart = 26;
    const wobble = noise(i + 1);
    const live = (hour: number) =>
      (150 * MIB + (hour < restart ? hour + 10 : hour - restart) * 8 * MIB + 20 * MIB * load(hour)) * wobble(0.02);
    // A gap of two hours; NaN beside the numbers.
    const seen = all.filter(({ hour }) => hour < 12 || hour > 14);
    const labels = `job="cart",namespace="shop",pod="${pod}",instance="10.0.0.${i + 1}:80"`;
    out.add('go_memstats_next_gc_bytes', labels, seen, (h) =>
      h % 7 === 0 ? Number.NaN : Math.round(2 * live(h) + 2 * MIB),
    );
    out.add('go_memstats_heap_alloc_bytes', labels, seen, (h) => Math.round(1.5 * live(h)));
    out.add('go_memstats_stack_inuse_bytes', labels, seen, () => MIB);
    out.add('go_goroutines', labels, seen, () => Math.round(100 * wobble(0.05)));
    out.add('go_memstats_alloc_bytes_total', labels, seen, (h) => Math.round(allocated(h, restart)));
    out.add('process_resident_memory_bytes', labels, seen, (h) => Math.round(2.2 * live(h)));
    out.add('process_start_time_seconds', labels, seen, (h) => startS(h, restart));
    const container = `job="kubelet",namespace="shop",pod="${pod}",container="cart",instance="node"`;
    out.add('container_spec_memory_limit_bytes', container, seen, () => 2048 * MIB);
    out.add('container_memory_working_set_bytes', container, seen, (h) => Math.round(2.2 * live(h)));
  }

  // search is quiet; the names are go/tidemark's; its limit of 0 is none.
  const wobble = noise(9);
  const live = (hour: number) => (180 * MIB + 40 * MIB * load(hour)) * wobble(0.02);
  const labels = 'job="search",instance="10.0.0.9:6060"';
  out.add('tidemark_heap_live_bytes', labels, all, (h) => Math.round(live(h)));
  out.add('tidemark_heap_goal_bytes', labels, all, (h) => Math.round(2 * live(h)));
  out.add('tidemark_heap_alloc_bytes', labels, all, (h) => Math.round(1.5 * live(h)));
  out.add('tidemark_goroutine_stack_bytes', labels, all, () => MIB);
  out.add('tidemark_goroutines', labels, all, (h) => Math.round(100 * load(h) * wobble(0.05)));
  out.add('tidemark_heap_allocated_bytes_total', labels, all, (h) => Math.round(allocated(h, 20)));
  out.add('tidemark_process_resident_bytes', labels, all, (h) => Math.round(2.2 * live(h)));
  out.add('tidemark_process_start_time_seconds', labels, all, (h) => startS(h, 20));
  out.add('tidemark_cgroup_memory_limit_bytes', labels, all, () => 0);

  // Two processes behind one pod: nothing tells them apart.
  for (const port of [80, 81]) {
    const twin = `job="twin",namespace="shop",pod="twin-0",instance="10.0.0.8:${port}"`;
    out.add('go_memstats_next_gc_bytes', twin, all, () => port * MIB);
    out.add('go_goroutines', twin, all, () => port);
  }
  return out.text();
}

async function run(args: readonly string[]) {
  const io = testIo();
  const code = await runGrowth(args, io);
  const text = io.out;
  const verdicts =
    args.includes('--json') && text
      ? text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
  return { code, text, err: io.err, verdicts };
}

describe.skipIf(!has('prometheus') || !has('promtool'))('tidemark growth of a real Prometheus', () => {
  let api: string;
  let prometheus: ChildProcess;
  const servers: http.Server[] = [];
  const now = Date.now() / 1000;

  beforeAll(async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tm-history-'));
    mkdirSync(join(dir, 'data'));
    writeFileSync(join(dir, 'history.txt'), history(now));
    writeFileSync(join(dir, 'prometheus.yml'), '{}\n');
    const backfill = ['tsdb', 'create-blocks-from', 'openmetrics', `${dir}/history.txt`, `${dir}/data`];
    execFileSync(parts.promtool.program!, backfill, { stdio: 'ignore' });
    ({ api, child: prometheus } = await startPrometheus(dir, ['--storage.tsdb.retention.time=30d']));
    for (let i = 0; ; i++) {
      if (i > 300) throw new Error('Prometheus is not ready');
      const ready = await fetch(`${api}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (ready) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });

  afterAll(() => {
    prometheus?.kill();
    for (const server of servers) server.close();
  });

  /** The real server behind a proxy that answers some of the questions itself. */
  async function behind(answer: (url: URL, res: http.ServerResponse) => boolean): Promise<string> {
    const server = http.createServer(async (req, res) => {
      const url = new URL(req.url!, api);
      if (answer(url, res)) return;
      const real = await fetch(url);
      res.writeHead(real.status, { 'content-type': 'application/json' }).end(await real.text());
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  }

  const window = ['--for', '46h', '--step', '8m', '--json'];

  it('names the service that leaks, with rate, pods and time to the limit; across a restart, a gap and NaN', async () => {
    const { verdicts, code, err } = await run([api, ...window, '--selector', '{job!="twin"}']);
    expect(verdicts.map((v) => [v.service, v.verdict, v.kind])).toEqual([
      ['search', 'clear', 'none'],
      ['shop/cart', 'leak', 'heap'],
    ]);
    const leak = verdicts[1];
    expect(leak.bytesPerHour / MIB).toBeGreaterThan(6);
    expect(leak.bytesPerHour / MIB).toBeLessThan(10);
    expect(leak.pods.sort()).toEqual(['cart-7d9f8b6c5d-b9z5w', 'cart-7d9f8b6c5d-x2k4p']);
    expect(leak.hoursToLimit.estimate).toBeGreaterThan(40);
    expect(leak.hoursToLimit.estimate).toBeLessThan(150);
    expect(Date.parse(leak.sinceAt)).toBeLessThan(now * 1000 - 20 * 3.6e6);
    expect(verdicts[0].hoursToLimit).toBeNull();
    expect(err).toMatch(/2 services: 1 leak, 0 suspect, 0 undecided, 1 clear/);
    expect(code).toBe(1);
  });

  it('speaks to people, and a selector narrows', async () => {
    const { text, code } = await run([api, '--for', '46h', '--step', '8m', '--selector', 'job="search"']);
    expect(text).toMatch(/^clear +search\n/);
    expect(text).not.toContain('cart');
    expect(code).toBe(0);
  });

  it('says which processes cannot be told apart, and judges them by no mixture', async () => {
    const { verdicts, err } = await run([api, ...window, '--selector', 'pod="twin-0"']);
    expect(verdicts).toEqual([]);
    expect(err).toMatch(/twin-0 is left out: several series give \w+ at once/);
  });

  it('calls nothing clear where a part of the window could not be read', async () => {
    const half = now - 23 * 3600;
    const slow = await behind((url, res) => {
      if (Number(url.searchParams.get('start')) > half) return false;
      res.writeHead(503).end('{"status":"error","errorType":"timeout","error":"query timed out"}');
      return true;
    });
    const { verdicts, code, err } = await run([slow, ...window, '--selector', 'job="search"']);
    expect(verdicts.map((v) => v.verdict)).toEqual(['undecided']);
    expect(verdicts[0].why.at(-1)).toMatch(/% of the window could not be read/);
    expect(err).toMatch(/note no history for .*503/);
    expect(code).toBe(3);
  });

  it('refuses a server that answers nothing but 422, half an answer, or has no such series', async () => {
    const never = await behind((_, res) => {
      res.writeHead(422).end('{"status":"error","error":"too many samples"}');
      return true;
    });
    await expect(run([never, ...window])).rejects.toMatchObject({ code: 'TM_TARGET_ERROR' });
    const cut = await behind((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"success","data":{"resu');
      return true;
    });
    await expect(run([cut, ...window])).rejects.toMatchObject({ code: 'TM_RESPONSE_CUT' });
    await expect(run([api, ...window, '--selector', 'job="nobody"'])).rejects.toMatchObject({ code: 'TM_FILE_EMPTY' });
    await expect(run([api, ...window, '--selector', 'job='])).rejects.toMatchObject({ code: 'TM_USAGE' });
    await expect(run([api, '--for', '7d', '--step', '500ms'])).rejects.toMatchObject({ code: 'TM_USAGE' });
  });
});
