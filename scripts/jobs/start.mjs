// The demo: builds Tidemark, starts a small shop that leaks, watches it while it grows and prints the findings. Without Go it
// replays captures of the same shop that lie in testdata/demo.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goVersion } from '../parts.mjs';
import { startProgram } from '../program.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);
const cli = join(root, 'packages/tidemark/dist/cli.js');
const color = process.stdout.isTTY && !process.env.NO_COLOR ? (text) => `\u001b[1m${text}\u001b[0m` : (text) => text;
const say = (text) => console.error(color(text));

/** Runs to the end and gives the exit code; its output is ours. */
function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 130));
  });
}

const go = goVersion();
const live = go !== null && (go[0] > 1 || go[1] >= 24);
if (!live) {
  const why = go === null ? 'Go was not found' : `Go ${go.join('.')} is older than the demo needs (1.24)`;
  say(`${why}: replaying captures of the demo shop that the repository ships.`);
}
say('building Tidemark …');
if ((await run(process.execPath, ['scripts/jobs/build.mjs'])) !== 0) process.exit(2);

let code;
if (live) code = await watchShop();
else {
  const folder = join('testdata', 'demo');
  if (!existsSync(folder) || readdirSync(folder).length === 0) {
    console.error(`${folder} holds no captures`);
    process.exit(2);
  }
  code = await run(process.execPath, [cli, 'diagnose', folder, '--facts', join(folder, 'shop.facts.json.gz')]);
}
// The demo leaks, so findings are what it should show: exit codes 1 (leak) and 3 (suspect) are its success.
say('That was: tidemark diagnose. Try it on your own service:  npx tidemark diagnose http://localhost:6060');
process.exit(code === 1 || code === 3 ? 0 : code === 0 ? 1 : code);

async function watchShop() {
  say('building the demo shop (go build) …');
  mkdirSync('.cache', { recursive: true });
  const binary = join(root, '.cache', process.platform === 'win32' ? 'shop.exe' : 'shop');
  const built = spawnSync('go', ['build', '-o', binary, './cmd/shop'], {
    cwd: join(root, 'go/leaky'),
    stdio: 'inherit',
  });
  if (built.status !== 0) return 2;
  const shop = await startProgram(binary, ['--parent-watch'], { stderr: 'inherit' });
  try {
    say(`the shop listens at ${shop.address} and serves its own visitors; it leaks in three places.`);
    const args = [
      'diagnose',
      shop.address,
      '--for',
      '45s',
      '--every',
      '9s',
      '--source',
      'go/leaky/cmd/shop',
      '--html',
      '.tidemark/demo.html',
    ];
    say(`$ tidemark ${args.join(' ')}`);
    return await run(process.execPath, [cli, ...args]);
  } finally {
    shop.stop();
  }
}
