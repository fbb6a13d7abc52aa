import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Capture, isTidemarkError, type Manifest, type Note, type Subject } from '@tidemark/model';
import { writeAtomic } from '../base/fs.js';
import { formatBytes } from '../base/units.js';
import type { Session } from './session.js';
import type { Look, Taken } from './types.js';

export const MANIFEST = 'manifest.json';
/** Largest sum of one watch's captures on the disk. */
const MAX_RUN_BYTES = 512 * 2 ** 20;
/** Watches of one subject that are kept; older ones are removed. */
const MAX_RUNS = 10;

/** A watch's directory on the disk. A disk that is full or read-only ends the keeping, never the watch. */
export class Spool {
  readonly directory: string;
  readonly #note: (note: Note['level'], code: string | null, text: string) => void;
  readonly #captures: Manifest['captures'] = [];
  readonly #looks: Look[] = [];
  #subject: Subject | null = null;
  #bytes = 0;
  #failed = false;

  constructor(directory: string, session: Session) {
    this.directory = directory;
    this.#note = session.note.bind(session);
  }

  async keep(look: Look, subject: Subject, session: Session): Promise<void> {
    this.#looks.push(look);
    this.#subject = subject;
    const { heap, goroutine, dump, leaked, mutex, block } = look;
    for (const taken of [heap, mutex, block, goroutine, dump, leaked]) if (taken) await this.#write(taken);
    await this.#manifest(session.notes, false);
  }

  async finish(notes: readonly Note[]): Promise<void> {
    await this.#manifest(notes, true);
  }

  async #write(taken: Taken): Promise<void> {
    if (this.#failed) return;
    if (this.#bytes + taken.bytes.length > MAX_RUN_BYTES) {
      this.#note(
        'warning',
        'TM_LIMIT',
        `not kept from ${taken.capture.id} on: more than ${formatBytes(MAX_RUN_BYTES)}`,
      );
      this.#failed = true;
      return;
    }
    const file = fileName(taken.capture);
    // A dump is text of up to 64 MB that packs to a thirtieth; its sum is that of the text.
    const data = file.endsWith('.txt.gz') ? gzipSync(taken.bytes) : taken.bytes;
    if (await this.#try(join(this.directory, file), data)) {
      this.#bytes += data.length;
      this.#captures.push({ ...taken.capture, file });
    }
  }

  async #manifest(notes: readonly Note[], complete: boolean): Promise<void> {
    if (!this.#subject) return;
    const kept = new Set(this.#captures.map((capture) => capture.id));
    const id = (taken: Taken | null) => (taken && kept.has(taken.capture.id) ? taken.capture.id : null);
    const manifest: Manifest = {
      ...{ format: 'tidemark-captures', schemaVersion: 1, subject: this.#subject },
      looks: this.#looks.map((look) => ({
        ...{ index: look.index, atMs: look.atMs, incarnation: look.incarnation },
        ...{ heap: id(look.heap), goroutine: id(look.goroutine), goroutineTotal: look.goroutineTotal },
        ...{ dump: id(look.dump), dumpTruncated: look.dumpTruncated, leaked: id(look.leaked) },
        ...{ mutex: id(look.mutex), block: id(look.block) },
        memStats: look.memStats && { ...look.memStats },
        // The command line may hold secrets: it is not written.
        expvar: look.expvar && {
          memStats: look.expvar.memStats && { ...look.expvar.memStats },
          numbers: { ...look.expvar.numbers },
        },
        metrics: look.metrics && { ...look.metrics },
        ...splitProcess(look.process),
      })),
      ...{ captures: this.#captures, notes: [...notes], complete },
    };
    await this.#try(join(this.directory, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
  }

  async #try(path: string, data: string | Uint8Array): Promise<boolean> {
    if (this.#failed) return false;
    try {
      await writeAtomic(path, data);
      return true;
    } catch (error) {
      if (!isTidemarkError(error)) throw error;
      this.#failed = true;
      this.#note('warning', error.code, `captures are not kept: ${error.message}`);
      return false;
    }
  }
}

/** `.tidemark/<pid or host>/<time>/`; older runs of the same name beyond the newest ten are removed. */
export async function openSpool(root: string, name: string, nowMs: number, session: Session): Promise<Spool> {
  const parent = join(root, name.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_'));
  await prune(parent);
  const time = new Date(nowMs).toISOString().replace(/[:.]/g, '-');
  return new Spool(join(parent, time), session);
}

/** Removes only directories that this tool wrote: those with a manifest of its format. */
async function prune(parent: string): Promise<void> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => /^\d{4}-\d\d-\d\dT[\d-]+Z$/.test(name));
  for (const name of names.sort().slice(0, Math.max(0, names.length - MAX_RUNS + 1))) {
    const manifest = await readFile(join(parent, name, MANIFEST), 'utf8').catch(() => '');
    if (manifest.startsWith('{\n "format": "tidemark-captures"'))
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function splitProcess(reading: Look['process']): Pick<Manifest['looks'][number], 'process' | 'cgroup'> {
  if (!reading) return { process: null, cgroup: null };
  const { cgroup, ...process } = reading;
  return { process, cgroup: cgroup && { ...cgroup } };
}

function fileName(capture: Capture): string {
  return `${capture.id}.${capture.kind === 'goroutine-dump' ? 'txt.gz' : 'pb.gz'}`;
}
