import { type Address, parseAddress } from './address.js';
import { HttpClient } from './http.js';
import { probe } from './probe.js';
import { Target } from './target.js';

export interface TargetOptions {
  /** Sent with every request to the target, never to where it redirects. */
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the authority that signed the target's certificate. */
  readonly ca?: string | Uint8Array;
  /** PEM of a client certificate and its key. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** Does not check the target's certificate. */
  readonly insecure?: boolean;
  /** Longest time of one request; default 30 s. */
  readonly timeoutMs?: number;
  /** Longest silence inside a request; default 15 s, never more than timeoutMs. */
  readonly idleTimeoutMs?: number;
  /** Largest answer; default 256 MiB. */
  readonly maxBytes?: number;
  /** Hosts that a redirect may lead to; default none but the target's own. */
  readonly redirectHosts?: readonly string[];
  readonly signal?: AbortSignal;
}

/** The HTTP client for an address, with the defaults of the options. Close it when done. */
export function openClient(address: Address, options: TargetOptions = {}): HttpClient {
  const timeoutMs = options.timeoutMs ?? 30_000;
  return new HttpClient(address.candidates[0]!.protocol, {
    headers: { ...(address.authorization && { authorization: address.authorization }), ...options.headers },
    insecure: options.insecure ?? false,
    timeoutMs,
    idleTimeoutMs: Math.min(options.idleTimeoutMs ?? 15_000, timeoutMs),
    maxBytes: options.maxBytes ?? 256 * 2 ** 20,
    redirectHosts: options.redirectHosts ?? [],
    ...(options.ca !== undefined && { ca: options.ca }),
    ...(options.cert !== undefined && { cert: options.cert }),
    ...(options.key !== undefined && { key: options.key }),
  });
}

/**
 * Opens a live Go service: reads the address, connects, and probes what it answers.
 * Close it when done. Proxy variables of the environment are not followed.
 * @throws TidemarkError as `parseAddress`, `HttpClient` and `probe` say.
 */
export async function openTarget(text: string, options: TargetOptions = {}): Promise<Target> {
  const address = parseAddress(text);
  const client = openClient(address, options);
  try {
    const { base, offers } = await probe(address, client, options.signal);
    return new Target({ shown: address.shown, base, offers, focus: address.focus, client, query: address.query });
  } catch (error) {
    client.close();
    throw error;
  }
}
