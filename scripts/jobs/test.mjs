// Everything that `npm test` runs, one after the other, with a count at the end. What this machine lacks is named
// and left out; with --all (as .ci/run calls it) it is a failure instead.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parts } from '../parts.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const all = process.argv.includes('--all');
const env = { ...process.env, ...(all ? { TIDEMARK_REQUIRE_ALL: '1' } : {}) };
const scratch = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
const totals = { passed: 0, failed: 0 };
const leftOut = [];

function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit', ...options });
    child.on('error', () => resolve({ code: 127 }));
    if (child.stdout && options.onLine) createInterface({ input: child.stdout }).on('line', options.onLine);
    child.on('close', (code) => resolve({ code: code ?? 1 }));
  });
}

function count(ok, name) {
  if (ok) totals.passed++;
  else {
    totals.failed++;
    console.log(`FAILED ${name}`);
  }
}

async function check(name, command, args) {
  console.log(`\n— ${name}`);
  const { code } = await run(command, args);
  count(code === 0, name);
}

const bin = (name, file) => join(root, 'node_modules', name, file);
const node = process.execPath;

async function vitest(project) {
  console.log(`\n— tests: ${project}`);
  const file = join(scratch, `${project}.json`);
  const { code } = await run(node, [
    bin('vitest', 'vitest.mjs'),
    ...['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
  ]);
  if (!existsSync(file)) return count(false, `vitest ${project} wrote no result`);
  const result = JSON.parse(readFileSync(file, 'utf8'));
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests;
  // A file that does not load fails without a failed test; so does an unhandled error.
  if (code !== 0 && result.numFailedTests === 0) count(false, `vitest ${project} ended with ${code}`);
  for (const suite of result.testResults) {
    for (const test of suite.assertionResults) if (test.status === 'pending') leftOut.push(test.fullName);
  }
}

/** `go vet` and `go test -json` of one module; every test that passed or failed counts. */
async function goModule(folder) {
  console.log(`\n— go test ${folder}`);
  const cwd = join(root, folder);
  const vet = await run(parts.go.program, ['vet', './...'], { cwd });
  count(vet.code === 0, `go vet ${folder}`);
  const output = new Map();
  const onLine = (line) => {
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      console.log(line);
      return;
    }
    const key = `${event.Package} ${event.Test ?? ''}`;
    if (event.Action === 'output') output.set(key, (output.get(key) ?? '') + event.Output);
    if (!event.Test) {
      if (event.Action === 'fail' && !/FAIL:/.test(output.get(key) ?? '')) console.log(output.get(key) ?? '');
      if (event.Action === 'build-fail' || event.Action === 'fail') packages.failed++;
      return;
    }
    if (event.Action === 'pass') totals.passed++;
    if (event.Action === 'skip')
      leftOut.push(`${folder} ${event.Test}: ${(output.get(key) ?? '').split('\n')[1]?.trim() ?? ''}`);
    if (event.Action === 'fail') {
      tests.failed++;
      totals.failed++;
      console.log(`FAILED ${folder} ${event.Test}\n${output.get(key) ?? ''}`);
    }
  };
  const packages = { failed: 0 };
  const tests = { failed: 0 };
  const { code } = await run(parts.go.program, ['test', '-json', '-timeout', '20m', './...'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    onLine,
  });
  if (code !== 0 && tests.failed === 0) count(false, `go test ${folder}`);
}

/** Every go.mod under go/, the nested ones too. */
function goModules(folder = 'go') {
  if (!existsSync(join(root, folder))) return [];
  const inside = readdirSync(join(root, folder), { withFileTypes: true })
    .filter((d) => d.isDirectory() && d.name !== 'testdata')
    .flatMap((d) => goModules(`${folder}/${d.name}`));
  return existsSync(join(root, folder, 'go.mod')) ? [folder, ...inside] : inside;
}

const started = Date.now();
for (const [name, part] of Object.entries(parts)) {
  if (part.program) continue;
  leftOut.push(`${name} (${part.for}): install ${part.from}`);
  if (all) count(false, `${name} is missing: install ${part.from}`);
}
await check('format and lint', node, [bin('@biomejs/biome', 'bin/biome'), 'ci', '.']);
await check('types', node, ['scripts/jobs/typecheck.mjs']);
await check('import order', node, [
  bin('dependency-cruiser', 'bin/dependency-cruise.mjs'),
  '--config',
  '.dependency-cruiser.mjs',
  'packages',
]);
await check('unused code', node, [bin('knip', 'bin/knip.js')]);
await check('generated files are current', node, ['scripts/jobs/generate.mjs', '--check']);
await vitest('unit');
await check('build', node, ['scripts/jobs/build.mjs']);
await vitest('integration');
if (parts.go.program) {
  for (const folder of goModules()) await goModule(folder);
  if (existsSync(join(root, 'scripts/go-versions.mjs'))) {
    await check('Go versions', node, ['scripts/go-versions.mjs', ...(all ? ['--require'] : []), 'go/tidemark']);
  }
}
rmSync(scratch, { recursive: true, force: true });
if (leftOut.length > 0) {
  console.log(`\nLeft out here (${leftOut.length}):`);
  for (const line of leftOut) console.log(`  · ${line}`);
}
console.log(`\n${((Date.now() - started) / 1000).toFixed(0)} s`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
