import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { TidemarkError } from '@tidemark/model';

export interface FetchOptions {
  readonly seconds: number;
  readonly timeout: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly tls: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
  };
}

/** Fetches a profile. Every way in which that fails has its own TM_ error. */
export async function fetchUrl(url: URL, waitSeconds: number, options: FetchOptions, hops = 5): Promise<Uint8Array> {
  const place = `${url.origin}${url.pathname}`;
  const read = (file: string | undefined) => (file ? readFileSync(file) : undefined);
  const { ca, cert, key } = options.tls;
  const tls = url.protocol === 'https:' ? { ca: read(ca), cert: read(cert), key: read(key) } : {};
  const deadline = AbortSignal.timeout((waitSeconds + 5) * 1000);
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    (url.protocol === 'https:' ? https : http)
      .get(url, { signal, ...tls, headers: { 'accept-encoding': 'identity' } }, resolve)
      .on('error', reject);
  }).catch((error) => {
    throw failure(error, place, deadline.aborted, waitSeconds);
  });
  const status = response.statusCode ?? 0;
  const next = response.headers.location;
  if (status >= 300 && status < 400 && next && hops > 0) {
    response.resume();
    return fetchUrl(new URL(next, url), waitSeconds, options, hops - 1);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > options.maxBytes) {
        throw new TidemarkError('TM_LIMIT', `${place}: the answer is larger than ${options.maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TidemarkError) throw error;
    throw failure(error, place, deadline.aborted, waitSeconds, true);
  }
  const body = Buffer.concat(chunks);
  if (status === 200) return body;
  const line = body.toString('utf8', 0, 300).split('\n')[0]!.trim();
  const message = `${place} answered ${status}${line ? `: ${line}` : ''}`;
  if (status === 401 || status === 403) throw new TidemarkError('TM_AUTH_REQUIRED', message);
  throw new TidemarkError(status === 404 ? 'TM_PPROF_ABSENT' : 'TM_TARGET_ERROR', message);
}

function failure(error: unknown, place: string, timedOut: boolean, waitSeconds: number, cut = false): TidemarkError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (timedOut) {
    return new TidemarkError('TM_TIMEOUT', `${place} did not answer within ${waitSeconds} s`, {
      advice: 'Give it longer with -timeout.',
      cause: error,
    });
  }
  if (/CERT|SSL|TLS|SELF_SIGNED|ALTNAME/.test(code)) {
    return new TidemarkError('TM_TLS_UNTRUSTED', `${place}: ${message}`, {
      advice: 'Pass its authority with -tls_ca FILE.',
      cause: error,
    });
  }
  return new TidemarkError(cut ? 'TM_RESPONSE_CUT' : 'TM_UNREACHABLE', `${place}: ${message}`, { cause: error });
}
