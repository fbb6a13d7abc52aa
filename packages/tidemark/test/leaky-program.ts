import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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

export interface Running {
  readonly address: string;
  /** Where go/tidemark answers: with `--sdk` among the arguments. */
  readonly sdk: string | null;
  readonly child: ChildProcess;
  stop(): void;
}

/** Starts a program that prints `listening http://…`; it ends with its stdin, so none is left behind. */
export function startLeaky(binary: string, args: readonly string[]): Promise<Running> {
  const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    const addresses: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^(?:listening|tidemark) (http:\S+)/.exec(line);
      if (!match || addresses.push(match[1]!) < (args.includes('--sdk') ? 2 : 1)) return;
      resolve({
        address: addresses[0]!,
        sdk: addresses[1] ?? null,
        child,
        stop: () => {
          child.stdin.end();
          child.kill();
        },
      });
    });
    child.on('error', reject);
    child.on('close', (code) => reject(new Error(`${binary} ended with ${code} before it listened`)));
  });
}
