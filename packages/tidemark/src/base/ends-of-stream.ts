/** Keeps the first and the last bytes of a stream, and counts the rest: for text whose middle nobody needs. */
export class EndsOfStream {
  readonly #headBytes: number;
  readonly #tailBytes: number;
  #head: Uint8Array[] = [];
  #headSize = 0;
  #tail: Uint8Array[] = [];
  #tailSize = 0;
  /** Bytes that came in all. */
  size = 0;

  constructor(headBytes: number, tailBytes: number) {
    this.#headBytes = headBytes;
    this.#tailBytes = tailBytes;
  }

  push(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.#headSize < this.#headBytes) {
      const part = chunk.slice(0, this.#headBytes - this.#headSize);
      this.#head.push(part);
      this.#headSize += part.length;
    }
    this.#tail.push(chunk);
    this.#tailSize += chunk.length;
    while (this.#tail.length > 1 && this.#tailSize - this.#tail[0]!.length >= this.#tailBytes)
      this.#tailSize -= this.#tail.shift()!.length;
  }

  get head(): Uint8Array {
    return Buffer.concat(this.#head);
  }

  get tail(): Uint8Array {
    return Buffer.concat(this.#tail).subarray(-this.#tailBytes);
  }
}
