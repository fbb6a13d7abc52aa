// npm run bench:escape — of the 20 lines that allocate most in two real servers under load, how many get their reason from the
// facts of the build? Builds both from the module proxy; needs Go. Takes minutes the first time.
//   --seconds 20   of load            --top 20            --only nats-server
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    top: { type: 'string', default: '20' },
    only: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, '.cache/bench-escape');
mkdirSync(cache, { recursive: true });
const bundle = await rolldown({
  input: join(root, 'bench/escape/main.ts'),
  platform: 'node',
  resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
});
await bundle.write({ dir: join(cache, 'code'), format: 'esm', entryFileNames: 'main.mjs' });
await bundle.close();
const { main } = await import(pathToFileURL(join(cache, 'code/main.mjs')).href);
process.exitCode = await main({
  root,
  cache,
  seconds: Number(values.seconds),
  top: Number(values.top),
  only: values.only,
});
