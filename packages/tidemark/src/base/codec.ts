import * as zlib from 'node:zlib';
import { TidemarkError } from '@tidemark/model';
import { type Codec, tooLarge } from '@tidemark/pprof';
import { Decompress } from 'fzstd';

/** Unpacks with Node's zlib; zstd through zlib where this Node has it (22.15 on), else through fzstd. */
export const nodeCodec: Codec = {
  gunzip: (bytes, maxBytes) =>
    guarded(maxBytes, () =>
      zlib.gunzipSync(bytes, { maxOutputLength: maxBytes, chunkSize: likelySize(bytes, maxBytes) }),
    ),
  unzstd: (bytes, maxBytes) => {
    const native = (zlib as { zstdDecompressSync?: (b: Uint8Array, o: { maxOutputLength: number }) => Uint8Array })
      .zstdDecompressSync;
    return guarded(maxBytes, () =>
      native ? native(bytes, { maxOutputLength: maxBytes }) : unzstdInJavaScript(bytes, maxBytes),
    );
  },
};

/**
 * Room for all that comes out, so that it is not put together from pieces of 16 KiB: a gzip file ends with its size.
 * That may be a lie, but no more comes out than 1032 times what goes in.
 */
function likelySize(bytes: Uint8Array, maxBytes: number): number {
  const claimed =
    bytes.length < 18 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  return Math.max(zlib.constants.Z_DEFAULT_CHUNK, Math.min(claimed + 1, maxBytes, bytes.length * 1032));
}

function guarded(maxBytes: number, unpack: () => Uint8Array): Uint8Array {
  try {
    return unpack();
  } catch (error) {
    if (error instanceof TidemarkError) throw error;
    if (error instanceof RangeError || (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(maxBytes);
    }
    throw new TidemarkError('TM_PROFILE_CORRUPT', `decompressing profile: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Block by block, so that a bomb is noticed before it has been unpacked. */
function unzstdInJavaScript(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((chunk) => {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk.slice());
  });
  for (let at = 0; at < bytes.length; at += 65536) {
    stream.push(bytes.subarray(at, at + 65536), at + 65536 >= bytes.length);
  }
  return Buffer.concat(chunks);
}
