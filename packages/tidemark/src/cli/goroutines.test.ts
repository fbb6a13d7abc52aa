import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testIo } from '../../test/io.js';
import { stuckDump } from '../../test/stuck-programs.js';
import { runCommand } from './run.js';

const FACTS = fileURLToPath(new URL('../../testdata/goroutine-suite/facts.json.gz', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tidemark-goroutines-'));

async function run(text: string, ...options: string[]) {
  const file = join(folder, 'dump.txt');
  writeFileSync(file, text);
  const io = testIo({ cwd: folder, columns: 110 });
  const code = await runCommand('goroutines', [file, ...options], io);
  return { code, out: io.out, err: io.err };
}

describe('tidemark goroutines', () => {
  it('tells the worst first, in words, with the line marked, and fails', async () => {
    const { code, out } = await run(stuckDump('cycle-instances'), '--facts', FACTS);
    expect(code).toBe(1);
    expect(out).toMatch(/^LEAK {2}goroutine\/deadlock/m);
    expect(out).toMatch(/►.*transfer/);
    expect(out).toContain('holds account.mu');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(160);
  });

  it('writes one document with goroutines, locks and findings', async () => {
    const { code, out } = await run(stuckDump('recursive-method'), '--facts', FACTS, '--json');
    const document = JSON.parse(out);
    expect([code, document.exitCode, document.schemaVersion]).toEqual([1, 1, 1]);
    expect(document.goroutines[0]).toMatchObject({ waitsIn: 'mutex', count: 1, site: { line: expect.any(Number) } });
    expect(document.locks[0]).toMatchObject({
      address: expect.stringMatching(/^0x[0-9a-f]+$/),
      holder: { kind: 'self', goroutine: document.locks[0].waiters[0].goroutine, waitsFor: 0 },
    });
    expect(document.findings[0]).toMatchObject({ rule: 'goroutine/recursive-lock', cause: 'lock-recursive' });
  });

  it('draws the graph', async () => {
    const { out } = await run(stuckDump('cycle-helpers'), '--facts', FACTS, '--dot');
    expect(out).toMatch(/^digraph waits \{/);
    expect(out.match(/held by/g)).toHaveLength(2);
  });

  it('without facts says so and proves nothing', async () => {
    const { code, out } = await run(stuckDump('return-error-path'));
    expect([code, out.includes('LEAK')]).toEqual([3, false]);
    expect(out).toContain('no facts of the build');
  });

  it('reads what can be read of a cut dump, and tells', async () => {
    const whole = stuckDump('cycle-instances');
    const { out } = await run(whole.slice(0, whole.length - 60));
    expect(out).toContain('ends in the middle of a stack');
  });

  it('lets no name of a dump reach the terminal as a command', async () => {
    const { out } = await run(
      `goroutine 7 [chan send (nil chan)]:\nmain.\u009b31m\u202eevil(0x1)\n\tshop/\u009b2Jmain.go:8 +0x1\n`,
    );
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('refuses what is no dump, with a code and what to do', async () => {
    const { code, err } = await run('goroutine profile: total 3\n1 @ 0x1 0x2\n');
    expect(code).toBe(2);
    expect(err).toContain('debug=1');
    expect(err).toContain('TM_NOT_A_PROFILE');
    expect((await run(stuckDump('cycle-helpers'), '--facts', join(folder, 'nothing'))).code).toBe(2);
    expect((await run('')).err).toContain('TM_FILE_EMPTY');
  });
});
