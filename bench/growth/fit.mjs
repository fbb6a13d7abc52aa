// node bench/growth/fit.mjs [--count 1500] [--seed 100] — fits the weights of packages/growth/src/fleet/belief.ts on services of our own simulator
// and writes weights.ts. Never on the given services. Build first. The threshold is set on scores of folds that were left out.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { firstPoints, serviceFeatures } from '@tidemark/growth';
import { LOOKS, services } from './data.mjs';
import { fitLogistic, logOdds } from './logistic.mjs';
import { online, thresholdFor } from './score.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '1500' },
    seed: { type: 'string', default: '100' },
    cached: { type: 'boolean', default: false },
    more: { type: 'boolean', default: false },
    ridge: { type: 'string', default: '1.5' },
    rate: { type: 'string', default: '0.04' },
  },
});
const KINDS = ['heap', 'goroutine', 'offheap'];
/** How much more a channel's own part of the weights is shrunk than the common part. */
const OWN_RIDGE = 4;
const cache = join(root, '.cache/bench-growth-features.json');

async function collect() {
  if (options.cached && existsSync(cache)) return JSON.parse(readFileSync(cache, 'utf8'));
  // --more adds other seeds to what an earlier run has kept.
  const all = options.more && existsSync(cache) ? JSON.parse(readFileSync(cache, 'utf8')) : [];
  for await (const { service, truth } of services({ count: Number(options.count), seed: Number(options.seed) })) {
    const looks = LOOKS.map((look) => ({
      look,
      features: serviceFeatures(firstPoints(service, Math.floor(service.points * look))),
    }));
    all.push({ truth, looks });
    if (all.length % 100 === 0) process.stderr.write(`${all.length} services\n`);
  }
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(cache, JSON.stringify(all));
  return all;
}

/** A channel's rows: leaks of another kind are left out where they show in this channel as well. */
function rowsOf(all, kind) {
  const x = [];
  const y = [];
  for (const { truth, looks } of all)
    for (const { look, features } of looks) {
      const one = features[kind];
      if (!one || !(one.slope > 0)) continue;
      const begun = truth.leak && truth.onsetHours < truth.hours * look;
      if (begun && truth.kind !== kind && kind !== 'goroutine') continue;
      x.push([1, ...one.values]);
      y.push(begun && truth.kind === kind ? 1 : 0);
    }
  return { x, y };
}

/** What speaks for a leak is much the same in every channel: weights common to all first, then each channel's own, shrunk towards them. */
function fitAll(all) {
  const rows = KINDS.map((kind) => rowsOf(all, kind));
  const marks = KINDS.map((_, k) => KINDS.slice(1).map((_, other) => (other + 1 === k ? 1 : 0)));
  const common = fitLogistic(
    rows.flatMap(({ x }, k) => x.map((row) => [...row, ...marks[k]])),
    rows.flatMap(({ y }) => y),
    Number(options.ridge),
  );
  const width = rows[0].x[0].length;
  return Object.fromEntries(
    KINDS.map((kind, k) => {
      const around = common.slice(0, width);
      if (k > 0) around[0] += common[width + k - 1];
      return [kind, fitLogistic(rows[k].x, rows[k].y, OWN_RIDGE * Number(options.ridge), around)];
    }),
  );
}

const scoreOf = (weights) => (look) =>
  Math.max(
    ...KINDS.map((kind) =>
      look.features[kind]?.slope > 0 ? logOdds(weights[kind], [1, ...look.features[kind].values]) : -99,
    ),
  );

const all = await collect();
const left = [];
for (let k = 0; k < 5; k++) {
  const weights = fitAll(all.filter((_, i) => i % 5 !== k));
  const score = scoreOf(weights);
  for (const one of all.filter((_, i) => i % 5 === k))
    left.push({ truth: one.truth, looks: one.looks.map((l) => ({ look: l.look, score: score(l) })) });
}
const leakAt = thresholdFor(left, Number(options.rate));
const { f1, precision, recall, falseAlarmRate, bigRecall } = online(left, leakAt);
console.log(
  `left-out folds: F1 ${f1.toFixed(3)} P ${precision.toFixed(3)} R ${recall.toFixed(3)} false alarms ${falseAlarmRate.toFixed(3)} R of ≥ 20 % ${bigRecall.toFixed(3)}`,
);
const weights = fitAll(all);
writeFileSync(
  join(root, 'packages/growth/src/fleet/weights.ts'),
  `// Written by: node bench/growth/fit.mjs. Do not edit.
// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: fitted, not meant
/** Intercept, then one weight a feature (features.ts), by channel. */
export const WEIGHTS = {
${KINDS.map((kind) => `  // biome-ignore format: generated\n  ${kind}: [${weights[kind].map((w) => w.toFixed(4)).join(', ')}],`).join('\n')}
} as const satisfies Record<string, readonly number[]>;

/** Log odds above which a service is said to leak: at most 1 of 20 simulated services without a leak reach it at any of five looks. */
export const LEAK_AT = ${leakAt.toFixed(2)};
`,
);
