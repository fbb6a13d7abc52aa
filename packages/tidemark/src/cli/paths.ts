import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { TidemarkError } from '@tidemark/model';
import type { Call } from './command.js';

/** A path as the user wrote it, from the folder where the command runs; `-` (standard input) stays. */
export function inFolder(call: Pick<Call, 'io'>, path: string): string {
  return path === '-' || isAbsolute(path) ? path : join(call.io.cwd, path);
}

/** The bytes of a file that the user named. @throws TidemarkError TM_FILE_NOT_FOUND where it cannot be read. */
export function readGiven(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TidemarkError('TM_FILE_NOT_FOUND', `${path} cannot be read: ${code}`, { cause: error });
  }
}

/** Where captures are kept: the folder of --evidence, null for "none". */
export function evidenceFolder(call: Call): string | null {
  const folder = call.text('evidence') ?? '.tidemark';
  return folder === 'none' ? null : inFolder(call, folder);
}
