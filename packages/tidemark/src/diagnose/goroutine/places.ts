import { type Frame, normaliseFile, normaliseFunction, type Site, type WaitHolder } from '@tidemark/model';
import type { FactExit } from './sync-section.js';

export const NOBODY: WaitHolder = {
  kind: 'gone',
  confidence: 'likely',
  goroutine: null,
  site: null,
  acquired: null,
  waitsIn: null,
  waitsAt: null,
  waitsFor: null,
  candidates: 0,
};

export function siteOf(frame: Frame): Site {
  return { function: frame.function, file: frame.file, line: frame.line };
}

/** A place of the facts as a Site, spelled as frames are. */
export function factSite(at: { readonly function: string; readonly file: string }, line: number): Site {
  return { function: normaliseFunction(at.function), file: normaliseFile(at.file), line };
}

/** `cache.go:41`: the folder is in the function's name already. */
export function shortPlace(site: { readonly file: string; readonly line: number }): string {
  const name = site.file.slice(site.file.lastIndexOf('/') + 1);
  return site.line > 0 ? `${name}:${site.line}` : name || '(unknown file)';
}

/** `(*Server).remember`: without the import path. */
export function shortFunction(name: string): string {
  const bare = name.slice(name.lastIndexOf('/', name.includes('[') ? name.indexOf('[') : name.length) + 1);
  return bare.replace(/^[^.(]+\./, '') || name;
}

export function place(site: Site): string {
  return `${shortFunction(site.function)} (${shortPlace(site)})`;
}

/**
 * The way out that explains best why something was not done: a sure one before one that may be, a panic of
 * something known to panic before a map write (which panics only on a nil map).
 */
export function bestExit(exits: readonly FactExit[], options: { recovers: boolean }): FactExit | null {
  const weight = (exit: FactExit): number => {
    if (!exit.possible) return exit.kind === 'return' || exit.kind === 'break' ? 0 : exit.kind === 'goexit' ? 1 : 2;
    if (exit.kind === 'goexit') return 3;
    // Without a recover anywhere a panic would have ended the process.
    return (options.recovers ? 4 : 8) + (exit.callee === 'map write' ? 1 : 0);
  };
  return [...exits].filter((exit) => exit.line > 0).sort((a, b) => weight(a) - weight(b) || a.line - b.line)[0] ?? null;
}

/** `returns at pay.go:64`, `may panic at …`. */
export function exitWords(exit: FactExit, file: string): string {
  const at = shortPlace({ file, line: exit.line });
  const by = exit.callee && exit.callee !== '' ? ` (${shortFunction(exit.callee)})` : '';
  const verb: Record<string, [string, string]> = {
    return: ['returns', 'may return'],
    panic: ['panics', 'may panic'],
    goexit: ['ends its goroutine', 'may end its goroutine'],
    break: ['leaves its loop', 'may leave its loop'],
  };
  const words = verb[exit.kind] ?? ['leaves', 'may leave'];
  return `${words[exit.possible ? 1 : 0]} at ${at}${exit.kind === 'return' || exit.kind === 'break' ? '' : by}`;
}
