import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeProfile, parseTextProfile } from '@tidemark/pprof';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PPROF_FLAGS, parseFlags } from './pprof/flags.js';
import { pprofHelp } from './pprof/help.js';
import { regexCompiler } from './pprof/regex.js';
import { runPprof } from './pprof.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pprof-cli-'));
  for (const [name, text] of [
    ['a', 'inuse_objects/count inuse_space/bytes\n3 300 main;a@a.go:1\n1 8 main;b@b.go:1'],
    ['b', 'inuse_objects/count inuse_space/bytes\n5 500 main;a@a.go:1\n9 9000 main;c@c.go:1'],
  ] as const) {
    writeFileSync(join(dir, `${name}.pb.gz`), gzipSync(encodeProfile(parseTextProfile(text))));
  }
  writeFileSync(join(dir, 'bad.pb.gz'), 'no profile');
  // One sample, with a location that is not there; of the types that the others have.
  const head = encodeProfile(parseTextProfile('inuse_objects/count inuse_space/bytes'));
  writeFileSync(
    join(dir, 'bad-sample.pb.gz'),
    gzipSync(Buffer.concat([head, Buffer.from('12070a010812020101', 'hex')])),
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ out: string; notes: string }> {
  let out = '';
  let notes = '';
  const env = {};
  await runPprof(
    argv.map((a) => a.replace('DIR', dir)),
    { stdout: { write: (c) => (out += c) }, stderr: { write: (c) => (notes += c) }, env },
  );
  return { out, notes };
}

describe('the flag grammar of Go', () => {
  it.each([
    [['-top', '-nodecount=5', 'f'], 5],
    [['--top', '--nodecount', '5', 'f'], 5],
    [['f', '-top', '-nodecount', '5'], 5],
    [['-nodecount=5', '-nodecount=6', '-top', 'f'], 6],
  ])('%j', (argv, count) => {
    const flags = parseFlags(argv);
    expect(flags.number('nodecount')).toBe(count);
    expect(flags.sources).toEqual(['f']);
  });

  it('takes -f=false, lists, and nothing as a flag after --', () => {
    const flags = parseFlags(['-trim=false', '-base', 'a', '-base=b', '--', '-top']);
    expect([flags.bool('trim'), flags.list('base'), flags.sources]).toEqual([false, ['a', 'b'], ['-top']]);
  });

  it.each([
    [['-nope', 'f'], '-nope'],
    [['-svg', 'f'], '-svg is not supported'],
    [['-disasm=x', 'f'], '-disasm'],
    [['-nodecount=x', 'f'], 'invalid integer value'],
    [['-top=maybe', 'f'], 'invalid boolean value'],
    [['-focus'], 'needs an argument'],
    [['---x'], 'bad flag syntax'],
  ])('refuses %j by name', (argv, message) => {
    expect(() => parseFlags(argv)).toThrow(
      expect.objectContaining({ code: 'TM_USAGE', message: expect.stringContaining(message) }),
    );
  });

  it('has help for every flag', () => {
    for (const f of PPROF_FLAGS) expect(pprofHelp()).toContain(`-${f.name}`);
  });
});

