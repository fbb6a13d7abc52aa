import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeProfile, parseTextProfile } from '@tidemark/pprof';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Every refusal: its code, its exit code, words that say what to do, nothing on stdout, no stack. */
async function refused(args: string[], code: string, exit: number) {
  const result = await runCli(args);
  expect(result.stderr).toContain(`(${code})`);
  expect(result.code).toBe(exit);
  expect(result.stdout).toBe('');
  expect(result.stderr).not.toMatch(/\n\s+at /);
  expect(result.stderr.trim().split('\n').length).toBeGreaterThanOrEqual(2);
}

describe('targets that cannot be diagnosed', () => {
  const quick = ['--for', '1s', '--timeout', '2s', '--quiet'];

  it('nobody listens', async () => {
    const address = await serve(() => {});
    servers.splice(0)[0]!.close();
    await refused(['diagnose', address, ...quick], 'TM_UNREACHABLE', 4);
  });
  it('no pprof', async () => {
    const address = await serve((_req, res) => res.writeHead(404).end('404 page not found\n'));
    await refused(['diagnose', address, ...quick], 'TM_PPROF_ABSENT', 4);
  });
  it('wants a password', async () => {
    const address = await serve((_req, res) => res.writeHead(401).end('no'));
    await refused(['diagnose', address, ...quick], 'TM_AUTH_REQUIRED', 4);
  });
  it('is no Go service', async () => {
    const address = await serve((_req, res) =>
      res.setHeader('content-type', 'text/html').end('<html><h1>Hello</h1></html>'),
    );
    await refused(['diagnose', address, ...quick], 'TM_NOT_GO', 4);
  });
  it('is slow for ever', async () => {
    const address = await serve(() => {});
    await refused(['diagnose', address, ...quick], 'TM_TIMEOUT', 4);
  });
});

describe('files that cannot be diagnosed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bad-'));
  const file = (name: string, data: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, data);
    return path;
  };
  const heap = (name: string) =>
    gzipSync(
      encodeProfile(
        parseTextProfile(
          `inuse_objects/count inuse_space/bytes\n1 1024   main.main@main.go:3;main.${name}@${name}.go:1`,
        ),
      ),
    );

  it('is not there', () => refused(['diagnose', join(folder, 'nothing.pb.gz')], 'TM_FILE_NOT_FOUND', 2));
  it('is empty', () => refused(['diagnose', file('empty.pb.gz', '')], 'TM_FILE_EMPTY', 2));
  it('is no profile', () => refused(['diagnose', file('notes.txt', 'milk, bread\n')], 'TM_NOT_A_PROFILE', 2));
  it('is one snapshot only', () => refused(['diagnose', file('one.pb.gz', heap('a'))], 'TM_ONE_SNAPSHOT', 2));
  it('is cut in the middle', () => {
    const whole = heap('a');
    return refused(['diagnose', file('cut.pb.gz', whole.subarray(0, whole.length / 2))], 'TM_PROFILE_CORRUPT', 2);
  });
  it(
    'is a bomb',
    () => refused(['diagnose', file('bomb.pb.gz', gzipSync(Buffer.alloc(2 ** 31 - 1)))], 'TM_LIMIT', 2),
    60_000,
  );
  it('is an option that does not exist', () => refused(['diagnose', 'x', '--fro', '5m'], 'TM_USAGE', 2));
});
