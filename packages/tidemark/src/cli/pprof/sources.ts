import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { isTidemarkError, TidemarkError } from '@tidemark/model';
import { combineSources, openProfile, type Profile, type ProfileSource } from '@tidemark/pprof';
import { nodeCodec } from '../../base/codec.js';
import type { FetchOptions } from './fetch-url.js';
import { profileUrl } from './profile-url.js';

/** A source whose bytes are at hand when asked for: a file is read anew, what was fetched is kept. */
interface Source {
  readonly name: string;
  readonly isUrl: boolean;
  bytes(): Uint8Array;
}

export interface Loaded {
  readonly profile: Profile;
  readonly urls: readonly URL[];
}

/**
 * Reads and adds up profiles from files and URLs. A source that fails is told and left out as long as another one
 * is left; when all fail, the first error is thrown.
 */
export async function loadProfiles(
  names: readonly string[],
  options: FetchOptions,
  adjust: (p: Profile) => Profile,
  warn: (message: string) => void,
): Promise<Loaded> {
  const sources: Source[] = [];
  const urls: URL[] = [];
  const errors: TidemarkError[] = [];
  const failed = (name: string, error: unknown) => {
    if (!isTidemarkError(error)) throw error;
    errors.push(error);
    if (names.length > 1) warn(`${name}: ${error.message}`);
  };
  for (const name of names) {
    try {
      const target = existsSync(name) ? null : profileUrl(name, options.seconds, options.timeout);
      if (target) {
        warn(`Fetching profile over HTTP from ${target.url.href.replace(/\/\/[^/@]*@/, '//')}`);
        // http and TLS take a while to load, which a file need not wait for.
        const { fetchUrl } = await import('./fetch-url.js');
        const fetched = await fetchUrl(target.url, target.wait, options);
        urls.push(target.url);
        sources.push({ name, isUrl: true, bytes: () => fetched });
      } else sources.push({ name, isUrl: false, bytes: () => readFile(name) });
    } catch (error) {
      failed(name, error);
    }
  }
  const named = <T>({ name }: Source, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!isTidemarkError(error) || error.message.startsWith(name)) throw error;
      throw new TidemarkError(error.code, `${name}: ${error.message}`, { cause: error, advice: error.advice });
    }
  };
  const open = (source: Source): ProfileSource => {
    const opened = named(source, () => openProfile(source.bytes(), nodeCodec, { maxBytes: options.maxBytes }));
    return {
      head: adjust(opened.head),
      eachBatch: (take) => named(source, () => opened.eachBatch(take)),
      whole: () => adjust(named(source, () => opened.whole())),
    };
  };
  // A broken file is noticed while the sum is made: then it is made again without it.
  for (;;) {
    if (sources.length === 0) throw errors[0] ?? new TidemarkError('TM_USAGE', 'no profile source specified');
    let at = -1;
    try {
      const profile = combineSources(sources.length, (i) => {
        at = i;
        return open(sources[i]!);
      });
      if (errors.length > 0) warn(`Fetched ${sources.length} source profiles out of ${names.length}`);
      return { profile, urls };
    } catch (error) {
      const source = sources[at];
      if (!source || !isTidemarkError(error) || !error.message.startsWith(source.name)) throw error;
      failed(source.name, error);
      sources.splice(at, 1);
    }
  }
}

function readFile(name: string): Uint8Array {
  try {
    return readFileSync(name);
  } catch (error) {
    throw new TidemarkError('TM_FILE_NOT_FOUND', `${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** True when a file is a program (ELF, Mach-O, PE): the reference takes the first argument as one. */
export function isExecutable(name: string): boolean {
  try {
    const fd = openSync(name, 'r');
    const head = Buffer.alloc(4);
    readSync(fd, head, 0, 4, 0);
    closeSync(fd);
    const magic = head.readUInt32BE(0);
    return (
      magic === 0x7f454c46 ||
      [0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe].includes(magic) ||
      magic >>> 16 === 0x4d5a
    );
  } catch {
    return false;
  }
}
