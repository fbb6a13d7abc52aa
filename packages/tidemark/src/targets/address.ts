import { TidemarkError } from '@tidemark/model';
import { printable } from '../base/text.js';

/** Where a user's address may lead to. Nothing in here holds credentials but `authorization` and `query`. */
export interface Address {
  /** What is shown: without user, password and query. */
  readonly shown: string;
  /** Places where the pprof handlers may be, the likeliest first; each ends with `/`. */
  readonly candidates: readonly URL[];
  /** The profile that a full profile address names (`heap`), else null. */
  readonly focus: string | null;
  /** `Basic …` from user:password in the address, else null. */
  readonly authorization: string | null;
  /** Query parameters that are not pprof's own, e.g. an access token: sent with every request, never shown. */
  readonly query: readonly (readonly [string, string])[];
}

const PROFILES = /^(?:heap|goroutine|goroutineleak|allocs|block|mutex|threadcreate|profile|trace|cmdline|symbol)$/;
const PPROF_PARAMETERS = new Set(['debug', 'gc', 'seconds', 'rate']);

/**
 * Reads what a user gives as an address: `localhost:6060`, `:6060`, `https://user:pw@host/base/debug/pprof/heap?debug=1`.
 * @throws TidemarkError TM_TARGET_REFUSED for other schemes and what is no address at all.
 */
export function parseAddress(text: string): Address {
  const url = toUrl(text.trim());
  const shown = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
  const authorization =
    url.username || url.password
      ? `Basic ${Buffer.from(`${decodeSafely(url.username)}:${decodeSafely(url.password)}`).toString('base64')}`
      : null;
  const query = [...url.searchParams].filter(([name]) => !PPROF_PARAMETERS.has(name));
  const { paths, focus } = candidatePaths(url.pathname);
  const candidates = paths.map((path) => new URL(path, `${url.protocol}//${url.host}`));
  return { shown, candidates, focus, authorization, query };
}

/** Whether a user means a live service with this and not a file: a URL, `host:port` or `:port`. */
export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) || /^(?:[\w.-]*|\[[0-9a-f:]+\]):\d+(?:\/|$)/i.test(text);
}

/** What a user wrote, without user and password: it is printed and kept. */
export function withoutCredentials(address: string): string {
  return address.replace(/\/\/[^@/]*@/, '//');
}

function toUrl(text: string): URL {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text
    : `http://${text.startsWith(':') ? '127.0.0.1' : ''}${text}`;
  let url: URL;
  try {
    url = new URL(full);
  } catch {
    // The text may hold a password: of what cannot be parsed only what follows the last @ is shown.
    throw new TidemarkError('TM_TARGET_REFUSED', `"${printable(text.replace(/^.*@/s, ''))}" is no address`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TidemarkError('TM_TARGET_REFUSED', `${printable(url.protocol)} addresses are not read`);
  if (url.hostname === '') throw new TidemarkError('TM_TARGET_REFUSED', 'the address has no host');
  return url;
}

function candidatePaths(pathname: string): { paths: string[]; focus: string | null } {
  const path = pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  const standard = path.lastIndexOf('/debug/pprof');
  const after = path.slice(standard + '/debug/pprof'.length);
  if (standard >= 0 && (after === '' || after.startsWith('/'))) {
    const focus = after.slice(1);
    return { paths: [`${path.slice(0, standard)}/debug/pprof/`], focus: PROFILES.test(focus) ? focus : null };
  }
  // Handlers may be mounted elsewhere (/internal/pprof/heap), and a user may give /metrics or /healthz.
  const last = path.slice(path.lastIndexOf('/') + 1);
  const named = PROFILES.test(last);
  const mount = named ? path.slice(0, -last.length) : `${path}/`;
  const paths = [`${path}/debug/pprof/`, mount, '/debug/pprof/'];
  const tried = path === '' ? ['/debug/pprof/'] : named ? [mount, '/debug/pprof/'] : paths;
  return { paths: [...new Set(tried)], focus: named ? last : null };
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
