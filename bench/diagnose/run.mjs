// npm run bench:diagnose — every program of go/leaky and its fixed twin, watched for at most 60 s at the default sampling rate:
// are leaks named at the right function, and is the rest left in peace?
//
//   --only a,b      these subjects alone          --jobs N     programs at once (default 6)
//   --for 60s       time of watching              --kinds leak,fixed,quiet
//   --replay        judge the captures of the last run again, without running anything
//   --repeat N      quiet runs N times, with other seeds (default 1)
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startProgram } from '../../scripts/program.mjs';
import { buildLeaky, diagnose, subjectsOf } from '../leaky.mjs';
import { score, summary } from './score.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, '.cache/bench-diagnose');
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    jobs: { type: 'string', default: '6' },
    for: { type: 'string', default: '60s' },
    kinds: { type: 'string', default: 'leak,fixed,quiet' },
    replay: { type: 'boolean', default: false },
    repeat: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
});

/** One run a leak and load, its fixed twin, and every load of a quiet subject. */
function plan(programs) {
  const only = options.only?.split(',');
  const kinds = options.kinds.split(',');
  const runs = [];
  for (const binary of programs) {
    for (const subject of subjectsOf(binary)) {
      if (only && !only.includes(subject.name)) continue;
      for (const load of subject.loads) {
        const add = (kind, seed, extra = []) =>
          kinds.includes(kind) &&
          runs.push({ id: `${subject.name}-${kind}-${load.name}-${seed}`, kind, binary, subject, load, seed, extra });
        if (subject.kind === 'leak') {
          add('leak', 1);
          if (load.name !== 'small') add('fixed', 1, ['--fixed']);
        } else for (let seed = 1; seed <= Number(options.repeat); seed++) add('quiet', seed);
      }
    }
  }
  return runs;
}

/** Starts the program, watches it with the real command, and gives the report. */
async function watch(run) {
  const folder = join(cache, 'captures', run.id);
  rmSync(folder, { recursive: true, force: true });
  const args = [
    'run',
    run.subject.name,
    '--load',
    run.load.name,
    '--seed',
    String(run.seed),
    '--parent-watch',
    ...run.extra,
  ];
  const program = await startProgram(run.binary, args);
  try {
    return await diagnose([program.address, '--for', options.for, '--evidence', folder]);
  } finally {
    program.stop();
  }
}

const programs = buildLeaky(cache);
const runs = plan(programs);
const results = [];
let at = 0;
const started = Date.now();
async function worker(delayMs) {
  await new Promise((resolve) => setTimeout(resolve, delayMs)); // starts apart, so that looks do not fall together
  while (at < runs.length) {
    const run = runs[at++];
    let report;
    let error;
    try {
      report = options.replay ? await diagnose([join(cache, 'captures', run.id)]) : await watch(run);
    } catch (e) {
      error = e.message;
    }
    const result = { run, report, error, ...score(run, report, error) };
    results.push(result);
    process.stderr.write(
      `[${results.length}/${runs.length} ${((Date.now() - started) / 1000).toFixed(0)} s] ${result.mark} ${run.id}: ${result.says}\n`,
    );
  }
}
const jobs = options.replay ? 2 : Number(options.jobs);
await Promise.all(Array.from({ length: jobs }, (_, i) => worker(options.replay ? 0 : i * 1500)));
results.sort((a, b) => a.run.id.localeCompare(b.run.id));
writeFileSync(
  join(cache, 'results.json'),
  JSON.stringify(
    results.map(({ run, says, mark, outcome }) => ({ id: run.id, outcome, mark, says })),
    null,
    1,
  ),
);
console.log(summary(results));
