// Runs `go test ./...` of a Go module under several Go versions and says a line per version: passed, failed or missing.
//
//   node scripts/go-versions.mjs go/tidemark [--versions 1.19,1.21.13,…] [--require] [--verbose] [-- go test arguments]
//
// 1.19 and 1.20 come from Debian (golang-1.19-go), later ones from the local `go` or, through GOTOOLCHAIN, from the
// module proxy. Exit code: 1 when a version failed, 2 for wrong use or (with --require) when one is missing, else 0.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const DEFAULT_VERSIONS = ['1.19', '1.21.13', '1.24.11', 'local', '1.27.0'];
const TEST_LIMIT_MS = 10 * 60_000;
const PROBE_LIMIT_MS = 5 * 60_000; // the first use of a version may fetch it

const options = parse(process.argv.slice(2));
if (!existsSync(join(options.module, 'go.mod'))) usage(`no go.mod in ${options.module}`);

let failed = 0;
let missing = 0;
let passed = 0;
for (const wanted of options.versions) {
  const found = await find(wanted);
  if (!found.go) {
    missing++;
    console.log(`go ${wanted}: missing (${found.why})`);
    continue;
  }
  const started = Date.now();
  const result = await run(found.go, ['test', ...options.testArguments, './...'], found.env, TEST_LIMIT_MS);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (result.code === 0) passed++;
  else failed++;
  console.log(`${found.version}: ${result.code === 0 ? 'passed' : 'failed'} (${seconds} s)`);
  if (result.code !== 0 || options.verbose) console.log(result.output.replace(/^/gm, '    ').trimEnd());
}
console.log(`${passed} passed, ${failed} failed, ${missing} skipped`);
if (missing > 0 && options.require)
  console.error(`--require: ${missing} of ${options.versions.length} Go versions are missing`);
process.exitCode = failed > 0 ? 1 : missing > 0 && options.require ? 2 : 0;

/** Finds the `go` that answers with the wanted version: a distribution's folder, the PATH, or a toolchain to fetch. */
async function find(wanted) {
  const minor = wanted.split('.').slice(0, 2).join('.');
  const tries =
    wanted === 'local'
      ? [{ go: 'go', toolchain: 'local' }]
      : [
          { go: `/usr/lib/go-${minor}/bin/go`, toolchain: 'local' },
          { go: 'go', toolchain: 'local' },
          // Versions before 1.21 are no toolchains of the module proxy.
          ...(Number(minor.split('.')[1]) >= 21 && wanted.split('.').length === 3
            ? [{ go: 'go', toolchain: `go${wanted}` }]
            : []),
        ];
  let why = 'not installed';
  for (const { go, toolchain } of tries) {
    if (go.startsWith('/') && !existsSync(go)) continue;
    const env = { ...process.env, GOTOOLCHAIN: toolchain };
    delete env.GOROOT; // one of another version would be used
    const { code, output } = await run(go, ['env', 'GOVERSION'], env, PROBE_LIMIT_MS, process.cwd());
    const version = output.trim().split('\n').pop() ?? '';
    if (code === 0 && (wanted === 'local' || version === `go${wanted}` || version.startsWith(`go${wanted}.`)))
      return { go, env, version };
    if (code !== 0) why = version || `${go} exited with ${code}`;
  }
  if (minor === '1.19' || minor === '1.20') why += `; Debian: apt-get install golang-${minor}-go`;
  return { why };
}

/** Runs a command in the module's folder; its output is kept whole (go test prints little), its time is bounded. */
function run(command, args, env, limitMs, cwd = options.module) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const timer = setTimeout(() => {
      output += `\nended after ${limitMs / 1000} s`;
      child.kill('SIGKILL');
    }, limitMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => {
      clearTimeout(timer);
      done({ code: 127, output: error.message });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code: code ?? 130, output });
    });
  });
}

function parse(argv) {
  const parsed = { module: '', versions: DEFAULT_VERSIONS, require: false, verbose: false, testArguments: [] };
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i];
    if (argument === '--') {
      parsed.testArguments = argv.slice(i + 1);
      break;
    }
    if (argument === '--require') parsed.require = true;
    else if (argument === '--verbose') parsed.verbose = true;
    else if (argument === '--versions') parsed.versions = (argv[++i] ?? '').split(',').filter(Boolean);
    else if (argument.startsWith('-') || parsed.module) usage(`unknown argument ${argument}`);
    else parsed.module = resolve(argument);
  }
  if (!parsed.module) usage('which module?');
  const wrong = parsed.versions.find((v) => v !== 'local' && !/^1\.\d+(\.\d+|rc\d+)?$/.test(v));
  if (parsed.versions.length === 0 || wrong) usage(`no Go version: ${wrong ?? '(none)'}`);
  return parsed;
}

function usage(message) {
  console.error(
    `${message}\nusage: node scripts/go-versions.mjs <module folder> [--versions 1.19,1.27.0,local] [--require] [--verbose] [-- go test arguments]`,
  );
  process.exit(2);
}
