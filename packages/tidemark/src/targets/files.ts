import { lstat, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TidemarkError } from '@tidemark/model';
import { printable } from '../base/text.js';

export interface FileOptions {
  /** Largest single file; default 256 MiB. */
  readonly maxBytes?: number;
  /** Largest sum of all files; default 2 GiB. */
  readonly maxTotalBytes?: number;
  /** Most files; default 2000. */
  readonly maxFiles?: number;
}

/** A file as it lies on the disk: nothing is concluded from its name. */
export interface RawFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly modifiedAtMs: number;
  /** True when it was found in a directory that was given, not named itself: what is no profile may be passed over. */
  readonly found: boolean;
}

/** Directories inside a given directory that are looked into. */
const MAX_DEPTH = 4;

/**
 * Reads files and, for directories, every file inside (sorted by path; hidden files and symbolic links in them are
 * passed over). Files that are named must be regular files or pipes.
 * @throws TidemarkError TM_FILE_NOT_FOUND, TM_FILE_EMPTY, TM_LIMIT, TM_USAGE (no path).
 */
export async function readFiles(paths: readonly string[], options: FileOptions = {}): Promise<RawFile[]> {
  const maxBytes = options.maxBytes ?? 256 * 2 ** 20;
  const maxFiles = options.maxFiles ?? 2000;
  let left = options.maxTotalBytes ?? 2 * 2 ** 30;
  if (paths.length === 0) throw new TidemarkError('TM_USAGE', 'no file was given');
  const list: { path: string; found: boolean }[] = [];
  for (const path of paths) {
    const info = await stat(path).catch((error) => {
      throw notFound(path, error);
    });
    if (!info.isDirectory()) list.push({ path, found: false });
    else for (const inside of await walk(path, maxFiles, MAX_DEPTH)) list.push({ path: inside, found: true });
    if (list.length > maxFiles) throw new TidemarkError('TM_LIMIT', `more than ${maxFiles} files`);
  }
  if (list.length === 0)
    throw new TidemarkError('TM_FILE_EMPTY', `${printable(paths.join(', '))} holds no files`, {
      advice: 'Give a directory with saved profiles, or the files themselves.',
    });
  const files: RawFile[] = [];
  for (const { path, found } of list) {
    const file = await readOne(path, Math.min(maxBytes, left));
    left -= file.bytes.length;
    if (file.bytes.length === 0 && !found) throw new TidemarkError('TM_FILE_EMPTY', `${printable(path)} is empty`);
    files.push({ path, found, ...file });
  }
  return files;
}

async function walk(directory: string, maxFiles: number, depth: number): Promise<string[]> {
  const out: string[] = [];
  const names = (
    await readdir(directory).catch((error) => {
      throw notFound(directory, error);
    })
  ).sort();
  for (const name of names) {
    if (name.startsWith('.')) continue;
    const path = join(directory, name);
    const info = await lstat(path).catch(() => null);
    if (info?.isFile()) out.push(path);
    else if (info?.isDirectory() && depth > 0) out.push(...(await walk(path, maxFiles, depth - 1)));
    if (out.length > maxFiles)
      throw new TidemarkError('TM_LIMIT', `${printable(directory)} holds more than ${maxFiles} files`);
  }
  return out;
}

/** Reads at most `maxBytes` however large the file says it is: pipes and /proc files say 0. */
async function readOne(path: string, maxBytes: number): Promise<{ bytes: Uint8Array; modifiedAtMs: number }> {
  const file = await open(path, 'r').catch((error) => {
    throw notFound(path, error);
  });
  try {
    const info = await file.stat();
    const tooLarge = () =>
      new TidemarkError('TM_LIMIT', `${printable(path)} is larger than the limit of ${maxBytes} bytes`, {
        advice: 'Raise --max-bytes if you trust the file.',
      });
    if (info.isDirectory()) throw new TidemarkError('TM_FILE_NOT_FOUND', `${printable(path)} is a directory`);
    if (info.size > maxBytes) throw tooLarge();
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const buffer = Buffer.allocUnsafe(Math.max(64 * 1024, Math.min(info.size - size + 1, 2 ** 26)));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      size += bytesRead;
      if (size > maxBytes) throw tooLarge();
      chunks.push(buffer.subarray(0, bytesRead));
    }
    return { bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), modifiedAtMs: info.mtimeMs };
  } finally {
    await file.close();
  }
}

function notFound(path: string, error: NodeJS.ErrnoException): TidemarkError {
  const why =
    error.code === 'ENOENT'
      ? 'does not exist'
      : error.code === 'EACCES'
        ? 'may not be read'
        : `cannot be read (${error.code})`;
  return new TidemarkError('TM_FILE_NOT_FOUND', `${printable(path)} ${why}`, { cause: error });
}
