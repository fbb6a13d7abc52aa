import { TidemarkError } from '@tidemark/model';
import { type MemStats, memStatsFromJson } from './memstats.js';

/** What an expvar document (/debug/vars) tells about memory; the rest of it is not kept, it may hold anything. */
export interface Expvar {
  readonly memStats: MemStats | null;
  readonly cmdline: readonly string[] | null;
  /** Numbers at the top of the document, e.g. a service's own counters: at most 200. */
  readonly numbers: Readonly<Record<string, number>>;
}

const MAX_NUMBERS = 200;

/** @throws TidemarkError TM_TARGET_ERROR when the text is no JSON object. */
export function parseExpvar(text: string): Expvar {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new TidemarkError('TM_TARGET_ERROR', 'the expvar document is no JSON', { cause: error });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new TidemarkError('TM_TARGET_ERROR', 'the expvar document is no JSON object');
  const fields = document as Record<string, unknown>;
  const cmdline = fields['cmdline'];
  const numbers: Record<string, number> = Object.create(null);
  let count = 0;
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    if (++count > MAX_NUMBERS) break;
    numbers[key] = value;
  }
  return {
    memStats: memStatsFromJson(fields['memstats']),
    cmdline:
      Array.isArray(cmdline) && cmdline.length > 0 && cmdline.every((word) => typeof word === 'string')
        ? cmdline
        : null,
    numbers,
  };
}
