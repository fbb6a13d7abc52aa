// What benches of go/leaky share: its programs, and the real command's report on one.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'packages/tidemark/dist/cli.js');

const PROGRAMS = {
  leaky: ['go/leaky', './cmd/leaky'],
  'leaky-ext': ['go/leaky/ext', './cmd/leaky-ext'], // needs drivers from the module proxy
};

/** Builds the programs into a folder and gives their paths; ends the process where Go cannot. */
export function buildLeaky(folder, names = Object.keys(PROGRAMS)) {
  mkdirSync(folder, { recursive: true });
  return names.map((name) => {
    const [module, main] = PROGRAMS[name];
    const binary = join(folder, name);
    const built = spawnSync('go', ['build', '-o', binary, main], { cwd: join(root, module), stdio: 'inherit' });
    if (built.status !== 0) process.exit(2);
    return binary;
  });
}

/** Name, kind, loads and places of what a program can run. */
export function subjectsOf(binary) {
  return JSON.parse(spawnSync(binary, ['list', '--json'], { encoding: 'utf8' }).stdout).subjects;
}

/** The report of `tidemark diagnose <args>`. */
export function diagnose(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, 'diagnose', ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', () => {
      try {
        resolve(JSON.parse(out));
      } catch {
        reject(new Error(`no report: ${err.slice(-400)}`));
      }
    });
  });
}
