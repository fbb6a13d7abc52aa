// npm run bench:growth — who leaks among services with known truth, judged at 20, 40, 60, 80 and 100 % of their window; the first alarm counts.
//
//   --data FOLDER     services.ndjson.gz and truth.json (default ../shared/data/growth beside the repository)
//   --simulated N     N services of our own simulator instead     --seed S  (default 9: not among the seeds of fit.mjs)
//   --json            the figures as one JSON document
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { firstPoints, judgeService, knownLeakError, normalQuantile, normalTail } from '@tidemark/growth';
import { CLASSICAL } from './classical.mjs';
import { LOOKS, services } from './data.mjs';
import { median, online, thresholdFor } from './score.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '../shared/data/growth') },
    simulated: { type: 'string' },
    seed: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
  },
});
const given = options.simulated === undefined && existsSync(join(options.data, 'services.ndjson.gz'));
const count = Number(options.simulated ?? 300);
if (!given && options.simulated === undefined)
  console.error(`no data in ${options.data}: ${count} services of our own simulator instead`);

const results = [];
let milliseconds = 0;
for await (const { service, truth } of services({
  folder: given ? options.data : undefined,
  count,
  seed: Number(options.seed),
})) {
  const looks = LOOKS.map((look) => {
    const part = firstPoints(service, Math.floor(service.points * look));
    const started = performance.now();
    const verdict = judgeService(part);
    milliseconds += performance.now() - started;
    // Log odds again, so that thresholds can be compared.
    const score = Math.log(verdict.confidence / Math.max(1e-12, 1 - verdict.confidence));
    return { look, verdict, score, classical: CLASSICAL.map((c) => c.score(part)) };
  });
  results.push({ truth, looks, oracle: truth.leak ? oraclePower(service, truth) : null });
  if (results.length % 50 === 0) process.stderr.write(`${results.length} services\n`);
}

/** The chance that whoever knows the leak's onset, pods, shape and all else but sizes sees it at 1 of 20 false alarms over the looks. */
function oraclePower(service, truth) {
  const ramp = {
    onsetHours: truth.onsetHours,
    pod: truth.leakingPods.length === service.pods.length ? null : truth.leakingPods[0],
    by: truth.growsWithLoad ? 'load' : 'time',
  };
  const error = knownLeakError(service, truth.kind === 'goroutine' ? 'heap' : truth.kind, ramp);
  const counted = truth.kind === 'goroutine' ? knownGoroutines(service, truth, ramp) : 0;
  if (error === null) return 0;
  return Math.max(counted, 1 - normalTail(truth.bytesPerHour / error - normalQuantile(0.05 / LOOKS.length)));
}

/** Goroutines are counted exactly and cost some KB each; the truth gives bytes only, so 8 KB are taken for one. */
function knownGoroutines(service, truth, ramp) {
  const error = knownLeakError(service, 'goroutine', ramp);
  return error ? 1 - normalTail(truth.bytesPerHour / 8000 / error - normalQuantile(0.05 / LOOKS.length)) : 0;
}

const shipped = online(results, 1, (l) => (l.verdict.verdict === 'leak' ? 1 : 0));
const tuned = folds(results, (l) => l.score);
const classical = CLASSICAL.map((c, i) => ({
  name: c.name,
  usual: online(results, c.usual, (l) => l.classical[i]),
  tuned: online(
    results,
    thresholdFor(results, 0.05, (l) => l.classical[i]),
    (l) => l.classical[i],
  ),
}));
const oracle = oracleScore(results);
const estimates = estimateQuality(results);

/** Threshold for 5 % set on four fifths, scored on the fifth: what a threshold that fits this data would bring. */
function folds(all, scoreOf) {
  const sum = { caught: 0, early: 0, alarmedQuiet: 0, leaks: 0, quiet: 0 };
  for (let k = 0; k < 5; k++) {
    const rest = all.filter((_, i) => i % 5 !== k);
    const part = online(
      all.filter((_, i) => i % 5 === k),
      thresholdFor(rest, 0.05, scoreOf),
      scoreOf,
    );
    for (const key of Object.keys(sum)) sum[key] += part[key];
  }
  const precision = sum.caught / Math.max(1, sum.caught + sum.early + sum.alarmedQuiet);
  const recall = sum.caught / Math.max(1, sum.leaks);
  return {
    ...sum,
    precision,
    recall,
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
    falseAlarmRate: sum.alarmedQuiet / Math.max(1, sum.quiet),
  };
}

