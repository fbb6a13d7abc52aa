import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { has, parts } from '../../../../../scripts/parts.mjs';
import { buildGo, GROWING_SERVICE, type Running, start } from '../../../test/go-program.js';
import { testIo } from '../../../test/io.js';
import { violations } from '../../../test/published-schema.js';
import { runGctrace } from './gctrace.js';
import { runWatch } from './watch.js';

describe('tidemark watch', () => {
  let binary: string;
  const running: Running[] = [];
  beforeAll(() => {
    binary = buildGo(GROWING_SERVICE, 'shop');
  });
  afterEach(async () => {
    for (const program of running.splice(0)) await program.stop();
  });
  const run = async () => {
    const program = await start(binary);
    running.push(program);
    return program;
  };

  it('shows heap, goroutines, memory and a verdict that names the line', async () => {
    const program = await run();
    const terminal = testIo();
    const code = await runWatch([program.address, '--for', '6s', '--every', '1s', '--gc', 'all'], terminal);
    expect(terminal.err).toMatch(/shop · go1\.\d+.* · pid \d+ .* look 7 of 7/);
    expect(terminal.err).toMatch(/Live heap +[\d.]+ [KM]iB .* low .*, high /);
    expect(terminal.err).toMatch(/Goroutines +\d+/);
    expect(terminal.err).toMatch(/Memory +[\d.]+ MiB (?:RSS|working set)/);
    // A few seconds say nothing about a trend, and that is said.
    expect(terminal.err).toMatch(/Trend +undecided: too little was seen/);
    expect(terminal.err).toMatch(/LEAK after|SUSPECT after/);
    expect(terminal.err).toMatch(/main\.(?:remember|park)/);
    expect([1, 3]).toContain(code);
    expect(terminal.out).toBe('');
  });

  it('gives one document for several targets; one that is away does not end the others', async () => {
    const [one, two, gone] = [await run(), await run(), await run()];
    await gone.stop();
    const terminal = testIo();
    const argv = [
      one.address,
      two.address,
      gone.address,
      '--for',
      '2s',
      '--every',
      '1s',
      '--json',
      '--evidence',
      'none',
    ];
    const code = await runWatch(argv, terminal);
    const document = JSON.parse(terminal.out);
    expect(violations(document)).toEqual([]);
    expect(document.targets.map((t: { subject: { instance: string } }) => t.subject.instance)).toEqual([
      one.address,
      two.address,
    ]);
    expect(terminal.err).toMatch(/refused/);
    expect([1, 4]).toContain(code);
    await expect(runWatch([gone.address, '--for', '1s'], testIo())).rejects.toMatchObject({ code: 'TM_UNREACHABLE' });
  });

  it('ends at the signal and judges what there is', async () => {
    const program = await run();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 2500);
    const terminal = testIo({ signal: stop.signal });
    await runWatch([program.address, '--for', '60s', '--every', '500ms', '--json'], terminal);
    expect(JSON.parse(terminal.out).targets[0].window.looks).toBeGreaterThan(2);
  });
});

const GC_PROGRAM = `package main

import "runtime"

var keep [][]byte

func main() {
	for i := 0; i < 400; i++ {
		keep = append(keep, make([]byte, 128<<10))
		_ = make([]byte, 1<<20)
		if i%100 == 50 {
			runtime.GC()
		}
	}
}
`;

const versions: [string, Parameters<typeof buildGo>[2]][] = [
  ["the machine's own", {}],
  ['go1.27.0', { toolchain: 'go1.27.0' }],
  ['go1.21.13', { toolchain: 'go1.21.13' }],
  ...(has('go119') ? [['go1.19', { go: parts.go119.program!, language: '1.19' }] as [string, object]] : []),
];

describe('tidemark gctrace', () => {
  it.each(versions)('reads what a program of %s writes', async (_, options) => {
    const binary = buildGo(GC_PROGRAM, 'gc', options);
    const { stderr } = spawnSync(binary, { env: { ...process.env, GODEBUG: 'gctrace=1' }, encoding: 'utf8' });
    const cycles = stderr.split('\n').filter((line) => line.startsWith('gc ')).length;
    // Four by the program; Go 1.19 calls two more so.
    const forced = stderr.split(' (forced)').length - 1;
    expect(forced).toBeGreaterThanOrEqual(4);
    expect(cycles).toBeGreaterThan(5);
    const terminal = testIo();
    // Two processes after each other, behind the prefix of a container log, among other lines.
    const log = [stderr, stderr]
      .map((text) => text.replace(/^/gm, '2026-11-24T08:00:00.5Z stderr F '))
      .join('started\n');
    writeFileSync(join(terminal.cwd, 'log'), log);
    expect(await runGctrace(['log', '--json'], terminal)).toBe(0);
    expect(violations(JSON.parse(terminal.out))).toEqual([]);
    const { gctrace, subject } = JSON.parse(terminal.out);
    expect(gctrace.damagedLines).toBe(0);
    expect(gctrace.processes).toHaveLength(2);
    for (const process of gctrace.processes) {
      expect([process.cycles, process.missingCycles]).toEqual([cycles, 0]);
      expect(process.forcedCycles).toBe(forced);
      expect(process.lastLiveBytes).toBeGreaterThan(30 * 2 ** 20);
      expect(process.floorBytes.at(-1)).toBeGreaterThan(process.floorBytes[0]);
    }
    expect(subject.service).toBe('log');
    const text = testIo({ cwd: terminal.cwd });
    await runGctrace(['log'], text);
    expect(text.out).toMatch(/process 2 of 2 · \d+ GC cycles in /);
    expect(text.out).toMatch(/since start +cycle +live/);
  });

  it('tells a log without such lines, a missing one, and nonsense', async () => {
    const terminal = testIo();
    writeFileSync(join(terminal.cwd, 'log'), 'hello\n');
    await expect(runGctrace(['log'], terminal)).rejects.toMatchObject({ code: 'TM_NOT_A_PROFILE' });
    await expect(runGctrace(['nothing'], terminal)).rejects.toMatchObject({ code: 'TM_FILE_NOT_FOUND' });
    await expect(runGctrace(['log', '--rows', '1'], terminal)).rejects.toMatchObject({ code: 'TM_USAGE' });
  });

  it('has the Go that its tests need', () => {
    expect(execFileSync('go', ['version'], { encoding: 'utf8' })).toMatch(/^go version go1\./);
  });
});
