import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { goroutineProfile, heapProfile, heapText } from '../../test/profiles.js';
import { openTarget } from '../targets/index.js';
import type { Plan } from './plan.js';
import type { Watch } from './types.js';
import { watch } from './watch.js';

const MIB = 2 ** 20;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Answer = (res: http.ServerResponse, url: URL, n: number) => void;

/** A real server that answers as a Go service does, save where the test says otherwise. */
async function service(own: Partial<Record<string, Answer>>, plan: Partial<Plan> = {}, timeoutMs = 10_000) {
  const asked: string[] = [];
  const counts = new Map<string, number>();
  const names = ['heap', 'goroutine', ...Object.keys(own).filter((name) => name === 'goroutineleak')];
  const index = names.map((name) => `<tr><td>7</td><td><a href='${name}?debug=1'>${name}</a></td></tr>`).join('');
  const usual: Record<string, Answer> = {
    '': (res) => res.setHeader('content-type', 'text/html').end(`<html>${index}</html>`),
    cmdline: (res) => res.end('/srv/shop\0-secret=x'),
    heap: (res, _, n) => res.end(heapProfile({ live: { 'main.fill': (n + 1) * MIB } })),
    'heap?debug=1': (res, _, n) => res.end(heapText(MIB, { lastGcAtMs: 1e12, numGc: n + 1 })),
    goroutine: (res) => res.end(goroutineProfile({ 'main.wait': 7 })),
    'goroutine?debug=2': (res) => res.end('goroutine 1 [select]:\nmain.main()\n\t/x.go:1\n'),
  };
  const server = http.createServer((req, res) => {
    const url = new URL(req.url!, 'http://x');
    const name = url.pathname.replace('/debug/pprof/', '');
    const key = url.searchParams.has('debug') ? `${name}?debug=${url.searchParams.get('debug')}` : name;
    if (name !== '' && name !== 'cmdline' && !url.pathname.endsWith('vars'))
      asked.push(req.url!.replace('/debug/pprof/', ''));
    const n = counts.get(key) ?? 0;
    counts.set(key, n + 1);
    const answer = own[key] ?? usual[key];
    if (answer) answer(res, url, n);
    else res.writeHead(404).end('404 page not found\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const target = await openTarget(`127.0.0.1:${(server.address() as AddressInfo).port}`, { timeoutMs });
  closers.push(() => target.close());
  asked.length = 0;
  const watched = await watch(target, { forMs: 200, everyMs: 100, reconnectMs: 200, ...plan });
  return { watched, asked };
}

const codes = (watched: Watch) => watched.notes.flatMap((note) => note.code ?? []);
const texts = (watched: Watch) => watched.notes.map((note) => note.text).join('\n');

describe('watching', () => {
  it('asks in the order that the method wants, dear things at the ends only', async () => {
    const { watched, asked } = await service(
      { goroutineleak: (res) => res.end(goroutineProfile({ 'main.wait': 2 })) },
      { forceGcAnyway: true, forceGc: 'ends', dumpBetweenMaxGoroutines: 0 },
    );
    const end = ['heap?gc=1', 'goroutine', 'goroutine?debug=2'];
    expect(asked).toEqual([...end, 'heap?debug=1', 'heap', 'goroutine', ...end, 'goroutineleak', 'heap?debug=1']);
    expect(watched.looks.at(-1)!.leaked).not.toBeNull();
    expect(watched.subject.service).toBe('shop');
  });

  it('sizes the live heap before it forces a GC', async () => {
    const { asked, watched } = await service({}, { forMs: 0 });
    expect(asked.slice(0, 2)).toEqual(['heap', 'heap?gc=1']);
    expect(watched.captures.filter(({ kind }) => kind === 'heap')).toHaveLength(1);
  });

  it.each<[string, Answer, string]>([
    ['a gzip bomb', (res) => res.end(gzipSync(Buffer.alloc(40 * MIB))), 'TM_LIMIT'],
    ['a cut profile', (res) => res.end(heapProfile({ live: { a: 1 } }).subarray(0, 60)), 'TM_PROFILE_CORRUPT'],
    ['text', (res) => res.end('Internal joke'), 'TM_NOT_A_PROFILE'],
    ['nothing', (res) => res.end(), 'TM_FILE_EMPTY'],
    ['an error', (res) => res.writeHead(500).end('boom'), 'TM_TARGET_ERROR'],
    ['silence', () => {}, 'TM_TIMEOUT'],
    [
      'a login page',
      (res) => res.setHeader('content-type', 'text/html').end('<form><input type="password">'),
      'TM_AUTH_REQUIRED',
    ],
  ])('goes on with goroutines when the heap is %s', async (_, heap, expected) => {
    const { watched } = await service(
      { heap },
      { maxUnpackedBytes: 16 * MIB },
      expected === 'TM_TIMEOUT' ? 300 : 10_000,
    );
    expect(watched.looks).toHaveLength(3);
    expect(watched.looks.every((look) => look.heap === null && look.goroutineTotal === 7)).toBe(true);
    expect(codes(watched)).toContain(expected);
  });

  it('tries again when the target is overloaded or cuts an answer, once each', async () => {
    const { watched, asked } = await service(
      {
        heap: (res, _, n) =>
          n % 2 === 0 ? res.writeHead(503).end('busy') : res.end(heapProfile({ live: { a: n + 1 } })),
        goroutine: (res, _, n) => {
          if (n % 2 === 1) return void res.end(goroutineProfile({ a: 3 }));
          res.writeHead(200, { 'content-length': 1000 }).write('x');
          setTimeout(() => res.destroy(), 10);
        },
      },
      { forceGc: 'never' },
    );
    expect(watched.looks.every((look) => look.heap && look.goroutine)).toBe(true);
    expect(asked.filter((name) => name === 'heap')).toHaveLength(6);
    expect(watched.notes.filter((note) => note.level !== 'info')).toEqual([]);
  });

  it('tells a balancer between two processes apart', async () => {
    const live = (n: number): Record<string, number> =>
      n % 2 === 0
        ? { 'main.fill': (10 + n) * MIB, 'main.pay': 90 * MIB }
        : { 'main.fill': (80 + n) * MIB, 'main.pay': MIB };
    const { watched } = await service(
      { heap: (res, _, n) => res.end(heapProfile({ live: live(n) })) },
      { forceGc: 'never', forMs: 400 },
    );
    expect(watched.looks.map((look) => look.incarnation)).toEqual([0, 1, 0, 1, 0]);
    expect(watched.restarted).toBe(true);
  });

  it('does not call a first look higher than the second another process', async () => {
    const { watched } = await service(
      { heap: (res, _, n) => res.end(heapProfile({ live: { 'main.fill': (9 - n) * MIB }, alloc: (20 + n) * MIB })) },
      { forceGc: 'never' },
    );
    expect(watched.restarted).toBe(false);
  });

  it('says that a heap profile is empty, which a rate of 0 makes', async () => {
    const { watched } = await service({ heap: (res) => res.end(heapProfile({ live: {} })) });
    expect(texts(watched)).toMatch(/MemProfileRate/);
  });

  it('shows no secret of the command line', async () => {
    const { watched } = await service({});
    expect(JSON.stringify([watched.subject, watched.notes, watched.captures])).not.toContain('secret');
  });
});
