// One door to every job: `node scripts/run.mjs <job> [arguments]`. It installs what the lock file says when that is
// not what lies in node_modules, then runs scripts/jobs/<job>.mjs. Only node: modules here: nothing is installed yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const mark = join(root, 'node_modules', '.tidemark-installed');

/** What decides whether an installation fits: the lock file and the machine that it was made on. */
function wanted() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.version} ${process.platform} ${process.arch}`)
    .digest('hex');
}

function run(command, args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
    const pass = (signal) => child.kill(signal);
    process.on('SIGINT', pass);
    process.on('SIGTERM', pass);
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (code, signal) => {
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
      resolve(code ?? (signal ? 130 : 1));
    });
  });
}

async function install() {
  const hash = wanted();
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return;
  const started = Date.now();
  console.error('installing dependencies from the lock file (npm ci) …');
  rmSync(mark, { force: true });
  // The npm that started us, so that its configuration is the user's; `npm` on the PATH otherwise.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const code = npm?.endsWith('.js') ? await run(process.execPath, [npm, ...args]) : await run(npm ?? 'npm', args);
  if (code !== 0) {
    console.error('npm ci failed: nothing else was tried. Its output above says why.');
    process.exit(2);
  }
  writeFileSync(mark, hash); // last, so that an interrupted installation is done again
  console.error(`installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

const jobs = readdirSync(new URL('jobs', import.meta.url))
  .filter((f) => f.endsWith('.mjs'))
  .map((f) => f.slice(0, -4));
const [job, ...rest] = process.argv.slice(2);
if (!job || !jobs.includes(job)) {
  console.error(`usage: node scripts/run.mjs <job>   jobs: ${jobs.join(', ')}`);
  process.exit(2);
}
const [major, minor] = process.versions.node.split('.').map(Number);
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22)) {
  console.error(`Node ${process.versions.node} is too old: Tidemark needs 20.19 or newer, or 22.12 or newer.`);
  process.exit(2);
}
await install();
process.exit(await run(process.execPath, [fileURLToPath(new URL(`jobs/${job}.mjs`, import.meta.url)), ...rest]));
