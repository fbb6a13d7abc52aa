import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type FleetVerdict, judgeService, readService, SERVICE_LIMITS } from '@tidemark/growth';
import { isTidemarkError, TidemarkError } from '@tidemark/model';
import { exitCodeOf } from '../base/exit.js';
import type { Io } from '../base/io.js';
import { LineSplitter } from '../base/lines.js';
import { judgeHistory, type TimedVerdict } from '../diagnose/growth/history.js';
import { GROWTH_SIGNALS } from '../diagnose/growth/service.js';
import { judgeStored } from '../diagnose/growth/stored.js';
import { readHistory } from '../signals/index.js';
import { isAddress, withoutCredentials } from '../targets/index.js';
import type { Call, CommandSpec } from './command.js';
import { connectionOf } from './commands/diagnose.js';
import { OUTPUT_OPTIONS, TARGET_OPTIONS } from './options.js';
import { parseCall } from './parse.js';
import { inFolder } from './paths.js';

export const growthCommand: CommandSpec = {
  name: 'growth',
  usage: '<prometheus-url|folder|services.ndjson[.gz]>',
  summary: 'Say of each recorded service whether it leaks, since when, how fast, and how long until its limit.',
  description:
    'Judges the pods of a service together over hours or days, and answers with one line a service. The records are the ' +
    'history of a Prometheus server (its URL), what watches kept (a folder such as .tidemark), or one service a line ' +
    '(docs/growth.md shows the form; - is standard input).',
  arguments: { min: 1, max: 1, type: 'file' },
  options: [
    {
      name: 'selector',
      type: 'text',
      value: 'MATCHERS',
      default: '',
      summary: 'of a Prometheus server: label matchers such as {job="shop"}',
    },
    {
      name: 'for',
      type: 'duration',
      value: 'DURATION',
      default: '7d',
      summary: 'of a Prometheus server: how far back from now',
    },
    {
      name: 'step',
      type: 'duration',
      value: 'DURATION',
      summary: 'of a Prometheus server: time between two points; a 500th of --for, 1m at least where not given',
    },
    {
      name: 'max-line',
      type: 'bytes',
      value: 'SIZE',
      default: '256MiB',
      summary: 'longest line that is read; longer ones are told and passed over',
    },
    {
      name: 'max-points',
      type: 'number',
      value: 'N',
      default: String(SERVICE_LIMITS.maxPoints),
      summary: 'most points a service',
    },
    {
      name: 'max-pods',
      type: 'number',
      value: 'N',
      default: String(SERVICE_LIMITS.maxPods),
      summary: 'most pods a service',
    },
    ...TARGET_OPTIONS,
    ...OUTPUT_OPTIONS.filter((option) => option.name !== 'html'),
  ],
  examples: [
    { command: `tidemark growth http://prometheus:9090 --selector '{namespace="shop"}'`, says: 'the last seven days' },
    { command: 'tidemark growth .tidemark', says: 'what watches kept' },
    { command: 'tidemark growth services.ndjson.gz --json', says: 'one verdict a line' },
    { command: 'tidemark growth - --json < services.ndjson', says: 'from a pipe' },
  ],
  run: growth,
};

/** The command without its frame: argv as after `tidemark growth`. */
export async function runGrowth(argv: readonly string[], io: Io): Promise<number> {
  const call = await parseCall(growthCommand, [...argv], io, []);
  return call === 'help' ? 0 : growth(call);
}

/** Notes about bad lines that are written one by one; the rest is counted. */
const MAX_NOTES = 20;

