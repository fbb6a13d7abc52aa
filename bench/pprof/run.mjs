// npm run bench:pprof [-- --quick] — what our pprof costs beside go tool pprof, decoders of npm and gunzip. Needs Go, and
// the command as it is published: npm run build.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const cli = fileURLToPath(new URL('../../packages/tidemark/dist/cli.js', import.meta.url));
if (!existsSync(cli)) throw new Error('there is no built command: npm run build');
const here = fileURLToPath(new URL('.', import.meta.url));
// Beside the sources, so that the peers are found in node_modules.
const out = mkdtempSync(join(here, '.built-'));
try {
  const bundle = await rolldown({
    input: join(here, 'main.ts'),
    platform: 'node',
    external: ['pprof-format', 'protobufjs'],
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
  });
  await bundle.write({ dir: out, format: 'esm', entryFileNames: 'main.mjs' });
  await bundle.close();
  const { main } = await import(pathToFileURL(join(out, 'main.mjs')).href);
  await main(here, cli, process.argv.slice(2));
} finally {
  rmSync(out, { recursive: true, force: true });
}
