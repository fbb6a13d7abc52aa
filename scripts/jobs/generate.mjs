// Files made from code: JSON Schemas, docs/errors.md, docs/commands. `--check` changes nothing and fails when a file is stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));
const check = process.argv.includes('--check');

/** Loads TypeScript sources without a build on disk. */
async function load(file) {
  const bundle = await rolldown({
    input: join(root, file),
    platform: 'node',
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
    logLevel: 'silent',
  });
  const out = join(root, '.cache/generate.mjs');
  await bundle.write({ file: out, format: 'esm', codeSplitting: false });
  await bundle.close();
  return import(`${pathToFileURL(out)}?${Date.now()}`);
}

const { generate } = await load('scripts/generate/index.ts');
let stale = 0;
for (const [name, text] of Object.entries(await generate())) {
  const path = join(root, name);
  let before = '';
  try {
    before = readFileSync(path, 'utf8');
  } catch {}
  if (before === text) continue;
  if (check) {
    stale++;
    console.error(`${name} is not what the code generates: run node scripts/run.mjs generate`);
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.error(`wrote ${name}`);
  }
}
process.exit(stale ? 1 : 0);
