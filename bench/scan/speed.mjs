// node bench/scan/speed.mjs — how long `facts scan ./...` takes on a large module: cold beside `go vet` in the same run, again
// without a change, and again after a change of one line in a package picked at random. Each with CPU-seconds of all that it
// starts (wall time means little on a busy machine) and the memory of its largest process. Needs Go and GNU time.
//   --module k8s.io/client-go@v0.37.2    --changes 20    --seed 1    --no-vet    --dir DIR (a writable copy, instead of --module)
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    module: { type: 'string', default: 'k8s.io/client-go@v0.37.2' },
    dir: { type: 'string' },
    changes: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    'no-vet': { type: 'boolean', default: false },
  },
});
const GOALS = { secondRunSeconds: 10, peakMegabytes: 500, timesVet: 3 };
const root = fileURLToPath(new URL('../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'scan-speed-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

function must(command, args, cwd, env = {}) {
  const done = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 << 20,
    env: { ...process.env, ...env },
  });
  if (done.status !== 0) {
    console.error(`${command} ${args.join(' ')}: ${done.error?.message ?? done.stderr}`);
    process.exit(2);
  }
  return done.stdout;
}

/** Runs under GNU time: seconds of wall and CPU, megabytes of the largest process of the tree. */
function timed(command, args, cwd) {
  const file = join(work, 'time');
  const done = spawnSync('time', ['-o', file, '-f', '%e %U %S %M', command, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 << 20,
  });
  if (done.error) {
    console.error(`GNU time is needed: ${done.error.message}`);
    process.exit(2);
  }
  const [wall, user, system, kilobytes] = readFileSync(file, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system, megabytes: kilobytes / 1024, status: done.status, stderr: done.stderr };
}

const facts = join(work, 'facts');
must('go', ['build', '-o', facts, '.'], join(root, 'go/facts'));

let module = options.dir;
if (!module) {
  mkdirSync(join(work, 'empty'));
  const { Dir } = JSON.parse(
    must('go', ['mod', 'download', '-json', options.module], join(work, 'empty'), { GOFLAGS: '-mod=mod' }),
  );
  module = join(work, 'module');
  cpSync(Dir, module, { recursive: true });
  must('chmod', ['-R', 'u+w', module], work);
}
must('go', ['mod', 'tidy', '-e'], module, { GOFLAGS: '-mod=mod' });

const packages = must('go', ['list', '-f', '{{.Dir}}\t{{range .GoFiles}}{{.}} {{end}}', './...'], module)
  .trim()
  .split('\n')
  .map((line) => line.split('\t'))
  .map(([dir, files]) => ({ dir, files: (files ?? '').trim().split(' ').filter(Boolean) }))
  .filter((p) => p.files.length > 0);
const lineCount = (dir) =>
  readdirSync(dir)
    .filter((f) => f.endsWith('.go'))
    .reduce((n, f) => n + readFileSync(join(dir, f), 'utf8').split('\n').length - 1, 0);
const lines = packages.reduce((n, p) => n + lineCount(p.dir), 0);
console.log(`${options.dir ?? options.module}: ${packages.length} packages, ${lines} lines with tests`);
console.error('compiling (not counted) …');
must('go', ['build', './...'], module);

const cache = join(work, 'cache');
const report = (name, t, more = '') =>
  console.log(
    `${name.padEnd(34)} ${t.wall.toFixed(1).padStart(7)} s wall ${t.cpu.toFixed(1).padStart(7)} CPU-s ${t.megabytes.toFixed(0).padStart(5)} MB ${more}`,
  );
const scan = () => {
  const t = timed(facts, ['scan', '-cache', cache, '-o', join(work, 'scan.json'), './...'], module);
  if (t.status !== 0 && t.status !== 3) {
    console.error(t.stderr);
    process.exit(2);
  }
  return { ...t, told: t.stderr.trim().split('\n').at(-1) ?? '' };
};

// A name that no printf wrapper has makes the flags new, so vet looks at everything again without compiling again.
const vet = options['no-vet'] ? null : timed('go', ['vet', `-printf.funcs=none${process.pid}`, './...'], module);
if (vet) report('go vet, cold', vet);
const cold = scan();
report(
  'scan, cold',
  cold,
  vet ? `${(cold.cpu / vet.cpu).toFixed(2)}x the CPU of vet, ${(cold.wall / vet.wall).toFixed(2)}x its time` : '',
);
const again = scan();
report('scan, nothing changed', again);

let state = Number(options.seed) >>> 0 || 1;
const random = (below) => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
};
const runs = [];
for (let n = 0; n < Number(options.changes); n++) {
  const { dir, files } = packages[random(packages.length)];
  const file = join(dir, files[random(files.length)]);
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, `${before}\nfunc tidemarkSpeed${n}() int { return ${n} }\n`);
  const t = scan();
  writeFileSync(file, before);
  runs.push(t);
  report(`  one line in ${dir.slice(module.length + 1) || '.'}`.slice(0, 34), t, t.told);
}
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const second = { wall: median(runs.map((r) => r.wall)), cpu: median(runs.map((r) => r.cpu)) };
const peak = Math.max(cold.megabytes, again.megabytes, ...runs.map((r) => r.megabytes));
const verdict = (good) => (good ? 'ok' : 'MISSED');
console.log(
  `\nsecond run after one line: median ${second.wall.toFixed(1)} s, ${second.cpu.toFixed(1)} CPU-s; goal ${GOALS.secondRunSeconds} s: ${verdict(second.wall < GOALS.secondRunSeconds)}`,
);
console.log(
  `largest process: ${peak.toFixed(0)} MB; goal ${GOALS.peakMegabytes} MB: ${verdict(peak < GOALS.peakMegabytes)}`,
);
if (vet) {
  console.log(
    `cold: ${(cold.cpu / vet.cpu).toFixed(2)}x go vet in CPU; goal ${GOALS.timesVet}x: ${verdict(cold.cpu / vet.cpu <= GOALS.timesVet)}`,
  );
}
