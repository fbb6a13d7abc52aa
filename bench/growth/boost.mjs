// Gradient boosted trees for the log odds of a yes (Friedman 2001; second-order leaves as in Chen and Guestrin 2016, grown best leaf first), on
// features cut into bins.
import { random } from './random.mjs';

const BINS = 64;
const LEAVES = 8;
/** A leaf holds at least so many rows; its value is shrunk by so much; a tree sees these shares of groups and of features. */
const LEAST_ROWS = 60;
const SHRINK = 5;
const GROUPS = 0.7;
const FEATURES = 0.4;

/**
 * `x`: rows of features, `y`: 0 or 1, `group`: whose row it is (rows of one group are drawn together). Gives {start, trees: [{feature, below, less,
 * more, leaf}]}: at split k, x[feature[k]] < below[k] goes on to less[k], else to more[k]; a number below 0 is the leaf −1 − number.
 */
export function boost(x, y, group, { trees: count = 150, rate = 0.1, seed = 1 } = {}) {
  const r = random(seed);
  const n = x.length;
  const limits = limitsOf(x);
  const bins = limits.map((of, f) => Uint8Array.from(x, (row) => of.filter((limit) => row[f] >= limit).length));
  const groups = [...new Set(group)];
  const yes = y.reduce((a, b) => a + b, 0);
  const start = Math.log(yes / (n - yes));
  const odds = new Float64Array(n).fill(start);
  const gradient = new Float64Array(n);
  const curvature = new Float64Array(n);
  const trees = [];
  for (let t = 0; t < count; t++) {
    const drawn = new Set(groups.filter(() => r.chance(GROUPS)));
    const rows = [];
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-odds[i]));
      gradient[i] = y[i] - p;
      curvature[i] = p * (1 - p);
      if (drawn.has(group[i])) rows.push(i);
    }
    const features = limits.map((_, f) => f).filter((f) => limits[f].length > 0 && r.chance(FEATURES));
    const tree = grow(rows, { bins, limits, features, gradient, curvature }, rate);
    if (tree.feature.length === 0) continue; // nothing that was drawn tells anything
    for (let i = 0; i < n; i++) odds[i] += leafOf(tree, x[i]);
    trees.push(tree);
  }
  return { start, trees };
}

/** Limits between the bins of each feature: quantiles of its values. */
function limitsOf(x) {
  return x[0].map((_, f) => {
    const sorted = Float64Array.from(x, (row) => row[f]).sort();
    const limits = new Set();
    for (let k = 1; k < BINS; k++) limits.add(sorted[Math.floor((k * sorted.length) / BINS)]);
    // Nothing is below the smallest value.
    limits.delete(sorted[0]);
    return [...limits];
  });
}

/** One tree: the leaf whose split brings most is split, until there are enough leaves or nothing brings anything. */
function grow(rows, data, rate) {
  const { bins, limits, gradient, curvature } = data;
  const leaves = [{ rows, split: bestSplit(rows, data), up: null }];
  const tree = { feature: [], below: [], less: [], more: [], leaf: [] };
  while (leaves.length < LEAVES) {
    const best = leaves.reduce((a, b) => (b.split.gain > a.split.gain ? b : a));
    if (!(best.split.gain > 0)) break;
    const { feature, bin } = best.split;
    const node = tree.feature.push(feature) - 1;
    tree.below.push(limits[feature][bin - 1]);
    if (best.up) best.up[0][best.up[1]] = node;
    leaves.splice(leaves.indexOf(best), 1);
    for (const [side, part] of [
      [tree.less, best.rows.filter((i) => bins[feature][i] < bin)],
      [tree.more, best.rows.filter((i) => bins[feature][i] >= bin)],
    ])
      leaves.push({ rows: part, split: bestSplit(part, data), up: [side, node] });
  }
  for (const { rows: part, up } of leaves) {
    let top = 0;
    let bottom = SHRINK;
    for (const i of part) {
      top += gradient[i];
      bottom += curvature[i];
    }
    const number = tree.leaf.push((rate * top) / bottom);
    if (up) up[0][up[1]] = -number;
  }
  return tree;
}

function bestSplit(rows, { bins, limits, features, gradient, curvature }) {
  const best = { gain: 0, feature: 0, bin: 0 };
  if (rows.length < 2 * LEAST_ROWS) return best;
  const top = new Float64Array(BINS);
  const bottom = new Float64Array(BINS);
  const count = new Uint32Array(BINS);
  for (const feature of features) {
    const bin = bins[feature];
    for (const sums of [top, bottom, count]) sums.fill(0);
    for (const i of rows) {
      const k = bin[i];
      top[k] += gradient[i];
      bottom[k] += curvature[i];
      count[k]++;
    }
    const whole = { top: top.reduce((a, b) => a + b, 0), bottom: bottom.reduce((a, b) => a + b, 0) };
    const left = { top: 0, bottom: 0, count: 0 };
    for (let k = 1; k <= limits[feature].length; k++) {
      left.top += top[k - 1];
      left.bottom += bottom[k - 1];
      left.count += count[k - 1];
      if (left.count < LEAST_ROWS || rows.length - left.count < LEAST_ROWS) continue;
      const gain =
        left.top ** 2 / (left.bottom + SHRINK) +
        (whole.top - left.top) ** 2 / (whole.bottom - left.bottom + SHRINK) -
        whole.top ** 2 / (whole.bottom + SHRINK);
      if (gain > best.gain) Object.assign(best, { gain, feature, bin: k });
    }
  }
  return best;
}

function leafOf({ feature, below, less, more, leaf }, row) {
  let node = 0;
  while (node >= 0) node = row[feature[node]] < below[node] ? less[node] : more[node];
  return leaf[-1 - node];
}

/** Log odds of one row. */
export function logOdds({ start, trees }, row) {
  let sum = start;
  for (const tree of trees) sum += leafOf(tree, row);
  return sum;
}
