/** Splits bytes that come in pieces into lines, in bounded memory: of a longer line only its beginning is given. */
export class LineSplitter {
  readonly #maxChars: number;
  readonly #onLine: (line: string, cut: boolean) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #cut = false;

  constructor(maxChars: number, onLine: (line: string, cut: boolean) => void) {
    this.#maxChars = maxChars;
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    this.#take(this.#decoder.decode(chunk, { stream: true }));
  }

  /** Gives the last line, when it has no end. */
  end(): void {
    this.#take(this.#decoder.decode());
    if (this.#rest || this.#cut) this.#give();
  }

  #take(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.#append(text.slice(from, at));
      this.#give();
      from = at + 1;
    }
    this.#append(text.slice(from));
  }

  #append(part: string): void {
    const room = this.#maxChars - this.#rest.length;
    if (part.length > room) this.#cut = true;
    if (room > 0) this.#rest += part.length > room ? part.slice(0, room) : part;
  }

  #give(): void {
    const line = this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest;
    const cut = this.#cut;
    this.#rest = '';
    this.#cut = false;
    this.#onLine(line, cut);
  }
}
