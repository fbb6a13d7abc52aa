import { TidemarkError } from '@tidemark/model';
import { firstLine, printable } from '../base/text.js';
import { isHtml, looksLikeLogin } from './html.js';
import type { HttpAnswer, HttpClient, HttpHead, HttpLimits } from './http.js';

/** What a target answers, as the probe found it. */
export interface Offers {
  /** Names of the profiles, e.g. heap, goroutine, goroutineleak. */
  readonly profiles: ReadonlySet<string>;
  /** Goroutines when probed, from the index page; null where it does not tell. */
  readonly goroutines: number | null;
  readonly expvar: URL | null;
  /** A Prometheus exposition of Go's own metrics or the process's. */
  readonly metrics: URL | null;
  /** The process's argument list, from /debug/pprof/cmdline; null where it is not answered. May hold secrets. */
  readonly cmdline: readonly string[] | null;
}

/** One thing to ask for: a profile's name and pprof's parameters. */
export interface Ask {
  readonly profile: string;
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * A live Go service that was probed. Asked one thing at a time; every answer is bounded in time and size.
 * Messages never hold credentials.
 */
export class Target {
  readonly kind = 'http';
  /** Address for people: without credentials. */
  readonly shown: string;
  /** Where the profiles are; ends with `/`. */
  readonly base: URL;
  readonly offers: Offers;
  /** The profile that the user's address named, e.g. heap; else null. */
  readonly focus: string | null;
  readonly #client: HttpClient;
  readonly #query: readonly (readonly [string, string])[];

  constructor(parts: {
    shown: string;
    base: URL;
    offers: Offers;
    focus: string | null;
    client: HttpClient;
    query: readonly (readonly [string, string])[];
  }) {
    this.shown = parts.shown;
    this.base = parts.base;
    this.offers = parts.offers;
    this.focus = parts.focus;
    this.#client = parts.client;
    this.#query = parts.query;
  }

  /** True when the address is this machine's own. A tunnel may still lead elsewhere. */
  get isLoopback(): boolean {
    const host = this.base.hostname.replace(/^\[|\]$/g, '');
    return host === 'localhost' || host === '::1' || /^127\./.test(host);
  }

  get port(): number {
    return Number(this.base.port) || (this.base.protocol === 'https:' ? 443 : 80);
  }

  /** `/debug/pprof/heap?gc=1`, for messages and manifests: without what is secret. */
  describe(ask: Ask): string {
    const query = new URLSearchParams(ask.query).toString();
    return `${this.base.pathname}${ask.profile}${query && `?${query}`}`;
  }

  /**
   * @throws TidemarkError what HttpClient throws, and TM_PPROF_ABSENT (404), TM_AUTH_REQUIRED, TM_TARGET_ERROR for
   * answers that are no success or an HTML page.
   */
  async fetch(ask: Ask, limits?: Partial<HttpLimits>, signal?: AbortSignal): Promise<HttpAnswer> {
    const answer = await this.#client.get(this.#url(ask), limits, signal);
    refuseFailure(answer, answer.body, this.describe(ask));
    return answer;
  }

  /** Like fetch, in pieces that are not kept: for text that is large. */
  async stream(
    ask: Ask,
    sink: (chunk: Uint8Array) => void,
    limits?: Partial<HttpLimits>,
    signal?: AbortSignal,
  ): Promise<void> {
    let head: Uint8Array | undefined;
    const answer = await this.#client.stream(
      this.#url(ask),
      (chunk) => {
        head ??= chunk;
        sink(chunk);
      },
      limits,
      signal,
    );
    refuseFailure(answer, head ?? new Uint8Array(), this.describe(ask));
  }

  /** The expvar document or the exposition; null where the target has none. */
  async fetchNumbers(
    from: 'expvar' | 'metrics',
    limits?: Partial<HttpLimits>,
    signal?: AbortSignal,
  ): Promise<HttpAnswer | null> {
    const place = this.offers[from];
    if (!place) return null;
    const answer = await this.#client.get(withQuery(place, this.#query), limits, signal);
    refuseFailure(answer, answer.body, place.pathname);
    return answer;
  }

  close(): void {
    this.#client.close();
  }

  #url(ask: Ask): URL {
    return withQuery(new URL(ask.profile, this.base), [...Object.entries(ask.query ?? {}), ...this.#query]);
  }
}

/** A copy of the address with these parameters. */
export function withQuery(url: URL, query: readonly (readonly [string, string])[]): URL {
  const out = new URL(url);
  for (const [name, value] of query) out.searchParams.set(name, value);
  return out;
}

/** @throws TidemarkError for every answer that is not the success which was asked for. */
export function refuseFailure(head: HttpHead, body: Uint8Array, shown: string): void {
  const { status } = head;
  if (status === 401 || status === 403 || status === 407)
    throw new TidemarkError('TM_AUTH_REQUIRED', `${shown} answers ${status}${said(body)}`);
  if (status === 404 || status === 405)
    throw new TidemarkError('TM_PPROF_ABSENT', `${shown} answers ${status}${said(body)}`);
  if (status === 400 && /HTTPS server/i.test(firstLine(body)))
    throw new TidemarkError('TM_TARGET_REFUSED', `${shown} speaks HTTPS`, {
      advice: 'Give the address with https://.',
    });
  if (status < 200 || status > 299)
    throw new TidemarkError('TM_TARGET_ERROR', `${shown} answers ${status}${said(body)}`);
  if (isHtml(head, body)) {
    if (looksLikeLogin(body))
      throw new TidemarkError('TM_AUTH_REQUIRED', `${shown} answers a login page (status ${status})`);
    throw new TidemarkError('TM_NOT_GO', `${shown} answers an HTML page instead of a profile (status ${status})`);
  }
}

function said(body: Uint8Array): string {
  const line = printable(firstLine(body), 120);
  return line && !line.startsWith('<') ? `: ${line}` : '';
}