describe('runPprof', () => {
  it('adds up several profiles', async () => {
    expect((await run('-top', 'DIR/a.pb.gz', 'DIR/b.pb.gz')).out).toMatch(/ 9000B .* c\n +800B .* a\n/);
  });

  it('subtracts a base and says what that means for memory in use', async () => {
    const { out, notes } = await run('-top', '-base', 'DIR/a.pb.gz', 'DIR/b.pb.gz');
    expect(out).toMatch(/ 200B .* a\n/);
    expect(notes).toContain('inuse_space of a difference is memory live now minus memory live then');
  });

  it('leaves out a source that is none, and says so', async () => {
    const { out, notes } = await run('-top', 'DIR/a.pb.gz', 'DIR/bad.pb.gz', 'DIR/missing');
    expect(out).toContain('308B total');
    expect(notes).toContain('Fetched 1 source profiles out of 3');
  });

  it('leaves out a source whose samples are malformed, which it notices only while it adds them', async () => {
    const { out, notes } = await run('-top', 'DIR/a.pb.gz', 'DIR/bad-sample.pb.gz', 'DIR/b.pb.gz');
    expect(out).toMatch(/ 9000B .* c\n +800B .* a\n/);
    expect(notes).toMatch(/bad-sample.pb.gz: malformed profile: .*\n.*Fetched 2 source profiles out of 3/s);
  });

  it.each([
    [['-top', 'DIR/missing'], 'TM_FILE_NOT_FOUND'],
    [['-top', 'DIR/bad.pb.gz'], 'TM_NOT_A_PROFILE'],
    [['-top'], 'TM_USAGE'],
    [['DIR/a.pb.gz'], 'TM_USAGE'],
    [['-top', '-tree', 'DIR/a.pb.gz'], 'TM_USAGE'],
    [['-top', '-lines', '-files', 'DIR/a.pb.gz'], 'TM_USAGE'],
    [['-top', '-focus=(?=x)', 'DIR/a.pb.gz'], 'TM_USAGE'],
    [['-top', '-base=DIR/a.pb.gz', '-diff_base=DIR/a.pb.gz', 'DIR/a.pb.gz'], 'TM_USAGE'],
    [['-top', 'http://127.0.0.1:1/debug/pprof/heap'], 'TM_UNREACHABLE'],
    [['-top', '-output=DIR/no/such/dir', 'DIR/a.pb.gz'], 'TM_WRITE_FAILED'],
  ])('%j is %s', async (argv, code) => {
    await expect(run(...argv)).rejects.toMatchObject({ code });
  });

  it('writes a profile that can be read again', async () => {
    await run('-proto', '-output=DIR/sum.pb.gz', 'DIR/a.pb.gz', 'DIR/b.pb.gz');
    expect(readFileSync(join(dir, 'sum.pb.gz'))[0]).toBe(0x1f);
    expect((await run('-top', 'DIR/sum.pb.gz')).out).toContain('9808B total');
  });

  it('fetches from a URL, with -seconds in the query', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url?.startsWith('/gone')) response.writeHead(404).end('no such thing\nmore');
      else response.end(readFileSync(join(dir, 'a.pb.gz')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect((await run('-top', '-seconds=2', `${base}/debug/pprof/heap`)).out).toContain('308B total');
      expect(asked).toEqual(['/debug/pprof/heap?seconds=2']);
      await expect(run('-top', `http://${base}/gone`)).rejects.toMatchObject({ code: 'TM_PPROF_ABSENT' });
    } finally {
      server.close();
    }
  });
});

describe('regular expressions', () => {
  it('mean the same by the quick way and by RE2', async () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[a-c]',
      '\\.',
      '^',
      '$',
      '|',
      'a*',
      '.+',
      'b?',
      '\\(',
      '(',
      ')',
      '/',
      '_',
    );
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '(', '/', '\n', '_', 'é'), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), text, async (parts, input) => {
        const pattern = parts.join('');
        let re2: RE2JS;
        try {
          re2 = RE2JS.compile(pattern);
        } catch {
          return;
        }
        const matches = (await regexCompiler([pattern]))(pattern);
        expect(matches(input)).toBe(re2.matcher(input).find());
      }),
      { numRuns: 500 },
    );
  });

  it('has what JavaScript has not, and refuses what RE2 has not', async () => {
    const compile = await regexCompiler(['(?i)ABC', '[[:digit:]]+\\z', '(?=x)']);
    expect(compile('(?i)ABC')('xabcx')).toBe(true);
    expect(compile('[[:digit:]]+\\z')('a12')).toBe(true);
    expect(() => compile('(?=x)')).toThrow();
  });
});
