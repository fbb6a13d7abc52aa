// npm run bench:sdk — does a service get the same verdict through go/tidemark as through net/http/pprof? Each program of
// go/leaky (leaks at their default load, their fixed twins, quiet ones) is one process with both doors open; two
// `tidemark diagnose` watch it at the same time, one through each.
//
//   --only a,b      these subjects alone          --jobs N     programs at once (default 4)
//   --for 45s       time of watching              --kinds leak,fixed,quiet
//   --repeat N      each N times                  --control    both through net/http/pprof: how far two watchers agree
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startProgram } from '../../scripts/program.mjs';
import { agreement, row } from './agreement.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'packages/tidemark/dist/cli.js');
const cache = join(root, '.cache/bench-sdk');
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    jobs: { type: 'string', default: '4' },
    for: { type: 'string', default: '45s' },
    kinds: { type: 'string', default: 'leak,fixed,quiet' },
    repeat: { type: 'string', default: '1' },
    control: { type: 'boolean', default: false },
  },
});

function build() {
  mkdirSync(cache, { recursive: true });
  return [
    ['go/leaky', './cmd/leaky'],
    ['go/leaky/ext', './cmd/leaky-ext'],
  ].map(([folder, main]) => {
    const binary = join(cache, main.split('/').at(-1));
    const built = spawnSync('go', ['build', '-o', binary, main], { cwd: join(root, folder), stdio: 'inherit' });
    if (built.status !== 0) process.exit(2);
    return binary;
  });
}

function plan(binary) {
  const only = options.only?.split(',');
  const kinds = options.kinds.split(',');
  const { subjects } = JSON.parse(spawnSync(binary, ['list', '--json'], { encoding: 'utf8' }).stdout);
  return subjects
    .filter(({ name }) => !only || only.includes(name))
    .flatMap(({ name, kind }) =>
      kind === 'leak'
        ? [
            { binary, name, kind: 'leak', extra: [] },
            { binary, name, kind: 'fixed', extra: ['--fixed'] },
          ]
        : [{ binary, name, kind: 'quiet', extra: [] }],
    )
    .filter(({ kind }) => kinds.includes(kind));
}

async function watch(run) {
  let program;
  try {
    program = await startProgram(run.binary, ['run', run.name, '--sdk', '--parent-watch', ...run.extra]);
    const doors = [program.address, options.control ? program.address : program.sdk];
    const [plain, sdk] = await Promise.all(doors.map(diagnose));
    return { run, plain, sdk };
  } catch (error) {
    return { run, error: error.message };
  } finally {
    program?.stop();
  }
}

function diagnose(address) {
  return new Promise((resolve, reject) => {
    const args = [cli, 'diagnose', address, '--for', options.for, '--evidence', 'none', '--json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', () => {
      try {
        resolve(JSON.parse(out));
      } catch {
        reject(new Error(`no report: ${err.slice(-300)}`));
      }
    });
  });
}

const runs = build()
  .flatMap(plan)
  .flatMap((run) => Array(Number(options.repeat)).fill(run));
const results = [];
let next = 0;
async function worker(delayMs) {
  await new Promise((resolve) => setTimeout(resolve, delayMs)); // starts apart, so that looks do not fall together
  while (next < runs.length) {
    const result = await watch(runs[next++]);
    results.push(result);
    process.stderr.write(`[${results.length}/${runs.length}] ${row(result)}\n`);
  }
}
await Promise.all(Array.from({ length: Number(options.jobs) }, (_, i) => worker(i * 2000)));
const summary = agreement(results);
writeFileSync(join(cache, 'results.txt'), `${results.map(row).sort().join('\n')}\n${summary.text}\n`);
console.log(summary.text);
process.exitCode = summary.failed > 0 ? 1 : 0;
