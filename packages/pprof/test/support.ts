import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { type Codec, type Profile, readProfile } from '../src/index.js';

/** Matches the error of that code. */
export const tm = (code: string) => expect.objectContaining({ code });

export const codec: Codec = { gunzip: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }) };

export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const readText = (...lines: string[]): Profile => readProfile(bytesOf(lines.join('\n')), codec);

/** A field of a protocol buffer: a number is a varint, a text or bytes are its bytes, fields are a message. */
export type Field = readonly [number: number, value: number | bigint | string | Uint8Array | readonly Field[]];

/** An encoder that shares nothing with the one under test. */
export function message(...fields: Field[]): Uint8Array {
  const out: number[] = [];
  for (const [number, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint') out.push(...varint(number * 8), ...varint(value));
    else {
      const content =
        typeof value === 'string' ? bytesOf(value) : value instanceof Uint8Array ? value : message(...value);
      out.push(...varint(number * 8 + 2), ...varint(content.length));
      for (const byte of content) out.push(byte);
    }
  }
  return Uint8Array.from(out);
}

/** Numbers one behind another, as a packed field has them. */
export const packed = (...values: (number | bigint)[]) => Uint8Array.from(values.flatMap(varint));

function varint(value: number | bigint): number[] {
  const out: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return [...out, Number(rest)];
    out.push(Number(rest & 127n) | 128);
  }
}

/** Each sample in one line: `values | frames, leaf first | labels`. */
export function rows(p: Profile): string[] {
  return Array.from({ length: p.sampleCount }, (_, s) => {
    const values = p.sampleTypes.map((_t, t) => p.values[s * p.sampleTypes.length + t]);
    const frames = p.frames(s).map((f) => `${f.inlined ? '+' : ''}${f.function}${f.file && `@${f.file}:${f.line}`}`);
    const labels = p.labels(s).map((l) => ('text' in l ? `${l.key}=${l.text}` : `${l.key}=#${l.number}${l.unit}`));
    return [values.join(' '), frames.join(' '), labels.join(' ')].join(' | ').replace(/( \| )+$/, '');
  });
}

/** Sample types as `type/unit`. */
export const types = (p: Profile) => p.sampleTypes.map((t) => `${t.type}/${t.unit}`).join(' ');
