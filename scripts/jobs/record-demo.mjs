// Regenerates testdata/demo: captures of the demo shop, and the facts of its build, which `npm start` replays where there is no Go.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../program.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);
const cli = join(root, 'packages/tidemark/dist/cli.js');
const work = mkdtempSync(join(tmpdir(), 'tidemark-demo-'));
const target = join(root, 'testdata/demo');

function run(command, args, options = {}) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (status !== 0 && status !== 1 && status !== 3)
    throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

const binary = join(work, 'shop');
// -trimpath: no path of this machine gets into a fixture.
run('go', ['build', '-trimpath', '-o', binary, './cmd/shop'], { cwd: join(root, 'go/leaky') });
const shop = await startProgram(binary, ['--parent-watch'], { stderr: 'inherit' });
try {
  run(process.execPath, [
    cli,
    'diagnose',
    shop.address,
    '--for',
    '40s',
    '--every',
    '10s',
    '--evidence',
    join(work, 'captures'),
    '--quiet',
  ]);
} finally {
  shop.stop();
}
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const [pid] = readdirSync(join(work, 'captures'));
const [time] = readdirSync(join(work, 'captures', pid));
cpSync(join(work, 'captures', pid, time), target, { recursive: true });
run(process.execPath, [
  cli,
  'facts',
  'go/leaky/cmd/shop',
  '--binary',
  binary,
  '-o',
  join(target, 'shop.facts.json.gz'),
]);
rmSync(work, { recursive: true, force: true });
