import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { TidemarkError } from '@tidemark/model';
import { printable } from '../base/text.js';
import { connectionError } from './http-errors.js';

export interface HttpLimits {
  /** The whole request, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** Silence: longest time without a byte. */
  readonly idleTimeoutMs: number;
  /** Largest answer, counted after a Content-Encoding is undone. */
  readonly maxBytes: number;
}

export interface HttpClientOptions extends HttpLimits {
  readonly headers: Readonly<Record<string, string>>;
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** Skips the check of the TLS certificate. */
  readonly insecure: boolean;
  /** Hosts (`host` or `host:port`) that a redirect may lead to beside the target's own. */
  readonly redirectHosts: readonly string[];
}

export interface HttpHead {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Address that answered, after redirects. */
  readonly url: URL;
}

export interface HttpAnswer extends HttpHead {
  readonly body: Uint8Array;
  readonly tookMs: number;
}

/** Bytes kept of an answer that is no success: enough for its first line. */
const ERROR_BODY_BYTES = 64 * 1024;
const MAX_REDIRECTS = 5;
/** A kept connection that the target had closed meanwhile: asked once more on a new one. */
const STALE = Symbol('stale connection');

/**
 * HTTP GET with bounds on time, silence and size. One connection at a time and kept alive, so that a target is never
 * asked two things at once and a balancer has no reason to change pods between two looks.
 *
 * @throws TidemarkError TM_UNREACHABLE, TM_TIMEOUT, TM_TLS_UNTRUSTED, TM_AUTH_REQUIRED (client certificate), TM_NOT_GO
 * (speaks no HTTP), TM_RESPONSE_CUT, TM_LIMIT, TM_TARGET_REFUSED (redirect); the signal's reason when it aborts.
 */
