import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TidemarkError } from '@tidemark/model';
import { findAsset } from '../base/assets.js';
import { printable } from '../base/text.js';

/**
 * Makes the facts of the program whose source lies in `directory` (a package, as `go build` would take it) and gives
 * the text of the file. Runs the facts program with the Go toolchain of this machine.
 * @throws TidemarkError TM_TOOL_MISSING without Go or the program, TM_USAGE when the source is not understood.
 */
export async function buildFacts(
  directory: string,
  signal?: AbortSignal,
  flags: readonly string[] = [],
): Promise<string> {
  return withProgram(signal, async (program, binary, work) => {
    const out = join(work, 'facts.json');
    // Exit 3: some packages were left out, the others are there.
    await run(binary, ['build', '-C', resolve(directory), '-o', out, ...flags], program, signal, [3]);
    return await readFile(out, 'utf8');
  });
}

/**
 * Looks for leaks in the packages that the patterns name, as the go command takes them in `directory`, and gives the
 * document of the facts program (format `tidemark-scan`).
 * @throws TidemarkError TM_TOOL_MISSING without Go or the program, TM_USAGE when no package can be read.
 */
export async function scanSource(
  directory: string,
  patterns: readonly string[],
  signal?: AbortSignal,
  flags: readonly string[] = [],
): Promise<string> {
  return withProgram(signal, async (program, binary, work) => {
    const out = join(work, 'scan.json');
    const arguments_ = ['scan', '-C', resolve(directory), '-o', out, ...flags, '--', ...patterns];
    await run(binary, arguments_, program, signal, [3]);
    return await readFile(out, 'utf8');
  });
}

/** Builds the facts program into a folder of its own, which is removed at the end. */
async function withProgram<T>(
  signal: AbortSignal | undefined,
  use: (program: string, binary: string, work: string) => Promise<T>,
): Promise<T> {
  const program = findAsset('go/facts');
  if (!program) {
    throw new TidemarkError('TM_TOOL_MISSING', 'the program that reads Go source is not installed beside Tidemark', {
      advice: 'Give a facts file with --facts instead.',
    });
  }
  const work = await mkdtemp(join(tmpdir(), 'tidemark-facts-'));
  try {
    const binary = join(work, 'facts');
    await run('go', ['build', '-o', binary, '.'], program, signal);
    return await use(program, binary, work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const MAX_STDERR_CHARS = 10_000;

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  signal?: AbortSignal,
  alsoFine: readonly number[] = [],
): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], ...(signal && { signal }) });
    let said = '';
    child.stderr.on('data', (data) => {
      if (said.length < MAX_STDERR_CHARS) said += data;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT';
      fail(
        missing
          ? new TidemarkError('TM_TOOL_MISSING', 'reading Go source needs the go command, which was not found')
          : error,
      );
    });
    child.on('close', (code) => {
      if (code === 0 || (code !== null && alsoFine.includes(code))) return done();
      const last = said.trim().split('\n').slice(0, 3).join(' ');
      fail(new TidemarkError('TM_USAGE', `the source was not understood: ${printable(last, 400)}`));
    });
  });
}
