import { gunzipSync } from 'node:zlib';
import { TidemarkError } from '@tidemark/model';

/** True for bytes that begin like a gzip member. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip up to `maxBytes` of output.
 * @throws TidemarkError TM_LIMIT for a gzip bomb, TM_PROFILE_CORRUPT for a cut or damaged stream.
 */
export function gunzipBounded(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new TidemarkError('TM_LIMIT', `unpacked, it is larger than the limit of ${maxBytes} bytes`, {
        cause: error,
      });
    throw new TidemarkError('TM_PROFILE_CORRUPT', `the gzip data is damaged or ends early (${code ?? 'unknown'})`, {
      cause: error,
    });
  }
}
