// npm run bench:dumps — the runtime's own dumps of 10k, 100k and 1M goroutines: goroutines a second against panicparse (the
// reader that Go developers have) in the same run, resident memory, and whether time grows with the size alone; then the same
// dump as log collectors write it, against the plain one.
//
//   --sizes 10000,100000,1000000     --peer-max 100000   larger ones are not given to panicparse (it needs 7 KB a goroutine)
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/bench-dumps', import.meta.url));
const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    'peer-max': { type: 'string', default: '100000' },
  },
});
mkdirSync(cache, { recursive: true });
const program = join(cache, 'dumps');
execFileSync('go', ['build', '-o', program, '.'], { cwd: here, stdio: 'inherit' });

/** Runs with the file on standard input or as an argument; the last line of its output is JSON. */
function run(command, args, input) {
  const fd = input ? openSync(input, 'r') : 'ignore';
  const result = spawnSync(command, args, { stdio: [fd, 'pipe', 'inherit'], encoding: 'utf8' });
  if (input) closeSync(fd);
  if (result.status !== 0) throw new Error(`${command} ended with ${result.status ?? result.signal}`);
  return JSON.parse(result.stdout.trim().split('\n').at(-1));
}

function makeDump(size) {
  const path = join(cache, `dump-${size}.txt`);
  if (existsSync(path) && statSync(path).size > 0) return path;
  const fd = openSync(path, 'w');
  const made = spawnSync(program, ['make', String(size)], { stdio: ['ignore', fd, 'inherit'] });
  closeSync(fd);
  if (made.status !== 0) throw new Error(`making ${size} goroutines failed`);
  return path;
}

const TIME = '2026-03-01T10:20:30.123456789Z';
/** What a collector makes of one line: CRI files (containerd, CRI-O) and Docker's json-file. */
const COLLECTORS = {
  'CRI lines': (line) => `${TIME} stderr F ${line}`,
  'JSON lines': (line) => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: TIME }),
};

function wrapDump(size, wrap, name) {
  const path = join(cache, `dump-${size}-${name.toLowerCase().replace(' ', '-')}.txt`);
  const lines = readFileSync(makeDump(size), 'utf8').trimEnd().split('\n');
  writeFileSync(path, `${lines.map(wrap).join('\n')}\n`);
  return path;
}

/** The best of several readings on both sides: what the machine does besides is not what is measured. */
const best = (runs) => runs.reduce((a, b) => (b.seconds < a.seconds ? b : a));
const format = (n) => Math.round(n).toLocaleString('en-US');

let failed = false;
const check = (ok, text) => {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${text}`);
  failed ||= !ok;
};
const rates = [];
console.log('goroutines       MB   tidemark g/s  (first reading)   RSS MiB   panicparse g/s   ratio');
for (const size of options.sizes.split(',').map(Number)) {
  const path = makeDump(size);
  const times = size > 200_000 ? 1 : 3;
  const ours = run(process.execPath, [join(here, 'read.mjs'), path, String(size > 200_000 ? 1 : 5)]);
  if (ours.goroutines !== size) check(false, `${ours.goroutines} of ${size} goroutines were read`);
  const peer =
    size <= Number(options['peer-max'])
      ? best(Array.from({ length: times }, () => run(program, ['panicparse'], path)))
      : null;
  if (peer && peer.goroutines !== size) check(false, `panicparse read ${peer.goroutines} of ${size}`);
  const rate = size / ours.seconds;
  const ratio = peer ? rate / (size / peer.seconds) : null;
  rates.push({ size, ratio, rssMiB: ours.rssMiB, coldRate: size / ours.coldSeconds });
  const cells = [
    format(size).padStart(10),
    (statSync(path).size / 1e6).toFixed(1).padStart(8),
    format(rate).padStart(14),
    `(${format(size / ours.coldSeconds)})`.padStart(16),
  ];
  cells.push(
    ours.rssMiB.toFixed(0).padStart(9),
    (peer ? format(size / peer.seconds) : '–').padStart(16),
    (ratio ? ratio.toFixed(1) : '–').padStart(7),
  );
  console.log(cells.join(' '));
}
const sizes = rates.map((row) => row.size);
const size = Math.max(...sizes.filter((one) => one <= 100_000), Math.min(...sizes));
const read = (path) => run(process.execPath, [join(here, 'read.mjs'), path, '5']);
const plain = read(makeDump(size));
console.log(
  `\n${format(size)} goroutines as a collector writes them, in times of the plain dump's ${plain.seconds.toFixed(2)} s`,
);
for (const [name, wrap] of Object.entries(COLLECTORS)) {
  const wrapped = read(wrapDump(size, wrap, name));
  if (wrapped.goroutines !== size) check(false, `${wrapped.goroutines} of ${size} goroutines were read from ${name}`);
  console.log(`${name.padEnd(12)} ${(wrapped.seconds / plain.seconds).toFixed(1)}`);
}
console.log();
const compared = rates.filter((row) => row.ratio !== null);
if (compared.length > 0) {
  const least = Math.min(...compared.map((row) => row.ratio));
  check(least >= 5, `at least 5 times panicparse's goroutines a second: ${least.toFixed(1)}`);
}
const largest = rates.at(-1);
check(largest.rssMiB < 150, `below 150 MiB at ${format(largest.size)} goroutines: ${largest.rssMiB.toFixed(0)}`);
// Start-up counts for small ones, so linear means: no slower per goroutine when there are more.
const slowdown = rates.length > 1 ? rates.at(-2).coldRate / largest.coldRate : 1;
check(
  slowdown < 1.5,
  `time grows no faster than the size: ${slowdown.toFixed(2)} times as long per goroutine at the largest`,
);
process.exit(failed ? 1 : 0);
