// npm run bench:startup — what `tidemark --help` and `--version` cost above a bare `node -e 0`, in one run, interleaved.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../packages/tidemark/dist/cli.js', import.meta.url));
const ROUNDS = Number(process.argv[2] ?? 30);
const commands = {
  'node -e 0': ['-e', '0'],
  'tidemark --help': [cli, '--help'],
  'tidemark --version': [cli, '--version'],
};
const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, args] of Object.entries(commands)) {
    const started = process.hrtime.bigint();
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`${name} ended with ${status}`);
    if (round >= 0) times[name].push(Number(process.hrtime.bigint() - started) / 1e6); // two rounds warm the disk cache
  }
}
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const base = median(times['node -e 0']);
for (const [name, list] of Object.entries(times)) {
  const ms = median(list);
  console.log(
    `${name.padEnd(20)} median ${ms.toFixed(0)} ms   +${(ms - base).toFixed(0)} ms   ×${(ms / base).toFixed(2)} of node -e 0`,
  );
}
