import { isTidemarkError, TidemarkError } from '@tidemark/model';
import { type Profile, profileKind, readProfile, unpack } from '@tidemark/pprof';
import { nodeCodec } from '../base/codec.js';
import { printable } from '../base/text.js';
import { type MemStats, memStatsFromText } from '../signals/index.js';

/** What a saved file turned out to be, by its content alone. */
export type Recognised =
  | { readonly kind: 'heap'; readonly profile: Profile; readonly memStats: MemStats | null }
  | { readonly kind: 'goroutine' | 'mutex' | 'block'; readonly profile: Profile }
  | { readonly kind: 'goroutine-dump' }
  | { readonly kind: 'other'; readonly what: string };

/**
 * Headers of debug=2, panics and SIGQUIT, in all Go versions. Whatever a log collector writes may stand around them; in an
 * entry of a structured log the newline before one is two characters.
 */
const DUMP = /(?:\b|\\n)goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[[a-z]/;
const SNIFF_BYTES = 256 * 1024;
/** Pieces of a text overlap by so much: a header on the border lies whole in one of them. */
const HEADER_BYTES = 256;
/** MemStats stand in the last ~12 KB of a debug=1 text. */
const TAIL_BYTES = 32 * 1024;

/**
 * Tells what bytes are. A dump may be packed with gzip like everything else.
 * @throws TidemarkError TM_FILE_EMPTY, TM_NOT_A_PROFILE, TM_PROFILE_CORRUPT, TM_LIMIT, each naming the file.
 */
export function recognise(bytes: Uint8Array, path: string, maxBytes: number): Recognised {
  try {
    const raw = unpack(bytes, nodeCodec, maxBytes);
    if (holdsHeader(raw, 0)) return { kind: 'goroutine-dump' };
    try {
      const profile = readProfile(raw, nodeCodec, { maxBytes });
      return byTypes(profile, raw);
    } catch (error) {
      // A log may be long before the program dumps; no profile is a log.
      for (let at = SNIFF_BYTES - HEADER_BYTES; at < raw.length; at += SNIFF_BYTES - HEADER_BYTES)
        if (holdsHeader(raw, at)) return { kind: 'goroutine-dump' };
      throw error;
    }
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    throw new TidemarkError(error.code, `${printable(path)}: ${error.message}`, { cause: error });
  }
}

function holdsHeader(text: Uint8Array, from: number): boolean {
  return DUMP.test(new TextDecoder('latin1').decode(text.subarray(from, from + SNIFF_BYTES)));
}

function byTypes(profile: Profile, raw: Uint8Array): Recognised {
  const kind = profileKind(profile);
  if (kind === 'heap') {
    const tail = profile.form === 'heap-text' ? new TextDecoder().decode(raw.subarray(-TAIL_BYTES)) : '';
    return { kind, profile, memStats: memStatsFromText(tail) };
  }
  if (kind === 'goroutine' || kind === 'mutex' || kind === 'block') return { kind, profile };
  const types = profile.sampleTypes.map((type) => type.type).join(', ');
  return {
    kind: 'other',
    what: kind === 'other' ? `a profile of ${printable(types, 60) || 'nothing'}` : `a ${kind} profile`,
  };
}
