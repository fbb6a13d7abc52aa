// node bench/growth/fit.mjs [--count 4000] [--seed 31000] — fits the trees of packages/growth/src/fleet/belief.ts on services of our own simulator
// and writes forest.ts. Never on the given services. Build first. The threshold is set on scores of folds that were left out.
//
//   --cached   use what the last run has measured        --more   measure --count more services of --seed, beside what earlier runs have kept
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { firstPoints, serviceFeatures } from '@tidemark/growth';
import { boost, logOdds } from './boost.mjs';
import { LOOKS, services } from './data.mjs';
import { online, thresholdFor } from './score.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '4000' },
    seed: { type: 'string', default: '31000' },
    cached: { type: 'boolean', default: false },
    more: { type: 'boolean', default: false },
    trees: { type: 'string', default: '150' },
    /** Share of quiet services that may be alarmed at any look. */
    rate: { type: 'string', default: '0.035' },
  },
});
const cache = join(root, '.cache/bench-growth-features.json');

async function collect() {
  const all = (options.cached || options.more) && existsSync(cache) ? JSON.parse(readFileSync(cache, 'utf8')) : [];
  if (options.cached && all.length > 0) return all;
  for await (const { service, truth } of services({ count: Number(options.count), seed: Number(options.seed) })) {
    const looks = LOOKS.map((look) => ({
      look,
      ...serviceFeatures(firstPoints(service, Math.floor(service.points * look))),
    }));
    all.push({ truth, looks });
    if (all.length % 100 === 0) process.stderr.write(`${all.length} services\n`);
  }
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(cache, JSON.stringify(all));
  return all;
}

/** One forest for all channels (the channel is a feature). Left out are leaks of another kind where they show in a channel as well. */
function forestOf(all) {
  const x = [];
  const y = [];
  const group = [];
  for (const [i, { truth, looks }] of all.entries())
    for (const { look, channels } of looks)
      for (const [kind, values] of Object.entries(channels)) {
        if (!values) continue;
        const begun = truth.leak && truth.onsetHours < truth.hours * look;
        if (begun && truth.kind !== kind && kind !== 'goroutine') continue;
        x.push(values);
        y.push(begun && truth.kind === kind ? 1 : 0);
        group.push(i);
      }
  return boost(x, y, group, { trees: Number(options.trees) });
}

const score = (forest, { channels, debt }) =>
  Math.max(-99, ...Object.values(channels).map((values) => (values ? logOdds(forest, values) - debt : -99)));

const all = await collect();
const left = [];
const FOLDS = 5;
for (let k = 0; k < FOLDS; k++) {
  const forest = forestOf(all.filter((_, i) => i % FOLDS !== k));
  for (const one of all.filter((_, i) => i % FOLDS === k))
    left.push({ truth: one.truth, looks: one.looks.map((l) => ({ look: l.look, score: score(forest, l) })) });
}
const leakAt = thresholdFor(left, Number(options.rate));
const { f1, precision, recall, falseAlarmRate, bigRecall, delay } = online(left, leakAt);
console.log(
  `left-out folds: F1 ${f1.toFixed(3)} P ${precision.toFixed(3)} R ${recall.toFixed(3)} false alarms ${falseAlarmRate.toFixed(3)} R of ≥ 20 % ${bigRecall.toFixed(3)} delay ${delay.toFixed(2)} of the window`,
);
const { start, trees } = forestOf(all);
const number = (v) => String(Number(v.toPrecision(4)));
const list = (values) => `[${values.map(number).join(', ')}]`;
writeFileSync(
  join(root, 'packages/growth/src/fleet/forest.ts'),
  `// Written by: node bench/growth/fit.mjs. Do not edit.
// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: fitted, not meant
interface Tree {
  /** Number of a feature (features.ts) at each split; the first split is the root. */
  readonly feature: readonly number[];
  /** Smaller values go on to less, others to more: a split, or below 0 the leaf −1 − number. */
  readonly below: readonly number[];
  readonly less: readonly number[];
  readonly more: readonly number[];
  /** What is added to the log odds. */
  readonly leaf: readonly number[];
}

/** Log odds before anything is known, and what each tree adds. */
export const FOREST: { readonly start: number; readonly trees: readonly Tree[] } = {
  start: ${number(start)},
  // biome-ignore format: generated
  trees: [
${trees.map((t) => `    { feature: ${list(t.feature)}, below: ${list(t.below)}, less: ${list(t.less)}, more: ${list(t.more)}, leaf: ${list(t.leaf)} },`).join('\n')}
  ],
};

/** Log odds above which a service is said to leak: about ${Math.round(Number(options.rate) * 1000) / 10} of 100 simulated services without a leak reach it at any of five looks. */
export const LEAK_AT = ${leakAt.toFixed(2)};
`,
);
