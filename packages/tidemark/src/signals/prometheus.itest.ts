import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../../../../scripts/parts.mjs';
import { startPrometheus } from '../../test/prometheus-server.js';
import { incarnationsOf, readHistory } from './index.js';

const children: ChildProcess[] = [];
const servers: http.Server[] = [];

async function serve(handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

// It scrapes an exposition which this test writes.
describe.skipIf(!has('prometheus'))('history of a real Prometheus', () => {
  let api: string;
  let scrapes = 0;
  const fromMs = Date.now() - 5000;

  beforeAll(async () => {
    const exporter = await serve((_, res) => {
      scrapes++;
      // After six scrapes another process answers.
      const n = scrapes % 6;
      res
        .setHeader('content-type', 'text/plain; version=0.0.4')
        .end(
          [
            `go_goroutines ${10 + n}`,
            `go_memstats_alloc_bytes_total ${1e6 * (n + 1)}`,
            'go_memstats_heap_alloc_bytes 100',
            'go_memstats_heap_inuse_bytes 150',
            'go_memstats_next_gc_bytes NaN',
            'go_info{version="go1.24.11"} 1',
            'process_resident_memory_bytes 5e+07',
            'http_requests_total{path="/x"} 5',
            '',
          ].join('\n'),
        );
    });
    const dir = mkdtempSync(join(tmpdir(), 'tm-prometheus-'));
    writeFileSync(
      join(dir, 'prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [
          { job_name: 'shop', static_configs: [{ targets: [exporter], labels: { namespace: 'n', pod: 'shop-1' } }] },
          { job_name: 'other', static_configs: [{ targets: [exporter] }] },
        ],
      }),
    );
    const prometheus = await startPrometheus(dir, ['--query.max-samples=150']);
    children.push(prometheus.child);
    api = prometheus.api;
    for (let i = 0; scrapes < 24; i++) {
      if (i > 300) throw new Error('Prometheus does not scrape');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });

  afterAll(async () => {
    for (const child of children) child.kill();
    for (const server of servers) server.close();
  });

  const range = () => ({ fromMs, toMs: Date.now(), stepMs: 1000 });

  it('gives the vocabulary, one process a label set', async () => {
    const history = await readHistory(api, { selector: '{pod="shop-1"}', ...range() });
    expect(history.instances.map(({ labels, goVersion }) => [labels, goVersion])).toEqual([
      [{ namespace: 'n', pod: 'shop-1' }, 'go1.24.11'],
    ]);
    const names = history.instances[0]!.signals.map(({ name }) => name);
    expect(names.sort()).toEqual(
      ['goroutines', 'heap_allocated_bytes', 'heap_alloc_bytes', 'heap_unused_bytes', 'process_rss_bytes'].sort(),
    );
    const unused = history.instances[0]!.signals.find(({ name }) => name === 'heap_unused_bytes')!;
    expect(new Set(unused.points.map(([, value]) => value))).toEqual(new Set([50]));
    expect(incarnationsOf(history.instances[0]!.signals).length).toBeGreaterThanOrEqual(2);
  });

  it('asks in halves when the server says that it is too much', async () => {
    const wide = { fromMs: Date.now() - 120_000, toMs: Date.now(), stepMs: 1000 };
    const history = await readHistory(`${api}/graph`, { selector: '', ...wide });
    expect(history.instances).toHaveLength(2);
    expect(history.notes).toEqual([]);
  });

  it('tells a bad selector and an empty answer', async () => {
    await expect(readHistory(api, { selector: 'pod=', ...range() })).rejects.toMatchObject({ code: 'TM_USAGE' });
    expect((await readHistory(api, { selector: 'pod="nobody"', ...range() })).instances).toEqual([]);
  });
});

describe('a Prometheus that misbehaves', () => {
  const query = { selector: '', fromMs: 0, toMs: 600_000, stepMs: 60_000 };
  const success = JSON.stringify({
    status: 'success',
    warnings: ['store gone'],
    data: {
      result: [{ metric: { __name__: 'go_goroutines', job: 'a' }, values: [[60, '5'], [120, 'NaN'], 'x'] }, null, 7],
    },
  });

  it.each<[string, http.RequestListener, string]>([
    [
      'answers 503 for ever',
      (_, res) => res.writeHead(503).end('{"status":"error","errorType":"timeout","error":"slow"}'),
      'TM_TARGET_ERROR',
    ],
    [
      'answers 422 for ever',
      (_, res) => res.writeHead(422).end('{"status":"error","error":"too many samples"}'),
      'TM_TARGET_ERROR',
    ],
    ['cuts its JSON', (_, res) => res.end(success.slice(0, 60)), 'TM_RESPONSE_CUT'],
    ['wants a password', (_, res) => res.writeHead(401).end('no'), 'TM_AUTH_REQUIRED'],
    ['is a page', (_, res) => res.writeHead(404).end('<html>not here</html>'), 'TM_TARGET_ERROR'],
  ])('%s', async (_, handler, code) => {
    const server = await serve(handler);
    await expect(readHistory(server, query)).rejects.toMatchObject({ code });
  });

  it('warns, and sends things that are no series', async () => {
    const server = await serve((_, res) => res.end(success));
    const history = await readHistory(server, query);
    expect(history.instances.map(({ signals }) => signals[0]!.points)).toEqual([[[60_000, 5]]]);
    expect(history.notes.map(({ text }) => text)).toEqual(['Prometheus warns: store gone']);
    for (const each of servers.splice(0)) each.close();
  });

  it('has more processes than are wanted', async () => {
    const result = Array.from({ length: 50 }, (_, i) => ({
      metric: { __name__: 'go_goroutines', pod: `p${i}` },
      values: [[60, '5']],
    }));
    const server = await serve((_, res) => res.end(JSON.stringify({ status: 'success', data: { result } })));
    const history = await readHistory(server, { ...query, maxInstances: 10 });
    expect(history.instances).toHaveLength(10);
    expect(history.notes[0]).toMatchObject({ code: 'TM_LIMIT' });
    for (const each of servers.splice(0)) each.close();
  });
});
