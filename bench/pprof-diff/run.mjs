// npm run diff:pprof [-- NAME] [--keep] — compares our pprof reports with those of `go tool pprof`. Needs Go.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'pprof-diff-code-'));
const bundle = await rolldown({
  input: join(here, 'main.ts'),
  platform: 'node',
  resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
});
await bundle.write({ dir: out, format: 'esm', entryFileNames: 'main.mjs' });
await bundle.close();
const { main } = await import(pathToFileURL(join(out, 'main.mjs')).href);
const different = await main(here, process.argv.slice(2));
rmSync(out, { recursive: true, force: true });
process.exitCode = different === 0 ? 0 : 1;
