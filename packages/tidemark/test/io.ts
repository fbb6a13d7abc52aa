import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../src/base/io.js';

/** The world of a command in a test: an empty folder, no environment, and what was written as text. */
export function testIo(more: Partial<Io> = {}): Io & { out: string; err: string } {
  const sink = {
    out: '',
    err: '',
    stdout: {
      write: (chunk: string | Uint8Array): void => {
        sink.out += chunk;
      },
    },
    stderr: {
      write: (chunk: string | Uint8Array): void => {
        sink.err += chunk;
      },
    },
    env: {},
    cwd: more.cwd ?? mkdtempSync(join(tmpdir(), 'tidemark-cli-')),
    interactive: false,
    color: false,
    columns: 100,
    signal: new AbortController().signal,
    ...more,
  };
  return sink;
}
