import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TidemarkError } from '@tidemark/model';

/**
 * Writes a file whole or not at all: a temporary file in the same directory, fsync, rename. Directories are made.
 * @throws TidemarkError TM_WRITE_FAILED (no space, no permission, read-only); nothing half-written is left.
 */
export async function writeAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.${randomBytes(6).toString('hex')}.tmp`);
  let file: FileHandle | undefined;
  try {
    await makeDirectory(directory);
    file = await open(temporary, 'wx', 0o600);
    await file.writeFile(data);
    await file.sync();
    await file.close();
    file = undefined;
    await rename(temporary, path);
  } catch (error) {
    await file?.close().catch(() => {});
    await unlink(temporary).catch(() => {});
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new TidemarkError('TM_WRITE_FAILED', `cannot write ${path}: ${reason}`, { cause: error });
  }
}

/** `mkdir -p`. Node's own recursive form never returns where the kernel answers ENOENT for ever (below /proc). */
async function makeDirectory(path: string): Promise<void> {
  const exists = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  };
  try {
    await mkdir(path).catch(exists);
  } catch (error) {
    const parent = dirname(resolve(path));
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === resolve(path)) throw error;
    await makeDirectory(parent);
    await mkdir(path).catch(exists);
  }
}
