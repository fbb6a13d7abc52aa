import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parts } from '../../../scripts/parts.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Builds a main package of the repository; `toolchain` picks another Go version (fetched through Go's proxy). */
export function buildLeaky(module: string, main: string, toolchain?: string): string | null {
  const binary = join(mkdtempSync(join(tmpdir(), 'tidemark-go-')), 'program');
  const env = { ...process.env, ...(toolchain ? { GOTOOLCHAIN: toolchain } : {}) };
  const built = spawnSync(parts.go.program!, ['build', '-o', binary, main], {
    cwd: join(ROOT, module),
    env,
    encoding: 'utf8',
  });
  if (built.status === 0) return binary;
  if (toolchain && /download|toolchain not available|dial tcp|proxy/i.test(built.stderr)) return null;
  throw new Error(built.stderr);
}
