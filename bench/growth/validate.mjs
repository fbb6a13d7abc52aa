// node bench/growth/validate.mjs [--minutes 5] [--subjects lru-full,churn] [--json] — is the simulator's memory shaped like that of real Go programs?
// Runs subjects of go/leaky side by side, reads live heap, goroutines and resident size once a second, and prints each measure of shape.mjs beside
// the range that simulated processes show (from their start on, without a leak). `*`: outside of what 9 of 10 of these show.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startProgram } from '../../scripts/program.mjs';
import { buildLeaky } from '../leaky.mjs';
import { quantile, shapeOf } from './shape.mjs';
import { simulateService } from './simulate.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    subjects: {
      type: 'string',
      default: 'lru-full,ttl-cache,churn,pool-bursty,map-deletes,batch,cache-warms,sse,long-poll,load-step',
    },
    simulated: { type: 'string', default: '80' },
    json: { type: 'boolean', default: false },
  },
});
const SECOND = 1000;
const PAGE_BYTES = 4096;

const folder = join(root, '.cache/bench-growth-leaky');
const [binary] = buildLeaky(folder, ['leaky']);

/** One subject from its start on, a sample a second. */
async function watch(subject) {
  const series = { heapAlloc: [], nextGc: [], stacks: [], outside: [], goroutines: [], gcCycles: [] };
  const args = ['run', subject, '--load', 'high', '--parent-watch'];
  const { address, child, stop } = await startProgram(binary, args, { stderr: 'inherit' });
  try {
    const samples = Math.round(Number(options.minutes) * 60);
    const begun = performance.now();
    for (let i = 0; i < samples; i++) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, begun + i * SECOND - performance.now())));
      const { memstats } = await (await fetch(`${address}/debug/vars`)).json();
      const goroutines = await (await fetch(`${address}/debug/pprof/goroutine?debug=1`)).text();
      series.heapAlloc.push(memstats.HeapAlloc);
      series.nextGc.push(memstats.NextGC);
      series.stacks.push(memstats.StackInuse);
      series.gcCycles.push(memstats.NumGC);
      series.goroutines.push(Number(/total (\d+)/.exec(goroutines)?.[1] ?? Number.NaN));
      series.outside.push(PAGE_BYTES * Number(readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ')[1]));
    }
  } finally {
    stop();
    await new Promise((resolve) =>
      child.exitCode === null && child.signalCode === null ? child.once('close', resolve) : resolve(),
    );
  }
  return series;
}

/** The first process of each pod that starts within the window, of services without a leak. */
function simulated(count) {
  const shapes = [];
  for (let seed = 1; seed <= count; seed++) {
    const { document } = simulateService(seed, undefined, { leak: false });
    for (const pod of document.pods) {
      if (Math.abs(pod.startedAtHours[0]) > 1e-9) continue;
      const of = pod.startedAtHours
        .map((_, i) => i)
        .filter((i) => pod.startedAtHours[i] === pod.startedAtHours[0] && pod.nextGcBytes[i]);
      if (of.length < 100) continue;
      const column = (name) => of.map((i) => pod[name][i]);
      shapes.push(
        shapeOf(
          {
            heapAlloc: column('heapAllocBytes'),
            nextGc: column('nextGcBytes'),
            stacks: column('stackInuseBytes'),
            outside: column('workingSetBytes'),
            goroutines: column('goroutines'),
            gcCycles: column('gcCycles'),
          },
          document.gogc,
        ),
      );
    }
  }
  return shapes;
}

const shapes = simulated(Number(options.simulated));
const names = Object.keys(shapes[0]);
const range = Object.fromEntries(
  names.map((name) => [
    name,
    [0.05, 0.5, 0.95].map((p) =>
      quantile(
        shapes.map((s) => s[name]),
        p,
      ),
    ),
  ]),
);
const subjects = options.subjects.split(',');
const seen = await Promise.all(subjects.map(async (subject) => ({ subject, shape: shapeOf(await watch(subject)) })));

if (options.json) console.log(JSON.stringify({ simulated: range, seen }, null, 2));
else {
  const text = (x) => (Number.isFinite(x) ? Number(x.toPrecision(2)).toString() : '–');
  console.log(`${shapes.length} simulated processes; ${subjects.length} programs, ${options.minutes} minutes each\n`);
  console.log(
    `| measure | simulated 5 · 50 · 95 % | ${subjects.join(' | ')} |\n| --- | --- |${' --- |'.repeat(subjects.length)}`,
  );
  for (const name of names) {
    const [low, , high] = range[name];
    const cells = seen.map(({ shape }) => `${text(shape[name])}${shape[name] < low || shape[name] > high ? ' *' : ''}`);
    console.log(`| ${name} | ${range[name].map(text).join(' · ')} | ${cells.join(' | ')} |`);
  }
}
