import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { trimPath } from '@tidemark/pprof';

/**
 * Finds source files that a profile names: as they are when absolute, else below each directory of the search path
 * (separated by ':') and below every parent of it. Answers lines or the reason why there are none.
 */
export function sourceReader(searchPath: string, trim: string): (file: string) => readonly string[] | Error {
  const cache = new Map<string, readonly string[] | Error>();
  return (file) => {
    let lines = cache.get(file);
    if (!lines) {
      lines = read(file, searchPath, trim);
      cache.set(file, lines);
    }
    return lines;
  };
}

function read(file: string, searchPath: string, trim: string): readonly string[] | Error {
  const path = trimPath(file, trim, searchPath);
  if (isAbsolute(path)) {
    try {
      return lines(path);
    } catch (error) {
      return new Error(`open ${path}: ${reason(error)}`);
    }
  }
  for (const start of searchPath.split(':')) {
    for (let dir = start; ; dir = dirname(dir)) {
      try {
        return lines(join(dir, path));
      } catch {
        if (dirname(dir) === dir) break;
      }
    }
  }
  return new Error(`could not find file ${path} on path ${searchPath}`);
}

function lines(path: string): string[] {
  const all = readFileSync(path, 'utf8').split('\n');
  if (all.at(-1) === '') all.pop();
  return all.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EACCES') return 'permission denied';
  return (error as Error).message;
}
