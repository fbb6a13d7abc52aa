import type { Note } from '@tidemark/model';
import type { Io } from '../base/io.js';
import { paint } from '../base/paint.js';
import { formatBytes, formatCount, formatSeconds } from '../base/units.js';
import type { Look } from '../capture/index.js';

/** Progress of a watch on stderr: a line that is redrawn in a terminal, a line a look elsewhere. */
export class Progress {
  readonly #io: Io;
  readonly #quiet: boolean;
  #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  constructor(io: Io, quiet: boolean) {
    this.#io = io;
    this.#quiet = quiet;
  }

  look(look: number, of: number): void {
    this.#stopClock();
    if (this.#io.interactive) this.#draw(`look ${look} of ${of} …`);
  }

  /** After a look: what it saw, and a clock until the next one. */
  wait(look: Look, of: number, nextInMs: number | null): void {
    const seen = [
      look.heap && `heap profile ${formatBytes(look.heap.bytes.length)}`,
      look.goroutineTotal !== null && `${formatCount(look.goroutineTotal)} goroutines`,
      look.process?.rssBytes != null && `RSS ${formatBytes(look.process.rssBytes)}`,
    ].filter(Boolean);
    const line = `look ${look.index + 1} of ${of}: ${seen.join(', ')}`;
    if (!this.#io.interactive) {
      this.#write(`${line}${nextInMs === null ? '' : `; next in ${formatSeconds(Math.round(nextInMs / 1000))}`}\n`);
      return;
    }
    if (nextInMs === null) {
      this.#draw(line);
      return;
    }
    const until = Date.now() + nextInMs;
    const tick = () =>
      this.#draw(
        `${line}; next in ${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s (Ctrl-C judges what there is)`,
      );
    tick();
    this.#timer = setInterval(tick, 1000);
  }

  note(note: Note): void {
    if (note.level === 'info') return;
    this.#clear();
    this.#write(`${paint(this.#io.color).warn('note')} ${note.text}\n`);
  }

  end(): void {
    this.#stopClock();
    this.#clear();
  }

  #draw(text: string): void {
    if (this.#quiet) return;
    this.#io.stderr.write(`\r\u001b[2K${paint(this.#io.color).dim(text.slice(0, this.#io.columns - 1))}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.#io.stderr.write('\r\u001b[2K');
    this.#drawn = false;
  }

  #write(text: string): void {
    if (!this.#quiet) this.#io.stderr.write(text);
  }

  #stopClock(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