export class HttpClient {
  readonly #agent: http.Agent;
  readonly #options: HttpClientOptions;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(protocol: string, options: HttpClientOptions) {
    this.#options = options;
    const shared = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1 };
    this.#agent =
      protocol === 'https:'
        ? new https.Agent({
            ...shared,
            rejectUnauthorized: !options.insecure,
            ...(options.ca && { ca: asNodeInput(options.ca) }),
            ...(options.cert && { cert: asNodeInput(options.cert) }),
            ...(options.key && { key: asNodeInput(options.key) }),
          })
        : new http.Agent(shared);
  }

  /** Ends the kept connection. */
  close(): void {
    this.#agent.destroy();
  }

  /** The whole answer, whatever its status; of an unsuccessful one at most 64 KiB. */
  async get(url: URL, limits: Partial<HttpLimits> = {}, signal?: AbortSignal): Promise<HttpAnswer> {
    const chunks: Uint8Array[] = [];
    const started = performance.now();
    const head = await this.stream(url, (chunk) => void chunks.push(chunk), limits, signal);
    return { ...head, body: concat(chunks), tookMs: performance.now() - started };
  }

  /** Like get, but hands every piece over as it comes and keeps none. */
  stream(
    url: URL,
    sink: (chunk: Uint8Array) => void,
    limits: Partial<HttpLimits> = {},
    signal?: AbortSignal,
  ): Promise<HttpHead> {
    const run = this.#queue.then(() => this.#follow(url, sink, { ...this.#options, ...limits }, signal));
    this.#queue = run.catch(() => {});
    return run;
  }

  async #follow(
    from: URL,
    sink: (chunk: Uint8Array) => void,
    limits: HttpLimits,
    signal?: AbortSignal,
  ): Promise<HttpHead> {
    const deadline = performance.now() + limits.timeoutMs;
    let url = from;
    for (let hop = 0; ; hop++) {
      const left = { ...limits, timeoutMs: Math.max(1, deadline - performance.now()) };
      const head = await this.#once(url, from, sink, left, signal).catch((error: unknown) => {
        if (error !== STALE) throw error;
        return this.#once(url, from, sink, left, signal);
      });
      const location = head.status >= 300 && head.status < 400 ? head.headers.location : undefined;
      if (location === undefined) return head;
      if (hop === MAX_REDIRECTS)
        throw new TidemarkError('TM_TARGET_REFUSED', `${show(from)} redirects without end (${hop} times)`);
      url = this.#redirected(url, location);
    }
  }

  #redirected(from: URL, location: string): URL {
    let to: URL;
    try {
      to = new URL(location, from);
    } catch {
      throw new TidemarkError('TM_TARGET_REFUSED', `${show(from)} redirects to what is no address`);
    }
    const upgraded = to.protocol === 'https:' && from.protocol === 'http:';
    if (upgraded && to.hostname === from.hostname)
      throw new TidemarkError('TM_TARGET_REFUSED', `${show(from)} wants HTTPS`, {
        advice: `Give ${show(to)} instead.`,
      });
    if (to.origin === from.origin) return to;
    const allowed = this.#options.redirectHosts.some((host) => host === to.host || host === to.hostname);
    if (allowed && to.protocol === from.protocol) return to;
    throw new TidemarkError('TM_TARGET_REFUSED', `${show(from)} redirects to another host, ${printable(to.host)}`, {
      advice:
        'A login page often does this: pass a header with --header. If the other host is right, give its address instead.',
    });
  }

  #once(
    url: URL,
    first: URL,
    sink: (chunk: Uint8Array) => void,
    limits: HttpLimits,
    signal?: AbortSignal,
  ): Promise<HttpHead> {
    const { headers } = this.#options;
    return new Promise((resolve, reject) => {
      let idle: NodeJS.Timeout;
      const give = (error: unknown) => {
        clearTimeout(total);
        clearTimeout(idle);
        signal?.removeEventListener('abort', onAbort);
        reject(error);
        request.destroy();
      };
      const succeed = (head: HttpHead) => {
        clearTimeout(total);
        clearTimeout(idle);
        signal?.removeEventListener('abort', onAbort);
        resolve(head);
      };
      const onAbort = () => give(signal!.reason);
      const late = (what: string, ms: number) =>
        give(new TidemarkError('TM_TIMEOUT', `${show(url)} ${what} for ${Math.round(ms)} ms`));
      const total = setTimeout(() => late('did not finish its answer', limits.timeoutMs), limits.timeoutMs);
      const alive = () => {
        clearTimeout(idle);
        idle = setTimeout(() => late('sent nothing', limits.idleTimeoutMs), limits.idleTimeoutMs);
      };
      const request = (url.protocol === 'https:' ? https : http).request(url, {
        agent: this.#agent,
        // Headers may hold a secret: they go to the place that the user named, not to where it redirects.
        headers: { 'user-agent': 'tidemark', 'accept-encoding': 'gzip', ...(url.origin === first.origin && headers) },
      });
      alive();
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      request.on('error', (error: NodeJS.ErrnoException) => {
        const stale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        give(stale ? STALE : connectionError(error, show(url)));
      });
      request.on('response', (response) => {
        alive();
        const status = response.statusCode ?? 0;
        if (status >= 300 && status < 400) {
          succeed({ status, headers: response.headers, url });
          request.destroy();
          return;
        }
        const ok = status >= 200 && status < 300;
        let bytes = 0;
        const body = decoded(response, give, url);
        if (!body) return;
        response.on('data', alive);
        response.on('close', () => {
          if (!response.complete)
            give(new TidemarkError('TM_RESPONSE_CUT', `the answer of ${show(url)} ended in the middle`));
        });
        response.on('error', () => {}); // told by 'close'
        body.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (!ok && bytes > ERROR_BODY_BYTES) {
            response.removeAllListeners('close');
            succeed({ status, headers: response.headers, url });
            request.destroy();
          } else if (bytes > limits.maxBytes) {
            give(
              new TidemarkError('TM_LIMIT', `the answer of ${show(url)} is larger than ${limits.maxBytes} bytes`, {
                advice: 'Raise --max-bytes if you trust the target.',
              }),
            );
          } else {
            sink(chunk);
          }
        });
        body.on('end', () => {
          if (response.complete) succeed({ status, headers: response.headers, url });
        });
      });
      request.end();
    });
  }
}

/** The body with its Content-Encoding undone; undefined, and the request failed, for encodings that nobody asked for. */
function decoded(response: http.IncomingMessage, fail: (e: unknown) => void, url: URL): Readable | undefined {
  const encoding = response.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return response;
  const unpack = /^(x-)?gzip$/.test(encoding) ? createGunzip() : encoding === 'deflate' ? createInflate() : undefined;
  if (!unpack) {
    fail(new TidemarkError('TM_TARGET_ERROR', `${show(url)} answers in the encoding "${printable(encoding, 20)}"`));
    return undefined;
  }
  unpack.on('error', (error: NodeJS.ErrnoException) =>
    fail(
      error.code === 'Z_BUF_ERROR'
        ? new TidemarkError('TM_RESPONSE_CUT', `the compressed answer of ${show(url)} ended in the middle`)
        : new TidemarkError('TM_TARGET_ERROR', `the compressed answer of ${show(url)} is damaged`, { cause: error }),
    ),
  );
  return response.pipe(unpack);
}

/** An address for messages: no credentials, no query. */
function show(url: URL): string {
  return printable(`${url.protocol}//${url.host}${url.pathname}`);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function asNodeInput(data: string | Uint8Array): string | Buffer {
  return typeof data === 'string' ? data : Buffer.from(data);
}
