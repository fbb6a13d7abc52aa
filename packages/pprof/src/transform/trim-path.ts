import type { Profile } from '../profile.js';
import { basePath } from '../report/go-format.js';

/**
 * A source file's path without the prefixes that trim names (separated by ':'), or, without trim, without
 * everything up to a directory called like one of the search path's.
 */
export function trimPath(path: string, trim: string, searchPath: string): string {
  const list = (paths: string) => (paths === '' ? [] : paths.split(':'));
  if (trim === '') {
    for (const dir of list(searchPath)) {
      const want = `/${basePath(dir)}/`;
      const found = path.indexOf(want);
      if (found >= 0) return path.slice(found + want.length);
    }
  }
  for (const prefix of [...list(trim), '/proc/self/cwd/./', '/proc/self/cwd/']) {
    const whole = prefix.endsWith('/') ? prefix : `${prefix}/`;
    if (path.startsWith(whole)) return path.slice(whole.length);
  }
  return path;
}

/** Trims the file names of all functions; the profile itself when nothing changes. */
export function trimFilePaths(p: Profile, trim: string, searchPath: string): Profile {
  const trimmed = new Map<number, number>();
  let changed = false;
  for (const file of new Set(p.functionFiles)) {
    const path = p.strings.get(file);
    const shorter = trimPath(path, trim, searchPath);
    if (shorter === path) continue;
    changed = true;
    trimmed.set(file, p.strings.add(shorter));
  }
  return changed ? p.with({ functionFiles: p.functionFiles.map((f) => trimmed.get(f) ?? f) }) : p;
}
