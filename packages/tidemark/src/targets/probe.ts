import { isTidemarkError, TidemarkError } from '@tidemark/model';
import { printable } from '../base/text.js';
import type { Address } from './address.js';
import { isHtml, looksLikeLogin, readIndex } from './html.js';
import type { HttpAnswer, HttpClient } from './http.js';
import { type Offers, refuseFailure, withQuery } from './target.js';

/** An index page and an expvar document are small; whatever is larger is no answer to a probe. */
const PROBE_BYTES = 4 * 2 ** 20;

/**
 * Finds the pprof handlers among the candidates and what they offer. Asks little: the index, at most one profile
 * where there is no index, cmdline and expvar.
 *
 * @throws TidemarkError TM_PPROF_ABSENT, TM_NOT_GO, TM_AUTH_REQUIRED, TM_TARGET_ERROR, and what HttpClient throws.
 */
export async function probe(
  address: Address,
  client: HttpClient,
  signal?: AbortSignal,
): Promise<{ base: URL; offers: Offers }> {
  const get = (url: URL) => client.get(withQuery(url, address.query), { maxBytes: PROBE_BYTES }, signal);
  const refusals: { answer: HttpAnswer; url: URL }[] = [];
  for (const base of address.candidates) {
    const answer = await get(base);
    const profiles = readIndex(answer.body);
    if (answer.status === 200 && profiles) return { base, offers: await completeOffers(base, profiles, get) };
    refusals.push({ answer, url: base });
    if (answer.status === 404 || answer.status === 405) {
      // A service may register single profiles with pprof.Handler and no index.
      const single = await trySingle(base, address.focus ?? 'goroutine', get);
      if (single) return { base, offers: await completeOffers(base, single, get) };
    }
  }
  throw await explainRefusal(refusals, address, get);
}

type Get = (url: URL) => Promise<HttpAnswer>;

async function trySingle(base: URL, profile: string, get: Get): Promise<Map<string, null> | null> {
  const found = new Map<string, null>();
  for (const name of new Set([profile, 'heap'])) {
    const answer = await get(new URL(name, base)).catch(tolerate);
    const head = answer?.body.subarray(0, 2);
    // Profiles are gzip data; debug=0 always is.
    if (answer?.status === 200 && head?.[0] === 0x1f && head[1] === 0x8b) found.set(name, null);
  }
  return found.size ? found : null;
}

async function completeOffers(base: URL, profiles: Map<string, number | null>, get: Get): Promise<Offers> {
  const cmdline = await get(new URL('cmdline', base)).catch(tolerate);
  const expvar = await firstThat(isExpvar, [new URL('../vars', base), new URL('/debug/vars', base)], get);
  // The module for services tells most, and beside it there may be a /metrics of the service's own.
  const places = ['../tidemark/metrics', '../../metrics', '/metrics'].map((path) => new URL(path, base));
  const metrics = await firstThat(isExposition, places, get);
  const words =
    cmdline?.status === 200 && !isHtml(cmdline, cmdline.body) && cmdline.body.length > 0
      ? new TextDecoder().decode(cmdline.body).split('\u0000')
      : null;
  return {
    profiles: new Set(profiles.keys()),
    goroutines: profiles.get('goroutine') ?? null,
    ...{ expvar, metrics },
    cmdline: words,
  };
}

async function firstThat(is: (body: Uint8Array) => boolean, places: readonly URL[], get: Get): Promise<URL | null> {
  for (const place of new Map(places.map((p) => [p.href, p])).values()) {
    const answer = await get(place).catch(tolerate);
    if (answer?.status === 200 && is(answer.body)) return place;
  }
  return null;
}

/** Numbers of the Go runtime or of the process: a service's own metrics alone say nothing about memory. */
function isExposition(body: Uint8Array): boolean {
  return /^(?:go_(?:goroutines|gc_|memstats_|memory_)|process_resident_memory_bytes|tidemark_)/m.test(
    new TextDecoder().decode(body),
  );
}

function isExpvar(body: Uint8Array): boolean {
  const head = new TextDecoder().decode(body.subarray(0, PROBE_BYTES));
  return head.trimStart().startsWith('{') && /"memstats"\s*:\s*\{/.test(head);
}

/** Optional answers may fail in every known way; a target that is gone or too slow is told by the next request. */
function tolerate(error: unknown): undefined {
  if (isTidemarkError(error)) return undefined;
  throw error;
}

/** Why nothing was found, from the first answer that says more than "not here". */
async function explainRefusal(
  refusals: readonly { answer: HttpAnswer; url: URL }[],
  address: Address,
  get: Get,
): Promise<TidemarkError> {
  const first = refusals[0]!;
  const telling = refusals.find(({ answer }) => answer.status !== 404 && answer.status !== 405) ?? first;
  const { answer, url } = telling;
  const shown = `${address.shown} (${url.pathname})`;
  if (answer.status === 200 && looksLikeLogin(answer.body))
    return new TidemarkError('TM_AUTH_REQUIRED', `${shown} answers a login page with status 200`);
  if (answer.status !== 404 && answer.status !== 405 && answer.status !== 200) {
    try {
      refuseFailure(answer, answer.body, shown);
    } catch (error) {
      if (isTidemarkError(error)) return error;
      throw error;
    }
  }
  const go = await goSigns(first.url, first.answer, get);
  const said =
    answer.status === 200
      ? `${shown} answers status 200 but no pprof index`
      : `${shown} answers ${answer.status}: no pprof handlers there`;
  if (go) return new TidemarkError('TM_PPROF_ABSENT', `${said}; it is a Go program (${go})`);
  const other = foreignRuntime(answer);
  if (other) return new TidemarkError('TM_NOT_GO', `${said}; its headers say ${other}`);
  if (answer.status === 200) return new TidemarkError('TM_NOT_GO', said);
  return new TidemarkError('TM_PPROF_ABSENT', `${said}, and nothing shows that it is a Go program`);
}

/** What tells that the program is Go's although it has no pprof; null when nothing does. */
async function goSigns(place: URL, notFound: HttpAnswer, get: Get): Promise<string | null> {
  // The words and the header of http.NotFound.
  if (
    new TextDecoder().decode(notFound.body.subarray(0, 32)).trim() === '404 page not found' &&
    notFound.headers['x-content-type-options'] === 'nosniff'
  )
    return "its 404 is net/http's";
  const vars = await get(new URL('/debug/vars', place)).catch(tolerate);
  if (vars?.status === 200 && isExpvar(vars.body)) return 'it has /debug/vars';
  const metrics = await get(new URL('/metrics', place)).catch(tolerate);
  if (metrics?.status === 200) {
    const info = /^go_(?:info\{[^}]*version="([^"]+)"|goroutines )/m.exec(new TextDecoder().decode(metrics.body));
    if (info) return `/metrics says ${printable(info[1] ?? 'go_goroutines', 40)}`;
  }
  return null;
}

/** Names of runtimes in the headers by which servers present themselves (a proxy's name says nothing about it). */
function foreignRuntime(answer: HttpAnswer): string | null {
  const text = `${answer.headers['server'] ?? ''} ${answer.headers['x-powered-by'] ?? ''}`;
  const match =
    /\b(?:Python|PHP|Express|Next\.js|ASP\.NET|Kestrel|Jetty|Tomcat|Undertow|Werkzeug|gunicorn|uvicorn|Puma|Passenger|WEBrick|Cowboy|Servlet|JBoss)\b[^\s,;]*/i.exec(
      text,
    );
  return match ? printable(match[0], 40) : null;
}