/** What was judged, and what could not be. */
class Tally {
  readonly seen: Record<FleetVerdict['verdict'], number> = { leak: 0, suspect: 0, clear: 0, undecided: 0 };
  bad = 0;
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  verdict(verdict: FleetVerdict | TimedVerdict): void {
    this.seen[verdict.verdict]++;
    const { io } = this.#call;
    io.stdout.write(this.#call.flag('json') ? `${JSON.stringify(verdict)}\n` : textLine(verdict));
  }

  get judged(): number {
    return Object.values(this.seen).reduce((a, b) => a + b, 0);
  }

  end(): number {
    const { seen } = this;
    const summary = `${seen.leak} leak, ${seen.suspect} suspect, ${seen.undecided} undecided, ${seen.clear} clear`;
    if (!this.#call.flag('quiet')) this.#call.io.stderr.write(`${this.judged} services: ${summary}\n`);
    if (this.bad > 0) return 2;
    const verdicts = (Object.keys(seen) as (keyof typeof seen)[]).filter((verdict) => seen[verdict] > 0);
    return exitCodeOf(verdicts, (this.#call.text('fail-on') ?? 'leak') as Parameters<typeof exitCodeOf>[1]);
  }
}

async function growth(call: Call): Promise<number> {
  const from = call.args[0]!;
  if (isAddress(from)) return tellAll(call, await history(call, from));
  if (statSync(inFolder(call, from), { throwIfNoEntry: false })?.isDirectory())
    return tellAll(call, await judgeStored(inFolder(call, from)));
  return lines(call);
}

function tellAll(call: Call, { verdicts, notes }: { verdicts: readonly TimedVerdict[]; notes: readonly string[] }) {
  const tally = new Tally(call);
  for (const note of notes.slice(0, MAX_NOTES)) call.io.stderr.write(`note ${note}\n`);
  if (notes.length > MAX_NOTES) call.io.stderr.write(`${notes.length - MAX_NOTES} more notes\n`);
  for (const verdict of verdicts) tally.verdict(verdict);
  return tally.end();
}

const DEFAULT_POINTS = 500;
/** Processes whose history is held at once; more are left out, with a note. */
const MAX_INSTANCES = 400;

async function history(call: Call, server: string) {
  const forMs = call.duration('for')!;
  const least = Math.max(60_000, Math.ceil(forMs / DEFAULT_POINTS / 60_000) * 60_000);
  const stepMs = call.duration('step') ?? least;
  if (!(stepMs >= 1000) || forMs / stepMs > call.number('max-points')! || forMs < stepMs)
    throw new TidemarkError(
      'TM_USAGE',
      '--for and --step: a step has 1s at least, and --for has 1 to --max-points of them',
    );
  const toMs = Math.floor(Date.now() / stepMs) * stepMs;
  const window = { fromMs: toMs - Math.floor(forMs / stepMs) * stepMs, toMs, stepMs };
  const selector = call.text('selector') ?? '';
  const maxInstances = Math.min(call.number('max-pods')!, MAX_INSTANCES);
  const query = { selector, ...window, names: GROWTH_SIGNALS, maxInstances };
  const read = await readHistory(server, query, connectionOf(call));
  const judged = judgeHistory(read, window);
  if (judged.verdicts.length === 0 && judged.notes.length === 0)
    throw new TidemarkError(
      'TM_FILE_EMPTY',
      `${withoutCredentials(server)} has no series of a Go process for this selector and time`,
    );
  return { verdicts: judged.verdicts, notes: [...read.notes.map(({ text }) => text), ...judged.notes] };
}

async function lines(call: Call): Promise<number> {
  const limits = { maxPods: call.number('max-pods')!, maxPoints: call.number('max-points')! };
  const tally = new Tally(call);
  let line = 0;
  const onLine = (text: string, cut: boolean) => {
    line++;
    if (text.trim() === '' && !cut) return;
    try {
      if (cut) throw new TidemarkError('TM_LIMIT', `it is longer than --max-line ${call.bytes('max-line')}`);
      tally.verdict(judgeService(readService(parseDocument(text), limits)));
    } catch (error) {
      if (!isTidemarkError(error)) throw error;
      tally.bad++;
      if (tally.bad <= MAX_NOTES) call.io.stderr.write(`line ${line}: ${error.message} (${error.code})\n`);
    }
  };
  await eachLine(call, onLine);
  if (tally.bad > MAX_NOTES) call.io.stderr.write(`${tally.bad - MAX_NOTES} more lines could not be judged\n`);
  if (tally.judged + tally.bad === 0) throw new TidemarkError('TM_FILE_EMPTY', `${call.args[0]} holds no service`);
  return tally.end();
}

async function eachLine(call: Call, onLine: (text: string, cut: boolean) => void): Promise<void> {
  const path = call.args[0]!;
  const file: Readable = path === '-' ? process.stdin : createReadStream(inFolder(call, path));
  const lines = new LineSplitter(call.bytes('max-line')!, onLine);
  try {
    for await (const chunk of await unpacked(file)) {
      if (call.io.signal.aborted) return;
      lines.push(chunk as Uint8Array);
    }
    lines.end();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isTidemarkError(error) || code === undefined) throw error;
    if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE')
      throw new TidemarkError('TM_SERIES_MALFORMED', `${path} is damaged gzip: ${code}`, { cause: error });
    throw new TidemarkError('TM_FILE_NOT_FOUND', `${path} cannot be read: ${code}`, { cause: error });
  } finally {
    if (path !== '-') file.destroy();
  }
}

/** Looks at the first two bytes rather than the name: a pipe has none. */
async function unpacked(file: Readable): Promise<AsyncIterable<unknown>> {
  const chunks = file[Symbol.asyncIterator]();
  const first = await chunks.next();
  const head = first.value as Uint8Array | undefined;
  async function* all() {
    if (first.done) return;
    yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  if (head?.[0] !== 0x1f || head[1] !== 0x8b) return all();
  const { Readable: Stream } = await import('node:stream');
  const gunzip = createGunzip();
  const source = Stream.from(all());
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

/** JSON, and JSON with NaN and Infinity, as Python writes it: those become null. */
function parseDocument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (m) => (m[0] === '"' ? m : 'null')));
    } catch (error) {
      throw new TidemarkError('TM_SERIES_MALFORMED', `no JSON: ${(error as Error).message.slice(0, 120)}`);
    }
  }
}

function textLine(v: FleetVerdict & { readonly sinceAt?: string | null }): string {
  const rate = v.bytesPerHour === null ? '' : `, ${(v.bytesPerHour / 1e6).toPrecision(3)} MB an hour`;
  const hour = v.sinceHours === null ? '' : ` since hour ${v.sinceHours.toFixed(1)}`;
  const since = v.sinceAt ? ` since ${v.sinceAt.slice(0, 16)}Z` : hour;
  const kind = v.kind === 'none' ? '' : ` (${v.kind}${since}${rate}; ${v.pods.join(', ')})`;
  return `${v.verdict.padEnd(9)} ${v.service}${kind}\n  ${v.why.join('\n  ')}\n`;
}
