import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isTidemarkError, TidemarkError } from '@tidemark/model';
import { type KeptSignals, MANIFEST, readKeptSignals } from '../../capture/index.js';
import type { TimedVerdict } from './history.js';
import { judgeLooks } from './looks.js';

const MAX_DEPTH = 4;
const MAX_MANIFESTS = 2000;
const MAX_MANIFEST_BYTES = 64 * 2 ** 20;

/**
 * Judges the numbers that watches kept below a folder (`.tidemark`): a service's watches together, each instance a pod.
 * @throws TidemarkError TM_FILE_NOT_FOUND, TM_FILE_EMPTY where there is none, and why the first was refused where all are.
 */
export async function judgeStored(folder: string): Promise<{ verdicts: TimedVerdict[]; notes: string[] }> {
  const notes: string[] = [];
  const kept: KeptSignals[] = [];
  let refused: TidemarkError | null = null;
  for (const path of await manifestsIn(folder, MAX_DEPTH)) {
    if (kept.length >= MAX_MANIFESTS) {
      notes.push(`only ${MAX_MANIFESTS} watches are read`);
      break;
    }
    try {
      if ((await stat(path)).size > MAX_MANIFEST_BYTES)
        throw new TidemarkError('TM_LIMIT', `${path} is larger than ${MAX_MANIFEST_BYTES} bytes`);
      const read = readKeptSignals(await readFile(path), path);
      if (read) kept.push(read);
    } catch (error) {
      if (!isTidemarkError(error)) throw error;
      refused ??= error;
      notes.push(`${error.message} (${error.code})`);
    }
  }
  if (kept.length === 0) throw refused ?? new TidemarkError('TM_FILE_EMPTY', `${folder} holds no watch`);
  const services = new Map<string, KeptSignals[]>();
  for (const one of kept) services.set(one.subject.service, [...(services.get(one.subject.service) ?? []), one]);
  const verdicts: TimedVerdict[] = [];
  for (const [service, watches] of services) {
    const judged = judgeLooks(service, placesOf(watches), typicalStepMs(watches));
    if (!judged) {
      notes.push(`${service}: one look shows no growth`);
      continue;
    }
    verdicts.push(judged.verdict);
    notes.push(...judged.notes.map((note) => `${service}: ${note}`));
  }
  return { verdicts, notes };
}

/** Watches of one instance follow each other; each begins with a process of its own, for nothing says that it is the same. */
function placesOf(watches: readonly KeptSignals[]) {
  const byInstance = new Map<string, KeptSignals[]>();
  for (const watch of watches) {
    const name = watch.subject.instance ?? watch.subject.service;
    byInstance.set(name, [...(byInstance.get(name) ?? []), watch]);
  }
  return [...byInstance].map(([name, list]) => ({
    name,
    looks: list
      .sort((a, b) => (a.looks[0]?.atMs ?? 0) - (b.looks[0]?.atMs ?? 0))
      .flatMap(({ looks }, watch) => looks.map((look) => ({ ...look, incarnation: watch * 1e6 + look.incarnation }))),
  }));
}

/** Median time between two looks of a watch. */
function typicalStepMs(watches: readonly KeptSignals[]): number {
  const gaps = watches
    .flatMap(({ looks }) => looks.slice(1).map((look, i) => look.atMs - looks[i]!.atMs))
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? 60_000;
}

async function manifestsIn(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new TidemarkError('TM_FILE_NOT_FOUND', `${folder} cannot be read: ${error.code}`, { cause: error });
  });
  const out: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 0) out.push(...(await manifestsIn(path, depth - 1)));
    else if (entry.isFile() && entry.name === MANIFEST) out.push(path);
    if (out.length > MAX_MANIFESTS) break;
  }
  return out;
}
