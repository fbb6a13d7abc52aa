import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { Manifest, type ManifestLook, type Note, SCHEMA_VERSIONS, type Subject, TidemarkError } from '@tidemark/model';
import { nodeCodec } from '../base/codec.js';
import { printable } from '../base/text.js';
import type { MemStats } from '../signals/index.js';
import type { ProcessReading, RawFile } from '../targets/index.js';
import { MANIFEST } from './spool.js';
import type { Look, Taken, Watch } from './types.js';

/**
 * What a watch kept, read back by its manifest; null when the files hold none. Of several watches in one directory
 * the newest is taken, and a note says so. A capture whose bytes changed is left out, with a note.
 *
 * @throws TidemarkError TM_SCHEMA_NEWER, TM_PROFILE_CORRUPT for a manifest that is none.
 */
export function readKept(files: readonly RawFile[]): Watch | null {
  const found = files
    .filter((file) => file.found && basename(file.path) === MANIFEST)
    .flatMap((file) => {
      const document = parse(file);
      return document ? [{ file, document }] : [];
    })
    .sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  const newest = found.at(-1);
  if (!newest) return null;
  const manifest = validate(newest.document, newest.file.path);
  const notes: Note[] = [...manifest.notes];
  if (found.length > 1)
    notes.push({
      ...{ level: 'info', code: null },
      text: `of ${found.length} watches the newest is read, ${printable(dirname(newest.file.path))}`,
    });
  if (!manifest.complete)
    notes.push({ level: 'warning', code: null, text: 'the watch that wrote these captures was ended before its time' });
  const taken = readCaptures(manifest, dirname(newest.file.path), files, notes);
  const looks = manifest.looks.map((look) => toLook(look, taken));
  return {
    ...{ subject: manifest.subject, looks, notes },
    captures: [...taken.values()].map(({ capture }) => capture),
    restarted: new Set(looks.map((look) => look.incarnation)).size > 1,
    ...{ stopped: false, spool: dirname(newest.file.path) },
  };
}

/** The numbers of a watch that was kept, without its profiles. */
export interface KeptSignals {
  readonly subject: Subject;
  readonly looks: readonly Look[];
}

/**
 * Reads a manifest's numbers alone; null when the file is no manifest of captures.
 * @throws TidemarkError TM_SCHEMA_NEWER, TM_PROFILE_CORRUPT.
 */
export function readKeptSignals(bytes: Uint8Array, path: string): KeptSignals | null {
  const document = parse({ bytes });
  if (!document) return null;
  const { subject, looks } = validate(document, path);
  return { subject, looks: looks.map((look) => toLook(look, new Map())) };
}

function parse(file: Pick<RawFile, 'bytes'>): Record<string, unknown> | null {
  try {
    const document = JSON.parse(new TextDecoder().decode(file.bytes));
    return document?.format === 'tidemark-captures' ? document : null;
  } catch {
    return null;
  }
}

function validate(document: Record<string, unknown>, path: string): Manifest {
  const version = document['schemaVersion'];
  if (typeof version === 'number' && version > SCHEMA_VERSIONS.manifest)
    throw new TidemarkError('TM_SCHEMA_NEWER', `${printable(path)} has version ${version}`);
  const result = Manifest.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new TidemarkError(
    'TM_PROFILE_CORRUPT',
    `${printable(path)} is no manifest of captures: ${printable(`${issue?.path.join('.')}: ${issue?.message}`)}`,
  );
}

function readCaptures(
  manifest: Manifest,
  directory: string,
  files: readonly RawFile[],
  notes: Note[],
): Map<string, Taken> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const out = new Map<string, Taken>();
  for (const { file: name, ...capture } of manifest.captures) {
    const file = byPath.get(join(directory, name));
    const bytes = file && (name.endsWith('.txt.gz') ? unpacked(file.bytes) : file.bytes);
    const sum = bytes && createHash('sha256').update(bytes).digest('hex');
    if (bytes && sum === capture.sha256) out.set(capture.id, { capture, bytes });
    else
      notes.push({
        ...{ level: 'warning', code: file ? 'TM_PROFILE_CORRUPT' : 'TM_FILE_NOT_FOUND' },
        text: `${name} ${file ? 'was changed since it was captured' : 'is missing'}: left out`,
      });
  }
  return out;
}

/** Largest dump that a target sends is 64 MB; what does not unpack is no dump that was kept. */
function unpacked(bytes: Uint8Array): Uint8Array | null {
  try {
    return nodeCodec.gunzip(bytes, 128 * 2 ** 20);
  } catch {
    return null;
  }
}

function toLook(look: ManifestLook, taken: Map<string, Taken>): Look {
  const get = (id: string | null) => (id === null ? null : (taken.get(id) ?? null));
  const { process, cgroup, ...rest } = look;
  return {
    ...rest,
    ...{ heap: get(look.heap), goroutine: get(look.goroutine), dump: get(look.dump), leaked: get(look.leaked) },
    ...{ mutex: get(look.mutex), block: get(look.block) },
    memStats: look.memStats as MemStats | null,
    expvar: look.expvar && {
      memStats: look.expvar.memStats as MemStats | null,
      cmdline: null,
      numbers: look.expvar.numbers as Record<string, number>,
    },
    metrics: look.metrics as Record<string, number> | null,
    process: process && ({ ...process, cgroup } as unknown as ProcessReading),
  };
}
