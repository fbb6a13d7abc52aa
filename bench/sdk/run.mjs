// npm run bench:sdk — does a service get the same verdict through go/tidemark as through net/http/pprof? Each program of
// go/leaky (leaks at their default load, their fixed twins, quiet ones) is one process with both doors open; two
// `tidemark diagnose` watch it at the same time, one through each.
//
//   --only a,b      these subjects alone          --jobs N     programs at once (default 4)
//   --for 45s       time of watching              --kinds leak,fixed,quiet
//   --repeat N      each N times                  --control    both through net/http/pprof: how far two watchers agree
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startProgram } from '../../scripts/program.mjs';
import { buildLeaky, diagnose, subjectsOf } from '../leaky.mjs';
import { agreement, row } from './agreement.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
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

function plan(binary) {
  const only = options.only?.split(',');
  const kinds = options.kinds.split(',');
  return subjectsOf(binary)
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
    const [plain, sdk] = await Promise.all(
      doors.map((door) => diagnose([door, '--for', options.for, '--evidence', 'none'])),
    );
    return { run, plain, sdk };
  } catch (error) {
    return { run, error: error.message };
  } finally {
    program?.stop();
  }
}

const runs = buildLeaky(cache)
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
