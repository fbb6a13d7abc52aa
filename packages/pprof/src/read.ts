import { TidemarkError } from '@tidemark/model';
import { readContentionText } from './formats/contention.js';
import { readCpuBinary } from './formats/cpu.js';
import { readGoCountText } from './formats/go-count.js';
import { readHeapText } from './formats/heap.js';
import { readJavaText } from './formats/java.js';
import { openProto } from './formats/proto.js';
import { readThreadText } from './formats/thread.js';
import type { Profile } from './profile.js';
import { type ProfileSource, sourceOf } from './source.js';

/** What unpacks bytes: Node and the browser each give theirs. A result beyond maxBytes must throw TM_LIMIT. */
export interface Codec {
  gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array;
  unzstd?(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

export interface ReadOptions {
  /** Bytes that the input may have once it is unpacked; 256 MiB by default. */
  readonly maxBytes?: number;
}

export const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/** Text forms, in the order in which the reference tries them. */
const TEXT_FORMS = [readHeapText, readGoCountText, readThreadText, readContentionText, readJavaText];

/**
 * Reads a profile in any known form, told by its content, never by its name: profile.proto (gzip, zstd or bare),
 * the debug=1 texts of heap, goroutine, threadcreate, block and mutex with their own symbols, and the forms that came
 * before the proto: heapz, growthz, contentionz, threadz, binary CPU profiles, and those of Java agents.
 *
 * Throws TM_FILE_EMPTY, TM_NOT_A_PROFILE, TM_PROFILE_CORRUPT, TM_LIMIT.
 */
export function readProfile(bytes: Uint8Array, codec: Codec, options: ReadOptions = {}): Profile {
  return openProfile(bytes, codec, options).whole();
}

/**
 * The same for what is only added up: the samples of a profile.proto are then decoded as they are added, and what is
 * malformed in them is thrown as TM_PROFILE_CORRUPT only then.
 */
export function openProfile(bytes: Uint8Array, codec: Codec, options: ReadOptions = {}): ProfileSource {
  const raw = unpack(bytes, codec, options.maxBytes ?? DEFAULT_MAX_BYTES);
  if (raw.length === 0) throw new TidemarkError('TM_FILE_EMPTY', 'the profile is empty');
  if (looksLikeText(raw)) {
    for (const read of TEXT_FORMS) {
      const profile = read(raw);
      if (profile) return sourceOf(profile);
    }
    throw new TidemarkError('TM_NOT_A_PROFILE', `unrecognized profile format: it begins with ${quoteStart(raw)}`);
  }
  const cpu = readCpuBinary(raw);
  if (cpu) return sourceOf(cpu);
  if (!beginsLikeProto(raw)) throw new TidemarkError('TM_NOT_A_PROFILE', 'unrecognized profile format');
  return openProto(raw);
}

/** Undoes gzip or zstd, by the first bytes. Throws TM_FILE_EMPTY, TM_PROFILE_CORRUPT, TM_LIMIT. */
export function unpack(bytes: Uint8Array, codec: Codec, maxBytes: number): Uint8Array {
  if (bytes.length === 0) throw new TidemarkError('TM_FILE_EMPTY', 'the profile is empty');
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return codec.gunzip(bytes, maxBytes);
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd) {
    if (!codec.unzstd)
      throw new TidemarkError('TM_NOT_A_PROFILE', 'the profile is zstd, which cannot be unpacked here');
    return codec.unzstd(bytes, maxBytes);
  }
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  return bytes;
}

/** The error of a codec whose result would be larger than the limit. */
export function tooLarge(maxBytes: number): TidemarkError {
  return new TidemarkError('TM_LIMIT', `the unpacked profile is larger than maxBytes = ${maxBytes}`);
}

/** No control characters at the start: a proto begins with short messages, whose lengths and tags are such. */
function looksLikeText(bytes: Uint8Array): boolean {
  const n = Math.min(bytes.length, 512);
  for (let i = 0; i < n; i++) {
    const c = bytes[i]!;
    if (c < 0x20 && c !== 9 && c !== 10 && c !== 13) return false;
  }
  return true;
}

/** True when the first byte is the tag of a field that profile.proto has, with its wire type. */
function beginsLikeProto(bytes: Uint8Array): boolean {
  const field = bytes[0]! >> 3;
  const type = bytes[0]! & 7;
  if (field < 1 || field > 15) return false;
  return field <= 6 || field === 11 ? type === 2 : field === 13 ? type === 0 || type === 2 : type === 0;
}

function quoteStart(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 60));
  return JSON.stringify(text.split('\n')[0]!.slice(0, 40));
}