function oracleScore(all) {
  const leaks = all.filter((r) => r.truth.leak);
  const caught = leaks.reduce((sum, r) => sum + r.oracle, 0);
  const quiet = all.length - leaks.length;
  const precision = caught / Math.max(1e-9, caught + 0.05 * quiet);
  const recall = caught / Math.max(1, leaks.length);
  const big = leaks.filter((r) => r.truth.addedFraction >= 0.2);
  return {
    precision,
    recall,
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
    bigRecall: big.reduce((sum, r) => sum + r.oracle, 0) / Math.max(1, big.length),
  };
}

/** Of leaks that were called so when the whole window was seen: error of the rate, and whether the interval holds it. */
function estimateQuality(all) {
  const errors = [];
  let covered = 0;
  let bigCovered = 0;
  let big = 0;
  let kinds = 0;
  let pods = 0;
  let judged = 0;
  for (const { truth, looks } of all) {
    if (!truth.leak) continue;
    const { verdict } = looks[looks.length - 1];
    const { interval95 } = verdict;
    const holds = interval95 && interval95[0] <= truth.bytesPerHour && truth.bytesPerHour <= interval95[1];
    if (truth.addedFraction >= 0.2) {
      big++;
      if (holds) bigCovered++;
    }
    if (verdict.verdict !== 'leak') continue;
    judged++;
    if (holds) covered++;
    if (verdict.kind === truth.kind) kinds++;
    if (verdict.pods.length === truth.leakingPods.length) pods++;
    errors.push(Math.abs(verdict.bytesPerHour / truth.bytesPerHour - 1));
  }
  return {
    judged,
    medianSlopeError: median(errors),
    within25: errors.filter((e) => e <= 0.25).length / Math.max(1, errors.length),
    coverage: covered / Math.max(1, judged),
    coverageOfAllBig: bigCovered / Math.max(1, big),
    rightKind: kinds / Math.max(1, judged),
    rightPods: pods / Math.max(1, judged),
  };
}

if (options.json)
  console.log(JSON.stringify({ services: results.length, shipped, tuned, oracle, classical, estimates }, null, 2));
else {
  const percent = (x) => `${(100 * x).toFixed(1)} %`.padStart(8);
  const line = (name, s) =>
    console.log(
      `${name.padEnd(44)} F1 ${s.f1.toFixed(3)}  P ${s.precision.toFixed(3)}  R ${s.recall.toFixed(3)}` +
        `${s.falseAlarmRate === undefined ? '' : `  false alarms ${percent(s.falseAlarmRate)}`}${s.early === undefined ? '' : `  before onset ${s.early}`}` +
        `${s.bigRecall === undefined ? '' : `  R of ≥ 20 % ${percent(s.bigRecall)}`}${s.delay >= 0 ? `  delay ${percent(s.delay)} of the window` : ''}`,
    );
  const { leaks, quiet } = shipped;
  console.log(
    `${results.length} services (${given ? options.data : `simulated, seed ${options.seed}`}): ${leaks} leak, ${quiet} do not; looks at ${LOOKS.map((l) => l * 100).join(', ')} %\n`,
  );
  line('tidemark, as shipped', shipped);
  line('tidemark, threshold for 5 % by five folds', tuned);
  line('oracle (knows the shape of the leak and all else)', oracle);
  for (const c of classical) {
    line(`${c.name}, usual threshold`, c.usual);
    line(`${c.name}, threshold for 5 % (on this data)`, c.tuned);
  }
  console.log(`\nF1 is ${percent(shipped.f1 / oracle.f1)} of the oracle's.`);
  const e = estimates;
  console.log(
    `Of ${e.judged} leaks named at the end: rate within 25 % in ${percent(e.within25)} (median error ${percent(e.medianSlopeError)}), interval holds the truth in ${percent(e.coverage)},` +
      ` of all leaks that added 20 % in ${percent(e.coverageOfAllBig)}; kind right in ${percent(e.rightKind)}, pods in ${percent(e.rightPods)}.`,
  );
  console.log(`${(milliseconds / results.length / LOOKS.length).toFixed(1)} ms a look.`);
}
