// node bench/growth/speed.mjs [--services 1000] [--cores 2] — 1,000 services × 4 pods × 7 days at 60 s as typed arrays, judged: seconds, CPU and memory.
// Columns are made by the simulator before the clock starts, a few distinct services in turn; what it takes to read such a document is timed apart.
// As machines differ and are shared, CPU seconds and two yardsticks of the same run stand beside the wall clock: one pass that adds up every value,
// and Mann–Kendall with Theil–Sen over the same services. Build first.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { judgeService, readService } from '@tidemark/growth';
import { CLASSICAL } from './classical.mjs';
import { simulateService } from './simulate.mjs';

const POINTS = 10_080;
const PODS = 4;

if (isMainThread) {
  const { values } = parseArgs({
    options: { services: { type: 'string', default: '1000' }, cores: { type: 'string', default: '2' } },
  });
  const total = Number(values.services);
  const cores = Number(values.cores);
  const workers = Array.from(
    { length: cores },
    (_, i) =>
      new Worker(fileURLToPath(import.meta.url), { workerData: { count: Math.ceil(total / cores), seed: i * 1000 } }),
  );
  const answers = () =>
    Promise.all(workers.map((w) => new Promise((resolve, reject) => w.once('message', resolve).once('error', reject))));
  /** Every worker does one job; seconds of the wall and of CPU (all threads of this process). */
  const timed = async (job) => {
    const before = process.cpuUsage();
    const started = performance.now();
    const done = answers();
    for (const worker of workers) worker.postMessage(job);
    const parts = await done;
    const { user, system } = process.cpuUsage(before);
    return { parts, wall: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
  };
  await answers();
  await timed('warm');
  const decode = await timed('decode');
  const pass = await timed('pass');
  const peer = await timed('peer');
  const judge = await timed('judge');
  for (const worker of workers) await worker.terminate();
  const most = (name) => (Math.max(...judge.parts.map((p) => p[name])) / 1e6).toFixed(0);
  const perService = (seconds) => `${((1000 * seconds) / total).toFixed(1)} ms a service`;
  console.log(
    [
      `${total} services × ${PODS} pods × ${POINTS.toLocaleString('en')} points on ${cores} cores`,
      `judged          ${judge.wall.toFixed(1)} s (goal 60 s), ${judge.cpu.toFixed(1)} s of CPU, ${perService(judge.cpu)}`,
      `one pass        ${pass.cpu.toFixed(2)} s of CPU to add up every value: judging is ${(judge.cpu / pass.cpu).toFixed(1)} times that`,
      `Mann–Kendall    ${peer.cpu.toFixed(1)} s of CPU with Theil–Sen: judging is ${(judge.cpu / peer.cpu).toFixed(2)} times that`,
      `reading JSON    ${decode.cpu.toFixed(2)} s of CPU for ${decode.parts.length} parsed documents, ${((1000 * decode.cpu) / decode.parts.length).toFixed(0)} ms each (not counted above)`,
      `memory          ${most('early')} MB in use after a tenth, ${most('late')} MB at the end, a worker`,
    ].join('\n'),
  );
} else {
  const { count, seed } = workerData;
  const documents = Array.from(
    { length: 8 },
    (_, i) => simulateService(seed + i, undefined, { window: { hours: 168, stepSeconds: 60 }, pods: PODS }).document,
  );
  const distinct = documents.map((document) => readService(document));
  const text = JSON.stringify(documents[0]);
  documents.length = 0;
  const peer = CLASSICAL.find((c) => c.name.startsWith('Mann'));
  const used = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const jobs = {
    warm: () => {
      for (const service of distinct) judgeService(service);
    },
    decode: () => readService(JSON.parse(text)),
    pass: () => {
      let sum = 0;
      for (let i = 0; i < count; i++)
        for (const pod of distinct[i % distinct.length].pods)
          for (const column of Object.values(pod)) if (typeof column !== 'string') for (const v of column) sum += v;
      return sum;
    },
    peer: () => {
      for (let i = 0; i < count; i++) peer.score(distinct[i % distinct.length]);
    },
    judge: () => {
      let early = 0;
      for (let i = 0; i < count; i++) {
        judgeService(distinct[i % distinct.length]);
        if (i === Math.floor(count / 10)) early = used();
      }
      return { early, late: used() };
    },
  };
  parentPort.on('message', (job) => {
    const answer = jobs[job]();
    parentPort.postMessage(job === 'judge' ? answer : 'done');
  });
  parentPort.postMessage('ready');
}
