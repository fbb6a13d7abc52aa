// A simulator of our own, apart from the one that made the given services: a service's memory as Go reports it, with a leak or without, and
// with what makes memory move though nothing leaks. Used to set thresholds, to test on data nobody tuned to, and where the given data is absent.
//
//   node bench/growth/simulate.mjs FOLDER [--count 400] [--seed 1]      writes services.ndjson.gz and truth.json
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { random } from './random.mjs';

const WINDOWS = [
  { hours: 6, stepSeconds: 30 },
  { hours: 24, stepSeconds: 120 },
  { hours: 24, stepSeconds: 120 },
  { hours: 72, stepSeconds: 300 },
  { hours: 168, stepSeconds: 600 },
];

/** One service: {document, truth, ideal}. `ideal` holds what only the simulator knows (live heap without noise …) for the oracle. */
export function simulateService(seed, name = `sim-${seed}`, fixed = {}) {
  const r = random(seed * 7919 + 17);
  const { hours, stepSeconds } = fixed.window ?? r.pick(WINDOWS);
  const stepHours = stepSeconds / 3600;
  const points = Math.round(hours / stepHours);
  const podCount = fixed.pods ?? r.pick([1, 2, 2, 3, 3, 4]);
  const base = r.logBetween(1e7, 2e9);
  const has = (p) => r.chance(p);
  const on = {
    diurnal: has(0.6),
    traffic_trend: has(0.18),
    warmup: has(0.5),
    step: has(0.32),
    deploy: has(0.58),
    periodic_purge: has(0.12),
    pagecache: has(0.25),
  };
  const deploys = on.deploy
    ? Array.from({ length: r.pick([1, 1, 1, 2, 2, 3]) }, () => r.between(0.05, 0.95) * hours).sort((a, b) => a - b)
    : [];
  const leak = fixed.leak ?? has(0.5);
  const kind = leak ? (has(0.75) ? 'heap' : has(0.7) ? 'goroutine' : 'offheap') : 'none';
  // The leak was there before, or a deploy brings it, or it begins by itself.
  const onset = !leak ? null : has(0.26) ? 0 : r.between(0.15, 0.7) * hours;
  if (onset && has(0.55)) {
    on.deploy = true;
    deploys.push(onset);
    deploys.sort((a, b) => a - b);
  }
  const fraction = leak ? r.logBetween(0.001, 0.2) : 0;
  const bytesPerHour = fraction * base;
  const withLoad = leak && has(0.35);
  const onePod = leak && podCount > 1 && has(0.2);
  const leakingPods = leak
    ? onePod
      ? [Math.floor(r.uniform() * podCount)]
      : Array.from({ length: podCount }, (_, i) => i)
    : [];
  const gogc = r.pick([50, 100, 100, 100, 100, 200]);
  const g = gogc / 100;
  const loadShare = r.between(0.02, 0.55);
  // Live heap differs from one collection to the next (what is in flight), and what was in flight is partly still there a point later.
  const fast = r.logBetween(0.004, 0.055);
  const stays = r.between(0.05, 0.4);
  const slow = r.logBetween(0.004, 0.02);
  const slowHours = r.logBetween(0.8, 12);
  const warm = { size: on.warmup ? r.between(0.15, 1.2) : 0, tau: r.logBetween(0.25, 14) };
  const build = { size: r.between(0.1, 0.8), tau: r.logBetween(0.005, 0.12) };
  const steps = on.step
    ? Array.from({ length: r.pick([1, 1, 2]) }, () => ({
        at: r.between(0.05, 0.95) * hours,
        by: r.between(0.08, 0.5) * (has(0.7) ? 1 : -0.6),
      }))
    : [];
  const purge = on.periodic_purge ? { period: r.pick([6, 8, 12, 24]), size: r.between(0.05, 0.35) } : null;
  const diurnal = on.diurnal ? { size: r.between(0.15, 0.6), phase: r.between(0, 2 * Math.PI) } : null;
  const trend = on.traffic_trend ? r.between(-0.4, 0.7) : 0;
  const overhead = r.between(0.06, 0.14);
  const off = r.between(5e6, 4e7);
  const memoryLimit = Math.round(base * (1 + g) * (1 + warm.size) * r.between(1.3, 2.6) + off * 2);
  const goMemLimit = has(0.4) ? Math.round(memoryLimit * 0.9) : null;
  const restartEvery = has(0.4) ? r.between(0.15, 1.5) * hours : Number.POSITIVE_INFINITY;
  const goroutines0 = r.logBetween(350, 4000);
  const goroutineShare = r.between(0.05, 0.5);
  const goroutineBytes = r.between(3000, 12000);
  const garbage = base * r.logBetween(10, 2000);

  const common = { loadNoise: 0 };
  const load = Array.from({ length: points }, (_, i) => {
    const t = i * stepHours;
    common.loadNoise +=
      -common.loadNoise * Math.min(1, stepHours / 0.5) + 0.04 * Math.sqrt(Math.min(1, stepHours / 0.5)) * r.normal();
    return Math.max(
      0.05,
      (1 + (trend * t) / hours + (diurnal ? diurnal.size * Math.sin((2 * Math.PI * t) / 24 + diurnal.phase) : 0)) *
        (1 + common.loadNoise),
    );
  });
  const gaps = has(0.15)
    ? Array.from({ length: 2 }, () => ({ from: r.between(0, 0.95) * hours, long: r.between(0.01, 0.05) * hours }))
    : [];
  const ideal = [];
  let kills = 0;
  const pods = Array.from({ length: podCount }, (_, p) => {
    const factor = 1 + 0.018 * r.normal();
    const leaks = leakingPods.includes(p);
    const out = {
      instance: `pod-${p}`,
      heapAllocBytes: [],
      nextGcBytes: [],
      workingSetBytes: [],
      stackInuseBytes: [],
      goroutines: [],
      gcCycles: [],
      requestRate: [],
      startedAtHours: [],
    };
    const clean = new Float64Array(points);
    let started = has(0.6) ? -r.logBetween(0.05, 200) : 0;
    let cycles = Math.max(0, -started * 200);
    let collected = -1;
    let leaked = 0;
    let drift = slow * r.normal();
    let flight = fast * r.normal();
    let live = 0;
    let cache = on.pagecache ? r.between(0, 0.05) * base : 0;
    let nextRestart = restartEvery * -Math.log(1 - r.uniform());
    let high = 0;
    const rolling = deploys.map((at) => at + p * Math.max(stepHours, 0.003 * hours));
    for (let i = 0; i < points; i++) {
      const t = i * stepHours;
      const podLoad = load[i] * (1 + 0.02 * r.normal());
      const restart = rolling.some((at) => at > t - stepHours && at <= t) || t > nextRestart;
      if (restart || started > t) {
        started = t - stepHours * r.uniform() * 0.5;
        leaked = 0;
        if (has(0.6)) cache = 0;
        cycles = 0;
        collected = -1;
        high = 0;
        if (t > nextRestart) nextRestart = t + restartEvery * -Math.log(1 - r.uniform());
      }
      const age = t - started;
      if (leaks && t >= onset) leaked += bytesPerHour * stepHours * (withLoad ? podLoad : 1);
      const k = Math.min(1, stepHours / slowHours);
      drift += -drift * k + slow * Math.sqrt(2 * k) * r.normal();
      let level = base * factor * (1 - loadShare + loadShare * load[i]);
      for (const step of steps) if (t >= step.at) level += step.by * base;
      level += warm.size * base * (1 - Math.exp(-age / warm.tau));
      if (purge) level += purge.size * base * Math.min((t % purge.period) / purge.period, age / purge.period);
      level *= 1 + drift;
      level *= 1 - build.size * Math.exp(-age / build.tau);
      const extraGoroutines = leaks && kind === 'goroutine' ? leaked / goroutineBytes : 0;
      const goroutines =
        (goroutines0 * (1 - goroutineShare + goroutineShare * podLoad) + extraGoroutines) * (1 + 0.05 * r.normal());
      const stack = goroutines * goroutineBytes * 0.4;
      const heapLeak = kind === 'heap' ? leaked : kind === 'goroutine' ? leaked * 0.6 : 0;
      clean[i] = level + heapLeak;
      // What the goal shows is live heap at the last collection: where the process hardly allocates, an old one.
      if (live === 0 || restart || Math.floor(cycles) > collected) {
        flight = stays * flight + Math.sqrt(1 - stays ** 2) * fast * r.normal();
        live = Math.max(1e6, (level + heapLeak) * (1 + flight));
        collected = Math.floor(cycles);
      }
      let next = live * (1 + g) + stack * g;
      if (goMemLimit) next = Math.max(live * 1.05, Math.min(next, goMemLimit - stack - off - overhead * next));
      next = Math.max(next, 4 << 20);
      cycles += Math.max(0, (garbage * stepHours * podLoad) / (next - live));
      high = Math.max(next, high - (high - next) * Math.min(1, stepHours / 0.2));
      if (on.pagecache && r.chance(Math.min(0.5, stepHours / (hours * 0.06)))) cache += base * r.between(-0.01, 0.04);
      const ws = high * (1 + overhead) + stack + off + cache + (kind === 'offheap' ? leaked : 0);
      const seen =
        !gaps.some((gap) => t >= gap.from && t < gap.from + gap.long) &&
        !(restart && r.chance(0.3)) &&
        !r.chance(0.005);
      const put = (name, value) => out[name].push(seen ? Number(value.toPrecision(5)) : null);
      put('heapAllocBytes', live + (next - live) * r.uniform());
      put('nextGcBytes', next);
      put('workingSetBytes', ws);
      put('stackInuseBytes', stack);
      put('goroutines', Math.round(goroutines));
      put('gcCycles', Math.floor(cycles));
      out.requestRate.push(seen ? Number(podLoad.toPrecision(5)) : null);
      put('startedAtHours', started);
      if (ws > memoryLimit) {
        kills++;
        started = t + stepHours * 1.2; // the next point sees the new process
      }
    }
    ideal.push(clean);
    return out;
  });
  return {
    document: {
      schemaVersion: 1,
      service: name,
      stepSeconds,
      points,
      gogc,
      goMemLimitBytes: goMemLimit,
      memoryLimitBytes: memoryLimit,
      deploysAtHours: deploys,
      pods,
    },
    truth: {
      service: name,
      hours,
      leak,
      kind,
      onsetHours: onset,
      bytesPerHour,
      fractionPerHour: fraction,
      growsWithLoad: withLoad,
      pods: onePod ? 'one' : 'all',
      addedFraction: leak ? fraction * (hours - onset) : 0,
      confounders: Object.keys(on).filter((k) => on[k]),
      leakingPods,
      kills,
    },
    ideal: { live: ideal, base, fast, slow, slowHours, load },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { count: { type: 'string', default: '400' }, seed: { type: 'string', default: '1' } },
  });
  const folder = positionals[0];
  if (!folder) {
    console.error('usage: node bench/growth/simulate.mjs FOLDER [--count 400] [--seed 1]');
    process.exit(2);
  }
  const made = Array.from({ length: Number(values.count) }, (_, i) =>
    simulateService(Number(values.seed) * 100_003 + i),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'services.ndjson.gz'),
    gzipSync(made.map((m) => `${JSON.stringify(m.document)}\n`).join(''), { level: 1 }),
  );
  writeFileSync(join(folder, 'truth.json'), JSON.stringify(made.map((m) => m.truth)));
}
