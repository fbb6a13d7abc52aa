import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '@tidemark/model';
import { Report as ReportSchema } from '@tidemark/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { has } from '../../../scripts/parts.mjs';
import { startProgram } from '../../../scripts/program.mjs';
import { buildLeaky } from './leaky-program.js';
import { violations } from './published-schema.js';
import { runCli } from './run-cli.js';

/** Enough of a leak that a short watch is beyond doubt: 800 requests a second of 8 KiB. */
const BIG = ['--rate', '800', '--size', '8192', '--parent-watch'];
const WATCH = ['--for', '12s', '--every', '3s', '--json', '--quiet'];
const alarm = (f: Report['findings'][number]) => f.verdict === 'leak' || f.verdict === 'suspect';

describe('diagnose, replayed', () => {
  it('gives the demo’s verdicts from the captures that the repository ships, without Go', async () => {
    const demo = fileURLToPath(new URL('../../../testdata/demo', import.meta.url));
    const { stdout, code } = await runCli(['diagnose', demo, '--facts', join(demo, 'shop.facts.json.gz'), '--json']);
    const report = ReportSchema.parse(JSON.parse(stdout));
    expect(violations(JSON.parse(stdout))).toEqual([]);
    const leaks = report.findings.filter((f) => f.verdict === 'leak').map((f) => f.site?.function.split('/').at(-1));
    expect(leaks).toEqual(expect.arrayContaining(['sessions.(*Store).Create', 'payment.(*Gateway).Charge.func1']));
    expect(leaks).toHaveLength(2);
    expect(code).toBe(1);
  });
});

describe.skipIf(!has('go'))('diagnose, live', () => {
  let leaky: string;
  beforeAll(() => {
    leaky = buildLeaky('go/leaky', './cmd/leaky')!;
  });

  async function diagnose(args: string[], more: string[] = []) {
    const program = await startProgram(leaky, args);
    try {
      const result = await runCli(['diagnose', program.address, ...WATCH, ...more]);
      return { ...result, report: ReportSchema.parse(JSON.parse(result.stdout)) };
    } finally {
      program.stop();
    }
  }

  it('names the function, the amount and the rate of a heap leak, and keeps the evidence', async () => {
    const { report, code, cwd } = await diagnose(['run', 'map-cache', ...BIG], ['--html', 'report.html']);
    const found = report.findings.find((f) => f.rule === 'heap/site-grows' && alarm(f))!;
    expect(found.site?.function).toContain('subjects.(*userCache).remember');
    // 6.25 MiB a second by the load; the program may fall behind on a busy machine, never run ahead.
    const perSecond = found.quantity!.value / found.quantity!.perSeconds!;
    expect(perSecond).toBeGreaterThan(1 * 2 ** 20);
    expect(perSecond).toBeLessThan(9 * 2 ** 20);
    expect(found.quantity!.interval!.low).toBeGreaterThan(0);
    expect(found.evidence.length).toBeGreaterThanOrEqual(3);
    expect(code).toBe(report.exitCode);
    expect([1, 3]).toContain(code);
    expect(readFileSync(join(cwd, 'report.html'), 'utf8')).toContain('userCache');
    // The kept captures give the same verdict again.
    const again = await runCli(['diagnose', join(cwd, '.tidemark'), '--json']);
    const second = ReportSchema.parse(JSON.parse(again.stdout));
    expect(second.findings.filter(alarm).map((f) => f.fingerprint)).toEqual(
      report.findings.filter(alarm).map((f) => f.fingerprint),
    );
  });

  it('stays quiet for the fixed twin under the same load', async () => {
    const { report } = await diagnose(['run', 'map-cache', '--fixed', ...BIG]);
    expect(report.findings.filter((f) => alarm(f) && f.site?.function.includes('userCache'))).toEqual([]);
  });

  it('names who gathers and where, and stays quiet for the twin', async () => {
    const args = ['run', 'request-goroutine', '--rate', '40', '--parent-watch'];
    const { report } = await diagnose(args);
    const found = report.findings.find((f) => f.rule.startsWith('goroutine/') && alarm(f))!;
    expect(found.site?.function).toContain('notifier).watch');
    expect(found.quantity!.value).toBeGreaterThan(100);
    const twin = await diagnose([...args, '--fixed']);
    expect(twin.report.findings.filter((f) => alarm(f) && f.site?.function.includes('notifier'))).toEqual([]);
  });

  it('gives the same verdict through go/tidemark, and reads its numbers', async () => {
    const program = await startProgram(leaky, ['run', 'map-cache', ...BIG, '--sdk']);
    try {
      const doors = [program.address, program.sdk!];
      const runs = await Promise.all(doors.map((door) => runCli(['diagnose', door, ...WATCH])));
      const reports = runs.map(({ stdout }) => ReportSchema.parse(JSON.parse(stdout)));
      const places = reports.map((report) => report.findings.filter(alarm).map((f) => `${f.rule} ${f.site?.function}`));
      expect(places[0]!.join()).toContain('userCache');
      expect(places[1]).toEqual(places[0]);
      expect(reports[1]!.verdict).toBe(reports[0]!.verdict);
      const kept = readdirSync(runs[1]!.cwd, { recursive: true, encoding: 'utf8' });
      const manifest = kept.find((path) => path.endsWith('manifest.json'))!;
      const { looks } = JSON.parse(readFileSync(join(runs[1]!.cwd, manifest), 'utf8'));
      expect(looks.at(-1).metrics).toMatchObject({
        heap_live_bytes: expect.any(Number),
        gc_cycles: expect.any(Number),
        goroutines: expect.any(Number),
      });
    } finally {
      program.stop();
    }
  });

  it('judges what it has when the service dies in the middle', async () => {
    const program = await startProgram(leaky, ['run', 'map-cache', ...BIG]);
    setTimeout(() => program.stop(), 14_000);
    const { stdout, code, cwd } = await runCli([
      'diagnose',
      program.address,
      '--for',
      '40s',
      '--every',
      '2s',
      '--json',
      '--quiet',
    ]);
    const report = ReportSchema.parse(JSON.parse(stdout));
    expect(report.notes.some((n) => n.code === 'TM_TARGET_GONE')).toBe(true);
    expect(report.window.looks).toBeGreaterThanOrEqual(3);
    expect(report.findings.some((f) => alarm(f) && f.site?.function.includes('userCache'))).toBe(true);
    expect([1, 3]).toContain(code);
    expect(existsSync(join(cwd, '.tidemark'))).toBe(true);
  });

  it('reads a program built with Go 1.27', async ({ skip }) => {
    const newer = buildLeaky('go/leaky', './cmd/leaky', 'go1.27.0');
    if (!newer) {
      if (process.env['TIDEMARK_REQUIRE_ALL'] === '1') throw new Error('Go 1.27 could not be fetched');
      skip('Go 1.27 could not be fetched');
      return;
    }
    const program = await startProgram(newer, ['run', 'request-goroutine', '--rate', '40', '--parent-watch']);
    try {
      const { stdout } = await runCli(['diagnose', program.address, ...WATCH]);
      const report = ReportSchema.parse(JSON.parse(stdout));
      expect(report.findings.some((f) => alarm(f) && f.site?.function.includes('notifier).watch'))).toBe(true);
    } finally {
      program.stop();
    }
  });
});
