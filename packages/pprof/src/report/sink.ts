/** Takes a report's text in pieces. */
export type Write = (chunk: string) => void;

/** Collects lines into pieces of some size, so that neither one huge string nor a call a line is needed. */
export class LineSink {
  private readonly write: Write;
  private buffer = '';

  constructor(write: Write) {
    this.write = write;
  }

  line(text: string): void {
    this.buffer += `${text}\n`;
    if (this.buffer.length > 1 << 16) this.flush();
  }

  flush(): void {
    if (this.buffer !== '') this.write(this.buffer);
    this.buffer = '';
  }
}
