import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TidemarkError } from '@tidemark/model';

export interface Config {
  /** The file that was read, or null. */
  readonly path: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * tidemark.yaml of this directory or the nearest one above it. Top-level keys hold for every command, a
 * mapping under a command's name for that one alone:
 *
 *     timeout: 10s
 *     diagnose: { for: 5m, every: 20s }
 */
export async function loadConfig(cwd: string, command: string): Promise<Config> {
  const path = find(cwd);
  if (!path) return { path: null, values: {} };
  const { parse } = await import('yaml'); // loaded only where there is a file to read
  let document: unknown;
  try {
    document = parse(readFileSync(path, 'utf8')) ?? {};
  } catch (error) {
    throw new TidemarkError('TM_CONFIG', `${path}: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new TidemarkError('TM_CONFIG', `${path}: the file must hold a mapping of option names to values`);
  }
  const all = document as Record<string, unknown>;
  const own = all[command];
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(all))
    if (typeof value !== 'object' || Array.isArray(value)) values[key] = value;
  if (own !== null && typeof own === 'object' && !Array.isArray(own)) Object.assign(values, own);
  return { path, values };
}

function find(from: string): string | null {
  for (let at = from; ; at = dirname(at)) {
    const path = join(at, 'tidemark.yaml');
    if (existsSync(path)) return path;
    if (dirname(at) === at) return null;
  }
}
