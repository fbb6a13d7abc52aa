import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isTidemarkError } from '@tidemark/model';
import type { Case } from './matrix.js';

export type RunPprof = (
  argv: readonly string[],
  io: {
    stdout: { write(c: string | Uint8Array): unknown };
    stderr: { write(c: string | Uint8Array): unknown };
    env: Record<string, string | undefined>;
  },
) => Promise<number>;

export interface Output {
  /** null: it ended with an error. */
  readonly bytes: Buffer | null;
  readonly error: string;
}

export interface Difference {
  readonly case: Case;
  readonly ours: Output;
  readonly theirs: Output;
}

/** What the reference writes for a case. */
function reference(program: string, c: Case, dir: string): Output {
  const isProto = c.flags.some((f) => f === '-proto' || f === '-topproto');
  const file = join(dir, 'reference.out');
  // Profiles are written to a file: stdout might be kept from binary output.
  const extra = isProto ? [`-output=${file}`] : [];
  const result = spawnSync(program, ['-symbolize=none', ...c.flags, ...extra, ...c.sources], {
    env: { ...process.env, TZ: 'UTC', PPROF_BINARY_PATH: '/nonexistent', PPROF_TMPDIR: dir },
    maxBuffer: 1 << 30,
  });
  if (result.status !== 0) return { bytes: null, error: result.stderr.toString() };
  if (!isProto) return { bytes: result.stdout, error: '' };
  const bytes = readFileSync(file);
  rmSync(file);
  return { bytes, error: '' };
}

/** What we write for it. */
export async function ours(run: RunPprof, c: Case): Promise<Output> {
  const chunks: Buffer[] = [];
  const io = {
    stdout: { write: (chunk: string | Uint8Array) => chunks.push(Buffer.from(chunk as string)) },
    stderr: { write: () => true },
    env: process.env,
  };
  try {
    await run(['-symbolize=none', ...c.flags, ...c.sources], io);
    return { bytes: Buffer.concat(chunks), error: '' };
  } catch (error) {
    if (isTidemarkError(error)) return { bytes: null, error: error.message };
    throw error;
  }
}

/** True when both are the same to the byte, of profiles the bytes inside; two errors are the same. */
function equal(c: Case, a: Output, b: Output): boolean {
  if (a.bytes === null || b.bytes === null) return a.bytes === b.bytes;
  return c.comparison === 'proto' ? gunzipSync(a.bytes).equals(gunzipSync(b.bytes)) : a.bytes.equals(b.bytes);
}

function equalLines(a: Output, b: Output): boolean {
  return a.bytes !== null && b.bytes !== null && canonical(a.bytes.toString()) === canonical(b.bytes.toString());
}

/** Runs of the reference among which ours must be, where chance decides what it writes. */
const RUNS = 20;
/** Runs that must all be the same before we say that the reference always writes so. */
const SAME_RUNS = 6;

export interface Agreement {
  readonly same: boolean;
  /** The reference leaves it to chance: as sets of lines they are compared. */
  readonly byChance: boolean;
  readonly theirs: Output;
}

/**
 * Compares ours with the reference's first run to the byte. Where that differs and chance decides, which the case may
 * tell and more runs do, the lines of ours must be those of one of twenty runs.
 */
export function agrees(program: string, c: Case, dir: string, a: Output): Agreement {
  const theirs = reference(program, c, dir);
  if (equal(c, a, theirs)) return { same: true, byChance: false, theirs };
  let byChance = c.comparison === 'canonical';
  let next = theirs;
  for (let run = 1; ; run++) {
    if (byChance && (equalLines(a, next) || equalLines(a, theirs))) return { same: true, byChance, theirs };
    if (c.comparison === 'proto' || run === (byChance ? RUNS : SAME_RUNS)) return { same: false, byChance, theirs };
    next = reference(program, c, dir);
    byChance ||= !equal(c, next, theirs);
  }
}

/** A row of -top: flat, flat% | sum% | cum, cum% and the name. */
const TOP_ROW = /^( *\S+ +\S+%)( +\S+%)( +\S+ +\S+% {2}.*)$/;

/**
 * The same text for outputs that differ only in what the reference leaves to chance: the order of lines, the numbers
 * of nodes that follow from it, and beside which of several rows a running sum stands. What stays is the multiset of
 * lines, and that of the running sums.
 */
function canonical(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const row = TOP_ROW.exec(line);
      return row ? [`${row[1]}${row[3]}`, row[2]!] : [line];
    })
    .map((line) => line.replace(/\bN+\d+(?:_\d+)*\b/g, 'N').replace(/id="node\d+"/, 'id="node"'))
    .sort()
    .join('\n');
}
