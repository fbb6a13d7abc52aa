import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TidemarkError } from '@tidemark/model';
import { findAsset } from '../base/assets.js';
import { printable } from '../base/text.js';
import { sourceError } from './source-errors.js';

/** What the facts program wrote, and which part of the source it could not read: sentences, none where all was read. */
export interface SourceAnswer {
  readonly text: string;
  readonly missing: readonly string[];
}

/**
 * Makes the facts of the program whose source lies in `directory` (a package, as `go build` would take it) and gives
 * the text of the file. Runs the facts program with the Go toolchain of this machine.
 * @throws TidemarkError TM_TOOL_MISSING without Go or the program, and what `sourceError` makes of what the go command says.
 */
export async function buildFacts(
  directory: string,
  signal?: AbortSignal,
  flags: readonly string[] = [],
): Promise<SourceAnswer> {
  return withProgram(signal, async (program, binary, work) => {
    const out = join(work, 'facts.json');
    const said = await run(binary, ['build', '-C', resolve(directory), '-o', out, ...flags], program, signal);
    return { text: await readFile(out, 'utf8'), missing: missingIn(said) };
  });
}

/**
 * Looks for leaks in the packages that the patterns name, as the go command takes them in `directory`, and gives the
 * document of the facts program (format `tidemark-scan`).
 * @throws TidemarkError TM_TOOL_MISSING without Go or the program, and what `sourceError` makes of what the go command says.
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
    await run(binary, arguments_, program, signal);
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

/** Exit code of the facts program when some packages were left out and the others are there. */
const PARTIAL = 3;

/** Runs to the end and gives what was said on stderr if the answer is partial, else nothing. */
function run(command: string, args: readonly string[], cwd: string, signal?: AbortSignal): Promise<string> {
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
      if (code === 0) return done('');
      if (code === PARTIAL && command !== 'go') return done(said);
      fail(sourceError(said));
    });
  });
}

const missingIn = (said: string) =>
  said
    .split('\n')
    .filter((line) => /^facts: (?:left out|partial): /.test(line))
    .map((line) => printable(line.replace('facts: ', ''), 400));
