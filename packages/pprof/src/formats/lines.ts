const decoder = new TextDecoder();

/** Lines of a text, decoded one at a time, without their end (`\n` or `\r\n`). */
export class Lines {
  private readonly bytes: Uint8Array;
  private pos = 0;
  /** The line that was read last; '' before the first and after the last one. */
  current = '';
  /** False for a last line that has no end: what it says may have been cut. */
  ended = false;

  constructor(bytes: Uint8Array, pos = 0) {
    this.bytes = bytes;
    this.pos = pos;
  }

  next(): boolean {
    if (this.pos >= this.bytes.length) {
      this.current = '';
      return false;
    }
    const found = this.bytes.indexOf(10, this.pos);
    const end = found < 0 ? this.bytes.length : found;
    this.ended = found >= 0;
    const stop = end > this.pos && this.bytes[end - 1] === 13 ? end - 1 : end;
    this.current = decoder.decode(this.bytes.subarray(this.pos, stop));
    this.pos = end + 1;
    return true;
  }
}

export function isSpaceOrComment(line: string): boolean {
  const trimmed = line.trim();
  return trimmed === '' || trimmed[0] === '#';
}

const INT64_MAX = 9223372036854775807n;

/** A decimal (or 0x…) signed 64-bit integer; null for anything else. */
export function parseInt64(text: string): number | bigint | null {
  if (!/^[-+]?(?:\d+|0[xX][0-9a-fA-F]+)$/.test(text)) return null;
  const quick = Number(text);
  if (Number.isSafeInteger(quick)) return quick === 0 ? 0 : quick;
  const negative = text[0] === '-';
  const magnitude = BigInt(text.replace(/^[-+]/, ''));
  if (magnitude > INT64_MAX + (negative ? 1n : 0n)) return null;
  return negative ? -magnitude : magnitude;
}

/** Every 0x… number in a text; null when one of them does not fit 64 bits. */
export function parseAddresses(text: string): bigint[] | null {
  const addresses: bigint[] = [];
  for (const hex of text.match(/0x[0-9a-f]+/g) ?? []) {
    const address = BigInt(hex);
    if (address > 0xffffffffffffffffn) return null;
    addresses.push(address);
  }
  return addresses;
}

/** The call instruction of a return address: one below, wrapping around as unsigned 64-bit numbers do. */
export function callSite(returnAddress: bigint): bigint {
  return BigInt.asUintN(64, returnAddress - 1n);
}

/** float → int64 as Go converts on amd64: towards zero, and the smallest int64 for what does not fit. */
export function truncateToInt64(value: number): number | bigint {
  if (Number.isNaN(value) || value >= 2 ** 63 || value < -(2 ** 63)) return -9223372036854775808n;
  const whole = Math.trunc(value);
  return Number.isSafeInteger(whole) ? whole + 0 : BigInt(whole);
}
