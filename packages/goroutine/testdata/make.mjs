// Makes the dumps beside this file again: node packages/goroutine/testdata/make.mjs
// Needs Go with access to its toolchains, and Debian's golang-1.19-go for that version. Addresses and line
// offsets differ between runs; the tests look at neither.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'dumps-'));

/** Runs the program and gives what it wrote; `signal` is sent once it says that it is ready. */
function run(binary, mode, env, signal) {
  return new Promise((resolve) => {
    const child = spawn(binary, [mode], { env: { ...process.env, ...env } });
    let text = '';
    child.stdout.on('data', (data) => {
      if (signal) child.kill(signal);
      else text += data;
    });
    child.stderr.on('data', (data) => {
      text += data;
    });
    child.on('close', () => resolve(text));
  });
}

const VERSIONS = [
  ['1.19', '/usr/lib/go-1.19/bin/go', 'local'],
  ['1.21', 'go', 'go1.21.13'],
  ['1.24', 'go', 'go1.24.11'],
  ['1.26', 'go', 'go1.26.8'],
  ['1.27', 'go', 'go1.27.0'],
];
try {
  for (const [version, go, toolchain] of VERSIONS) {
    const binary = join(work, `program${version}`);
    execFileSync(go, ['build', '-trimpath', '-o', binary, '.'], {
      cwd: join(here, 'program'),
      env: { ...process.env, GOTOOLCHAIN: toolchain },
      stdio: 'inherit',
    });
    const write = (name, text) => writeFileSync(join(here, `go${version}-${name}.txt`), text);
    const labels = version >= '1.26' ? { GODEBUG: 'tracebacklabels=1' } : {};
    write('debug2', await run(binary, 'debug2', labels));
    write('panic', await run(binary, 'panic', { GOTRACEBACK: 'all' }));
    if (version === '1.19' || version === '1.26') write('sigquit', await run(binary, 'wait', {}, 'SIGQUIT'));
    if (version === '1.26') write('stack', await run(binary, 'stack', {}));
  }
} finally {
  rmSync(work, { recursive: true });
}
