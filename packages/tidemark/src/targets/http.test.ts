import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient, type HttpClientOptions } from './http.js';
import { openTarget } from './open.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A real server that misbehaves as the test says. */
async function serve(handler: http.RequestListener): Promise<string> {
  return listen(http.createServer(handler));
}

async function listen(server: net.Server, protocol = 'http'): Promise<string> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `${protocol}://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const made = new HttpClient('http:', {
    headers: {},
    insecure: false,
    timeoutMs: 5000,
    idleTimeoutMs: 5000,
    maxBytes: 1 << 20,
    redirectHosts: [],
    ...options,
  });
  closers.push(() => made.close());
  return made;
}

const code = (code: string, message = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

const INDEX = `<html><head><title>/debug/pprof/</title></head><body><table>
<tr><td>12</td><td><a href='allocs?debug=1'>allocs</a></td></tr>
<tr><td>7</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr>
<tr><td>0</td><td><a href='heap?debug=1'>heap</a></td></tr></table></body></html>`;

describe('a hostile server', () => {
  it('that is refused', async () => {
    const url = await serve(() => {});
    for (const close of closers.splice(0)) close();
    await expect(openTarget(url)).rejects.toEqual(code('TM_UNREACHABLE', /refused/));
  });

  it('whose name is unknown', async () => {
    await expect(openTarget('http://no-such-host.invalid:1')).rejects.toEqual(code('TM_UNREACHABLE', /name/));
  });

  it('that accepts and says nothing', async () => {
    const url = await listen(net.createServer(() => {}));
    await expect(openTarget(url, { timeoutMs: 5000, idleTimeoutMs: 100 })).rejects.toEqual(
      code('TM_TIMEOUT', /nothing/),
    );
  });

  it('that drips one byte at a time for ever', async () => {
    const url = await serve((_, res) => {
      const timer = setInterval(() => res.write('x'), 20);
      res.on('close', () => clearInterval(timer));
    });
    await expect(client({ timeoutMs: 300 }).get(new URL(url))).rejects.toEqual(code('TM_TIMEOUT', /finish/));
  });

  it('that drips its headers', async () => {
    const url = await listen(
      net.createServer((socket) => {
        socket.on('error', () => {});
        socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write('X-A: b\r\n'), 20);
        socket.on('close', () => clearInterval(timer));
      }),
    );
    await expect(client({ timeoutMs: 300 }).get(new URL(url))).rejects.toEqual(code('TM_TIMEOUT'));
  });

  it('that speaks no HTTP', async () => {
    const url = await listen(net.createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n')));
    await expect(openTarget(url)).rejects.toEqual(code('TM_NOT_GO', /HTTP/));
  });

  it('that hangs up', async () => {
    const url = await listen(net.createServer((socket) => socket.destroy()));
    await expect(openTarget(url)).rejects.toEqual(code('TM_UNREACHABLE'));
  });

  it.each([
    ['content-length', { 'content-length': '1000' }],
    ['chunked', {}],
  ])('that cuts its answer in the middle (%s)', async (_, headers) => {
    const url = await serve((_req, res) => {
      res.writeHead(200, headers);
      res.write('half');
      setTimeout(() => res.destroy(), 30);
    });
    await expect(client().get(new URL(url))).rejects.toEqual(code('TM_RESPONSE_CUT'));
  });

  it('that cuts a compressed answer in the middle although the frame is whole', async () => {
    const whole = gzipSync(Buffer.alloc(100_000, 'abc'));
    const url = await serve((_, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(whole.subarray(0, 60)));
    await expect(client().get(new URL(url))).rejects.toEqual(code('TM_RESPONSE_CUT'));
  });

  it('that sends more than the limit', async () => {
    const url = await serve((_, res) => {
      const more = () => {
        while (!res.destroyed && res.write(Buffer.alloc(65_536)));
        res.once('drain', more);
      };
      more();
    });
    await expect(client().get(new URL(url))).rejects.toEqual(code('TM_LIMIT', /1048576/));
  });

  it('that sends a gzip bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20));
    expect(bomb.length).toBeLessThan(100_000);
    const url = await serve((_, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    await expect(client().get(new URL(url))).rejects.toEqual(code('TM_LIMIT'));
  });

  it('that undoes a gzip encoding within the limit', async () => {
    const url = await serve((_, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello')));
    expect(Buffer.from((await client().get(new URL(url))).body).toString()).toBe('hello');
  });

  it('that sends an unknown encoding', async () => {
    const url = await serve((_, res) => res.writeHead(200, { 'content-encoding': 'rot13' }).end('x'));
    await expect(client().get(new URL(url))).rejects.toEqual(code('TM_TARGET_ERROR', /rot13/));
  });

  it('that redirects to another host, which is asked only when allowed and never sees the headers', async () => {
    let seen: http.IncomingHttpHeaders | undefined;
    const other = await serve((req, res) => {
      seen = req.headers;
      res.end('other');
    });
    const url = await serve((_, res) => res.writeHead(302, { location: other }).end('moved'));
    const headers = { authorization: 'Bearer secret' };
    await expect(client({ headers }).get(new URL(url))).rejects.toEqual(code('TM_TARGET_REFUSED', /another host/));
    expect(seen).toBeUndefined();
    const allowed = client({ headers, redirectHosts: [new URL(other).host] });
    expect(Buffer.from((await allowed.get(new URL(url))).body).toString()).toBe('other');
    expect(seen?.authorization).toBeUndefined();
  });

  it('that redirects on itself, in a ring, or to nonsense', async () => {
    const url = await serve((req, res) => {
      if (req.url === '/a') res.writeHead(301, { location: '/b' }).end();
      else if (req.url === '/b') res.end('b');
      else if (req.url === '/bad') res.writeHead(301, { location: 'http://[::' }).end();
      else res.writeHead(302, { location: '/ring' }).end();
    });
    expect(Buffer.from((await client().get(new URL('/a', url))).body).toString()).toBe('b');
    await expect(client().get(new URL('/ring', url))).rejects.toEqual(code('TM_TARGET_REFUSED', /without end/));
    await expect(client().get(new URL('/bad', url))).rejects.toEqual(code('TM_TARGET_REFUSED'));
  });

  it('that closes the kept connection between two requests', async () => {
    const server = http.createServer((req, res) => res.end('ok').once('close', () => req.socket.destroy()));
    server.keepAliveTimeout = 0;
    const url = await listen(server);
    const one = client();
    for (let i = 0; i < 5; i++) expect((await one.get(new URL(url))).status).toBe(200);
  });

  it('that answers a page without end to a request that failed', async () => {
    const url = await serve((_, res) => {
      res.writeHead(500);
      const more = () => {
        while (!res.destroyed && res.write('error '.repeat(10_000)));
        res.once('drain', more);
      };
      more();
    });
    await expect(openTarget(url)).rejects.toEqual(code('TM_TARGET_ERROR', /500: error/));
  });

  it('is asked one thing at a time', async () => {
    let open = 0;
    let most = 0;
    const url = await serve((_, res) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        res.end();
      }, 10);
    });
    const one = client();
    await Promise.all(Array.from({ length: 5 }, () => one.get(new URL(url))));
    expect(most).toBe(1);
  });

  it('is left when the user stops', async () => {
    const url = await serve(() => {});
    const stop = new AbortController();
    const waiting = client().get(new URL(url), {}, stop.signal);
    setTimeout(() => stop.abort(), 30);
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('what a target turns out to be', () => {
  it.each([
    ['401', 401, {}, 'Unauthorized', 'TM_AUTH_REQUIRED'],
    ['403', 403, {}, 'no', 'TM_AUTH_REQUIRED'],
    [
      'a login page with 200',
      200,
      { 'content-type': 'text/html' },
      '<html><form><input type=password>',
      'TM_AUTH_REQUIRED',
    ],
    ['a page of its own for every address', 200, { 'content-type': 'text/html' }, '<html>Hello</html>', 'TM_NOT_GO'],
    ['a 404 of Python', 404, { server: 'SimpleHTTP/0.6 Python/3.11.2' }, 'File not found', 'TM_NOT_GO'],
    ['a 404 of nobody in particular', 404, {}, 'nothing here', 'TM_PPROF_ABSENT'],
    ['a 404 of net/http', 404, { 'x-content-type-options': 'nosniff' }, '404 page not found\n', 'TM_PPROF_ABSENT'],
    ['an error', 502, {}, 'bad gateway', 'TM_TARGET_ERROR'],
  ])('%s', async (_, status, headers, body, expected) => {
    const url = await serve((_req, res) => res.writeHead(status, headers as Record<string, string>).end(body));
    await expect(openTarget(url)).rejects.toEqual(code(expected));
  });

  it('says that a Go program without pprof is one', async () => {
    const url = await serve((req, res) => {
      if (req.url === '/metrics') res.end('# TYPE go_info gauge\ngo_info{version="go1.25.1"} 1\n');
      else res.writeHead(404).end();
    });
    await expect(openTarget(url)).rejects.toEqual(code('TM_PPROF_ABSENT', /go1\.25\.1/));
  });

  it('finds handlers below a base path, elsewhere, and from a full profile address', async () => {
    const url = await serve((req, res) => {
      const at = req.url!.split('?')[0];
      if (at === '/app/debug/pprof/' || at === '/internal/prof/') res.setHeader('content-type', 'text/html').end(INDEX);
      else res.writeHead(404).end('404 page not found');
    });
    const cases: [string, string, string | null][] = [
      ['/app', '/app/debug/pprof/', null],
      ['/app/', '/app/debug/pprof/', null],
      ['/app/debug/pprof', '/app/debug/pprof/', null],
      ['/app/debug/pprof//', '/app/debug/pprof/', null],
      ['/app/debug/pprof/heap?debug=1', '/app/debug/pprof/', 'heap'],
      ['/internal/prof', '/internal/prof/', null],
      ['/internal/prof/goroutine', '/internal/prof/', 'goroutine'],
    ];
    for (const [path, base, focus] of cases) {
      const target = await openTarget(url + path);
      expect([target.base.pathname, target.focus]).toEqual([base, focus]);
      expect(target.offers.goroutines).toBe(7);
      expect([...target.offers.profiles]).toEqual(['allocs', 'goroutine', 'heap']);
      target.close();
    }
  });

  it('uses single profiles where there is no index', async () => {
    const url = await serve((req, res) => {
      if (req.url === '/debug/pprof/goroutine') res.end(gzipSync('profile'));
      else res.writeHead(404).end('404 page not found');
    });
    const target = await openTarget(url);
    expect([...target.offers.profiles]).toEqual(['goroutine']);
    target.close();
  });

  it('sends user, password, headers and token, and shows none of them', async () => {
    const seen: [string | undefined, string][] = [];
    const url = await serve((req, res) => {
      seen.push([req.headers.authorization, req.url!]);
      res.setHeader('content-type', 'text/html').end(INDEX);
    });
    const target = await openTarget(`${url.replace('//', '//joe:pass%20word@')}/?token=geheim`);
    expect(seen[0]).toEqual([`Basic ${Buffer.from('joe:pass word').toString('base64')}`, '/debug/pprof/?token=geheim']);
    expect(seen.every(([, at]) => at.includes('token=geheim'))).toBe(true);
    expect(target.shown + target.describe({ profile: 'heap', query: { gc: '1' } })).not.toMatch(/joe|pass|geheim/);
    target.close();
    await expect(openTarget('http://joe:geheim@127.0.0.1:1/?token=secret')).rejects.toEqual(
      expect.not.objectContaining({ message: expect.stringMatching(/joe|geheim|secret/) }),
    );
  });

  it.each(['ftp://host/', 'file:///etc/passwd', 'http://', 'http://joe:geheim@host:99999/', '\u0000'])(
    'refuses %j',
    async (address) => {
      const error = await openTarget(address).catch((e) => e);
      expect(error).toEqual(code('TM_TARGET_REFUSED'));
      expect(error.message).not.toMatch(/geheim/);
    },
  );
});

describe('TLS', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tm-tls-'));
  const certificate = () => {
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'].concat(
        ['-subj', '/CN=elsewhere', '-addext', 'subjectAltName=IP:127.0.0.1'],
        ['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')],
      ),
      { stdio: 'ignore' },
    );
    return { key: readFileSync(join(dir, 'key.pem')), cert: readFileSync(join(dir, 'cert.pem')) };
  };

  it('is checked, trusted with an authority, skipped on demand', async () => {
    const pair = certificate();
    const url = await listen(
      https.createServer(pair, (_, res) => res.setHeader('content-type', 'text/html').end(INDEX)),
      'https',
    );
    await expect(openTarget(url)).rejects.toEqual(code('TM_TLS_UNTRUSTED', /SELF_SIGNED/));
    (await openTarget(url, { ca: pair.cert })).close();
    (await openTarget(url, { insecure: true })).close();
    await expect(openTarget(url.replace('127.0.0.1', 'localhost'), { ca: pair.cert })).rejects.toEqual(
      code('TM_TLS_UNTRUSTED', /ALTNAME/),
    );
  });

  it('asked of a server without it', async () => {
    const url = await serve((_, res) => res.end(INDEX));
    await expect(openTarget(url.replace('http:', 'https:'))).rejects.toEqual(code('TM_UNREACHABLE', /TLS/));
  });
});
