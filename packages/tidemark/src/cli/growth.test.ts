import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { testIo } from '../../test/io.js';
import { runGrowth } from './growth.js';

/** Live heap of one pod, 240 points of 10 minutes; seeded noise of 2 %. */
function service(name: string, live: (hour: number) => number): string {
  let state = 7;
  const noise = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1 + 0.04 * (state / 4294967296 - 0.5);
  };
  const column = (f: (hour: number) => number) => Array.from({ length: 240 }, (_, i) => f(i / 6));
  const pod = {
    instance: 'pod-0',
    heapAllocBytes: column((h) => live(h) * 1.5),
    nextGcBytes: column((h) => live(h) * 2 * noise()),
    workingSetBytes: column((h) => live(h) * 2.2),
    stackInuseBytes: column(() => 1e6),
    goroutines: column(() => 200 * noise()),
    gcCycles: column((h) => Math.round(h * 100)),
    requestRate: column(() => 5),
    startedAtHours: column(() => -10),
  };
  return JSON.stringify({
    schemaVersion: 1,
    service: name,
    stepSeconds: 600,
    gogc: 100,
    memoryLimitBytes: 4e9,
    pods: [pod],
  });
}

async function run(content: string | Uint8Array, options: string[] = ['--json'], name = 'services.ndjson') {
  const io = testIo();
  writeFileSync(join(io.cwd, name), content);
  const code = await runGrowth([name, ...options], io);
  return {
    code,
    err: io.err,
    out: io.out,
    verdicts: options.includes('--json')
      ? io.out
          .trim()
          .split('\n')
          .filter(Boolean)
          .map((l) => JSON.parse(l))
      : [],
  };
}

const LEAKS = service('leaks', (h) => 2e8 + Math.max(0, h - 15) * 8e6);
const FLAT = service('flat', () => 2e8);

describe('tidemark growth', () => {
  it('answers with a line a service, packed or not, and tells by its exit code', async () => {
    const plain = await run(`${LEAKS}\n${FLAT}\n`);
    const packed = await run(gzipSync(`${LEAKS}\n${FLAT}`));
    expect(plain.verdicts.map((v) => [v.service, v.verdict])).toEqual([
      ['leaks', 'leak'],
      ['flat', 'clear'],
    ]);
    expect(plain.verdicts[0]).toMatchObject({ kind: 'heap', pods: ['pod-0'] });
    expect(packed.out).toBe(plain.out);
    expect(plain.code).toBe(1);
    expect((await run(`${FLAT}\n`)).code).toBe(0);
    expect((await run(`${LEAKS}\n`, ['--json', '--fail-on', 'never'])).code).toBe(0);
  });

  it('cannot tell yet, as every command, where a service is suspect only', async () => {
    const late = `${service('late', (h) => 2e8 + Math.max(0, h - 35) * 8e6)}\n${FLAT}\n`;
    const told = await run(late);
    expect(told.verdicts.map((v) => v.verdict)).toEqual(['suspect', 'clear']);
    expect(told.code).toBe(3);
    expect((await run(late, ['--json', '--fail-on', 'suspect'])).code).toBe(1);
    expect((await run(late + LEAKS)).code).toBe(1);
  });

  it('tells bad lines by number and code, and judges the others', async () => {
    const bad = await run(`{"service":\n${FLAT}\n[]\n\n{"service":"a","stepSeconds":0,"pods":[]}\n`);
    expect(bad.code).toBe(2);
    expect(bad.verdicts.map((v) => v.service)).toEqual(['flat']);
    expect(bad.err).toMatch(/^line 1: .*TM_SERIES_MALFORMED/m);
    expect(bad.err).toMatch(/^line 3: .*TM_SERIES_MALFORMED/m);
    expect(bad.err).toMatch(/^line 5: "stepSeconds"/m);
  });

  it('reads NaN as not seen, but not inside of a name', async () => {
    const line = FLAT.replace('"requestRate":[5,', '"requestRate":[NaN,').replace('"flat"', '"NaN, -Infinity"');
    const { verdicts, code } = await run(`${line}\n`);
    expect(code).toBe(0);
    expect(verdicts[0].service).toBe('NaN, -Infinity');
  });

  it('is bounded: long lines and endless complaints', async () => {
    const long = await run(`${LEAKS}\n${FLAT}\n`, ['--json', '--max-line', '1KiB']);
    expect(long.err).toMatch(/^line 1: .*TM_LIMIT/m);
    expect(long.code).toBe(2);
    const many = await run('x\n'.repeat(500));
    expect(many.err.split('\n').length).toBeLessThan(30);
    expect(many.err).toMatch(/480 more lines/);
    expect((await run(`${LEAKS}\n`, ['--json', '--max-points', '100'])).err).toMatch(/TM_LIMIT/);
  });

  it('refuses what is absent, empty or damaged with a code', async () => {
    await expect(run('', ['--json'])).rejects.toMatchObject({ code: 'TM_FILE_EMPTY' });
    await expect(run(gzipSync(LEAKS).subarray(0, 300))).rejects.toMatchObject({ code: 'TM_SERIES_MALFORMED' });
    await expect(run('', ['absent.ndjson', '--json'])).rejects.toMatchObject({ code: 'TM_USAGE' });
  });

  it('speaks to people without --json', async () => {
    expect((await run(`${LEAKS}\n`, [])).out).toMatch(
      /^leak +leaks \(heap since hour 1\d\.\d, [78]\.\d+ MB an hour; pod-0\)/,
    );
  });
});
