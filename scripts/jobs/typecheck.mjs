// Every package on its own tsconfig, sources then tests: an engine's sources must compile without Node's types.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');
let failed = 0;
for (const name of readdirSync(join(root, 'packages'))) {
  for (const config of ['tsconfig.json', 'tsconfig.test.json']) {
    const path = join(root, 'packages', name, config);
    if (!existsSync(path)) continue;
    if (spawnSync(process.execPath, [tsc, '-p', path], { stdio: 'inherit' }).status !== 0) failed++;
  }
}
process.exit(failed ? 1 : 0);
