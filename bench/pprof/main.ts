import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '../pprof-diff/generated.js';
import { writeProfile } from '../pprof-diff/profiles.js';
import { buildReference } from '../pprof-diff/reference.js';
import { stages } from './stages.js';

interface Cost {
  readonly cpu: number;
  readonly wall: number;
  readonly rss: number;
}

/** Prints what our reports cost beside the reference, peers and bounds, all in one run. Needs Go. */
export async function main(here: string, cli: string, args: readonly string[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'pprof-bench-'));
  try {
    const reference = buildReference(dir);
    const build = (name: string) => {
      execFileSync('go', ['build', '-o', join(dir, name), '.'], { cwd: join(here, name), stdio: 'inherit' });
      return join(dir, name);
    };
    const measure = build('measure');
    const cost = (program: string, argv: readonly string[], rounds = 3): Cost => {
      const runs = Array.from({ length: rounds }, () => {
        const env = { ...process.env, TZ: 'UTC', PPROF_BINARY_PATH: '/nonexistent', MEASURE_QUIET: '1' };
        return JSON.parse(execFileSync(measure, [program, ...argv], { encoding: 'utf8', env })) as Cost;
      });
      return runs.sort((a, b) => a.cpu - b.cpu)[Math.floor(rounds / 2)]!;
    };
    const both = (argv: readonly string[], rounds = 3) => ({
      ours: cost(process.execPath, [cli, 'pprof', ...argv], rounds),
      theirs: cost(reference, ['-symbolize=none', ...argv], rounds),
    });
    const row = (what: string, value: string, goal: string) =>
      console.log(`${what.padEnd(54)} ${value.padEnd(44)} ${goal}`);
    const ratio = (what: string, c: { ours: Cost; theirs: Cost }, goal: string) =>
      row(
        what,
        `${c.ours.cpu.toFixed(2)} s CPU, reference ${c.theirs.cpu.toFixed(2)}: ${(c.theirs.cpu / c.ours.cpu).toFixed(1)}x less`,
        goal,
      );
    const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

    const big = writeProfile(
      join(dir, 'stacks-50k.pb.gz'),
      generate({ seed: 22, stacks: 50000, functions: 6000, depth: 92, inline: true, walks: true }),
    );
    ratio('-top of 50k stacks, whole process', both(['-top', big]), 'goal 10x');
    ratio('-dot of 50k stacks, whole process', both(['-dot', big], 1), '');
    const s = stages(readFileSync(big));
    const ms = (x: number) => `${x.toFixed(0)} ms`;
    row(
      'decode vs pprof-format',
      `${ms(s['decode']!)}, ${ms(s['pprofFormat']!)}: ${(s['pprofFormat']! / s['decode']!).toFixed(1)}x`,
      'goal 7x',
    );
    row(
      'decode vs protobufjs',
      `${ms(s['decode']!)}, ${ms(s['protobufjs']!)}: ${(s['protobufjs']! / s['decode']!).toFixed(1)}x`,
      'goal 7x',
    );
    row(
      'decode and top vs gunzip',
      `${ms(s['decodeAndTop']!)}, ${ms(s['gunzip']!)}: ${(s['decodeAndTop']! / s['gunzip']!).toFixed(1)}x its cost`,
      'goal at most 5x',
    );

    const series = join(dir, 'profiles');
    mkdirSync(series);
    execFileSync(build('series'), [series, '300'], { stdio: 'inherit' });
    const files = readdirSync(series).map((f) => join(series, f));
    const size = statSync(files.at(-1)!).size;
    const merged = both(['-top', ...files]);
    ratio(`merge of 300 real heap profiles (${(size / 1024).toFixed(0)} KiB each)`, merged, 'goal 5x');
    row('  resident', `${mb(merged.ours.rss)} MiB, reference ${mb(merged.theirs.rss)}`, 'goal 150 MB');
    // Taken in turns, since what else the machine does changes from second to second.
    const one = ['-top', files.at(-1)!];
    const commands: [string, string[]][] = [
      [process.execPath, [cli, 'pprof', ...one]],
      [reference, ['-symbolize=none', ...one]],
      [process.execPath, ['-e', '0']],
    ];
    const turns = Array.from({ length: 15 }, () => commands.map(([program, argv]) => cost(program, argv, 1)));
    for (const what of ['wall', 'cpu'] as const) {
      const [ours, theirs, bare] = commands.map((_, i) => {
        const times = turns.map((turn) => turn[i]![what] * 1000).sort((x, y) => x - y);
        return times[Math.floor(times.length / 2)]!;
      });
      row(
        `-top of one of them, ${what === 'wall' ? 'wall' : 'CPU'} time, start included`,
        `${ms(ours!)}, reference ${ms(theirs!)}, node -e 0 ${ms(bare!)}`,
        what === 'wall' ? 'goal: not slower, or near node' : '',
      );
    }
    if (!args.includes('--quick')) {
      const huge = writeProfile(
        join(dir, 'frames-23m.pb.gz'),
        generate({ seed: 23, stacks: 500000, functions: 6000, depth: 92, types: [['samples', 'count']], walks: true }),
      );
      const c = cost(process.execPath, [cli, 'pprof', '-top', huge], 1);
      row('-top of 23 million frames', `${c.cpu.toFixed(1)} s CPU, ${mb(c.rss)} MiB resident`, 'goal below 1 GB');
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
