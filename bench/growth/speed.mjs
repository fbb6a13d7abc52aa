// node bench/growth/speed.mjs [--services 1000] — 1,000 services × 4 pods × 7 days at 60 s as typed arrays, judged on two cores: seconds and memory.
// Columns are made by the simulator before the clock starts, a few distinct services in turn. Build first.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { judgeService, readService } from '@tidemark/growth';
import { simulateService } from './simulate.mjs';

if (isMainThread) {
  const { values } = parseArgs({
    options: { services: { type: 'string', default: '1000' }, cores: { type: 'string', default: '2' } },
  });
  const total = Number(values.services);
  const cores = Number(values.cores);
  const parts = await Promise.all(
    Array.from({ length: cores }, (_, i) => {
      const worker = new Worker(fileURLToPath(import.meta.url), {
        workerData: { count: Math.ceil(total / cores), seed: i * 1000 },
      });
      return new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    }),
  );
  const seconds = Math.max(...parts.map((p) => p.seconds));
  console.log(
    `${total} services × 4 pods × 10,080 points on ${cores} cores: ${seconds.toFixed(1)} s (goal 60 s), ${((1000 * cores * seconds) / total).toFixed(1)} ms of a core each; ` +
      `heap in use after a tenth ${(Math.max(...parts.map((p) => p.early)) / 1e6).toFixed(0)} MB, at the end ${(Math.max(...parts.map((p) => p.late)) / 1e6).toFixed(0)} MB a worker`,
  );
} else {
  const { count, seed } = workerData;
  const distinct = Array.from({ length: 8 }, (_, i) =>
    readService(simulateService(seed + i, undefined, { window: { hours: 168, stepSeconds: 60 }, pods: 4 }).document),
  );
  const used = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const started = performance.now();
  let early = 0;
  for (let i = 0; i < count; i++) {
    judgeService(distinct[i % distinct.length]);
    if (i === Math.floor(count / 10)) early = used();
  }
  parentPort.postMessage({ seconds: (performance.now() - started) / 1000, early, late: used() });
}
