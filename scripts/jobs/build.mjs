// dist/ of every package: libraries by tsc (they stay separate modules), the command by rolldown as a small entry
// with lazily loaded chunks and the engines inlined, the HTML report's template by vite.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);

function node(args, env = {}) {
  const result = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** The libraries in the order of their imports. */
function buildLibraries() {
  for (const name of ['model', 'pprof', 'goroutine', 'growth', 'heapgraph']) {
    const folder = join('packages', name);
    if (!existsSync(folder)) continue;
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
    node([
      'node_modules/typescript/bin/tsc',
      ...['-p', folder, '--noEmit', 'false', '--declaration', '--outDir', join(folder, 'dist')],
      ...['--rootDir', join(folder, 'src'), '--customConditions', 'none'],
    ]);
  }
}

function buildWeb() {
  if (!existsSync('packages/web/vite.config.ts')) return;
  node(['node_modules/vite/bin/vite.js', 'build', 'packages/web', '--logLevel', 'warn'], { NODE_ENV: 'production' });
}

async function buildCommand() {
  const folder = 'packages/tidemark';
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  // Timings of plugins are no news to who builds.
  const common = {
    checks: { pluginTimings: false },
    platform: 'node',
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
  };
  const bundle = await rolldown({
    ...common,
    input: { cli: join(folder, 'src/cli/main.ts'), index: join(folder, 'src/index.ts') },
    transform: { define: { __TIDEMARK_VERSION__: JSON.stringify(version) } },
  });
  await bundle.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    minify: false,
    chunkFileNames: 'chunks/[name]-[hash].js',
    entryFileNames: '[name].js',
  });
  await bundle.close();
  // One declaration file, the engines' types inlined: the published package has no dependency.
  const types = await rolldown({
    ...common,
    input: { index: join(folder, 'src/index.ts') },
    plugins: [dts({ emitDtsOnly: true, tsconfig: join(folder, 'tsconfig.json'), resolve: true })],
  });
  await types.write({ dir: join(folder, 'dist'), format: 'esm' });
  await types.close();
  for (const [from, to] of [
    ['docs/rules', 'docs/rules'],
    ['go/facts', 'go/facts'],
    ['docs/commands', 'docs/commands'],
    ['packages/model/schemas/report-v1.schema.json', 'tidemark.schema.json'],
    ['packages/web/dist/report.html', 'report.html'],
  ]) {
    if (existsSync(from))
      cpSync(from, join(folder, 'dist', to), { recursive: true, filter: (path) => !/testdata|_test\.go$/.test(path) });
  }
}

const started = Date.now();
buildLibraries();
buildWeb();
await buildCommand();
console.error(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
