// npm run bench:goroutines — every program of go/leaky/goroutine, stuck and as its fixed twin: victims located, holder kind
// right, cause right, false alarms on twins; once from the dump alone, once with the facts of the build.
//
//   --only a,b      these programs alone           --verbose    a line a program
//   --fixtures      also write the dumps, without the program's own server, to the tests' testdata
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { parseDump } from '@tidemark/goroutine';
import { judgeDumps, readSyncFacts, SourceFacts } from '../../packages/tidemark/dist/index.js';
import { scoreCase, summary } from './score.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, '.cache/bench-goroutines');
const { values: options } = parseArgs({
  options: { only: { type: 'string' }, verbose: { type: 'boolean' }, fixtures: { type: 'boolean' } },
});
mkdirSync(cache, { recursive: true });
const suite = join(root, 'go/leaky/goroutine');
const program = join(cache, 'goroutines');
execFileSync('go', ['build', '-trimpath', '-o', program, './cmd/goroutines'], { cwd: suite, stdio: 'inherit' });
const factsProgram = join(cache, 'facts');
execFileSync('go', ['build', '-o', factsProgram, '.'], { cwd: join(root, 'go/facts'), stdio: 'inherit' });
const factsFile = join(cache, 'suite.facts.json');
execFileSync(factsProgram, ['build', '-o', factsFile, './cmd/goroutines'], { cwd: suite, stdio: 'ignore' });
const factsText = readFileSync(factsFile, 'utf8');
const facts = new SourceFacts(readSyncFacts(factsText, 'suite'));

/** Runs a program until it stands, and asks it for its dump. */
async function dumpOf(id, fixed) {
  const child = spawn(program, ['run', id, ...(fixed ? ['--fixed'] : [])], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    let said = '';
    const url = await new Promise((resolve, reject) => {
      child.stdout.on('data', (data) => {
        said += data;
        const match = /listening (\S+)\nready/.exec(said);
        if (match) resolve(match[1]);
      });
      child.on('close', (code) => reject(new Error(`${id} ended with ${code} before it stood`)));
    });
    return await (await fetch(`${url}/debug/pprof/goroutine?debug=2`)).text();
  } finally {
    child.removeAllListeners('close');
    child.stdin.end();
    await new Promise((resolve) => child.on('close', resolve));
  }
}

const only = options.only?.split(',');
const truths = JSON.parse(execFileSync(program, ['list', '--json'])).filter(
  (truth) => !only || only.includes(truth.id),
);
const modes = { 'dump alone': null, 'with facts': facts };
const rows = Object.fromEntries(Object.keys(modes).map((mode) => [mode, []]));
const kept = {};
for (const truth of truths) {
  const stuck = await dumpOf(truth.id, false);
  const twin = await dumpOf(truth.id, true);
  kept[truth.id] = { stuck: ownGoroutines(stuck), twin: ownGoroutines(twin) };
  for (const [mode, source] of Object.entries(modes)) {
    const judge = (text) => judgeDumps([{ dump: parseDump(text), capture: truth.id, atMs: null }], { facts: source });
    const { report, waits } = judge(stuck);
    rows[mode].push(scoreCase(truth, waits[0], report, judge(twin).report));
  }
}

for (const [mode, list] of Object.entries(rows)) {
  const total = summary(list);
  const share = (n, of = total.programs) => `${n}/${of} (${((100 * n) / of).toFixed(0)} %)`;
  console.log(`\n${mode}: ${total.programs} programs and as many twins`);
  console.log(`  victims located     ${share(total.victims)}`);
  console.log(`  holder kind right   ${share(total.holderKind)}`);
  console.log(`  cause right         ${share(total.cause)}`);
  console.log(`  holder's line right ${share(...total.holderPlace)} of those that have one`);
  console.log(`  called a leak       ${share(total.leaks)}`);
  console.log(`  false alarms        ${total.alarms} on twins (and ${total.undecided} undecided)`);
  for (const row of list) {
    const wrong = !row.victims || !row.holderKind || !row.cause || row.alarms.length > 0;
    if (options.verbose || (wrong && mode === 'with facts')) {
      const marks = `${row.victims ? 'V' : '-'}${row.holderKind ? 'H' : '-'}${row.cause ? 'C' : '-'}`;
      console.log(
        `    ${marks} ${row.id.padEnd(24)} ${row.truth.padEnd(26)} ${row.said.join('; ') || 'nothing said'} ${row.alarms.join('; ')}`,
      );
    }
  }
}
if (options.fixtures) {
  const folder = join(root, 'packages/tidemark/testdata/goroutine-suite');
  mkdirSync(folder, { recursive: true });
  const pack = (name, value) => writeFileSync(join(folder, name), gzipSync(JSON.stringify(value), { level: 9 }));
  pack('dumps.json.gz', kept);
  pack('truth.json.gz', truths);
  writeFileSync(join(folder, 'facts.json.gz'), gzipSync(factsText, { level: 9 }));
  console.log(`\nwrote ${folder}`);
}
const best = summary(rows['with facts']);
const met =
  best.victims === best.programs &&
  best.holderKind >= 0.95 * best.programs &&
  best.cause >= 0.9 * best.programs &&
  best.alarms === 0;
console.log(met ? '\nok    the goals are met with facts' : '\nFAIL  the goals are not met with facts');
process.exit(met ? 0 : 1);

/** The dump without what serves it: the tests need the program's goroutines alone. */
function ownGoroutines(text) {
  return `${text
    .split('\n\n')
    .filter((g) => !/net\/http\.|cmd\/goroutines\/main\.go/.test(g))
    .join('\n\n')
    .trimEnd()}\n`;
}
