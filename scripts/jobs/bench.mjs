// npm run bench:<name> — builds, then runs bench/<name>/run.mjs with the rest of the arguments.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);
const [name, ...rest] = process.argv.slice(2);
const file = `bench/${name}/run.mjs`;
if (!name || !existsSync(file)) {
  const known = readdirSync('bench').filter((d) => existsSync(`bench/${d}/run.mjs`));
  console.error(`usage: npm run bench:<name>   names: ${known.join(', ')}`);
  process.exit(2);
}
const node = (args) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
const built = node(['scripts/jobs/build.mjs']);
process.exit(built !== 0 ? built : node([file, ...rest]));
