const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * The string table of a profile: bytes that become strings only when somebody asks for them, because most
 * reports look at a small share of them. Strings added later follow the decoded ones. Index 0 is ''.
 */
export class StringTable {
  private readonly bytes: Uint8Array;
  private readonly starts: Uint32Array;
  private readonly ends: Uint32Array;
  private readonly texts: (string | undefined)[] = [];
  private indexes: Map<string, number> | null = null;

  constructor(bytes: Uint8Array = new Uint8Array(0), starts = new Uint32Array(1), ends = new Uint32Array(1)) {
    this.bytes = bytes;
    this.starts = starts;
    this.ends = ends;
    this.texts.length = starts.length;
  }

  get length(): number {
    return this.texts.length;
  }

  get(index: number): string {
    const known = this.texts[index];
    if (known !== undefined) return known;
    // Not by characters: a string that grows leaves a trail of pieces, and most of a report's garbage was those.
    const text = decoder.decode(this.bytes.subarray(this.starts[index]!, this.ends[index]!));
    this.texts[index] = text;
    return text;
  }

  /** The index of `text`, added when it is new. */
  add(text: string): number {
    if (this.indexes === null) {
      this.indexes = new Map();
      for (let i = this.texts.length - 1; i >= 0; i--) this.indexes.set(this.get(i), i);
    }
    const known = this.indexes.get(text);
    if (known !== undefined) return known;
    const index = this.texts.push(text) - 1;
    this.indexes.set(text, index);
    return index;
  }

  /** The UTF-8 of a string; the very bytes that were read, where it was read. */
  utf8(index: number): Uint8Array {
    if (index < this.starts.length && this.bytes.length > 0) {
      return this.bytes.subarray(this.starts[index]!, this.ends[index]!);
    }
    return encoder.encode(this.get(index));
  }
}
