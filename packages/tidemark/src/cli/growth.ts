import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type FleetVerdict, judgeService, readService, SERVICE_LIMITS } from '@tidemark/growth';
import { isTidemarkError, TidemarkError } from '@tidemark/model';
import type { Io } from '../base/io.js';
import { LineSplitter } from '../base/lines.js';
import type { Call, CommandSpec } from './command.js';
import { OUTPUT_OPTIONS } from './options.js';
import { parseCall } from './parse.js';
import { inFolder } from './paths.js';

export const growthCommand: CommandSpec = {
  name: 'growth',
  usage: '<services.ndjson[.gz]>',
  summary: 'Say of each recorded service whether it leaks, since when, how fast, and how long until its limit.',
  description:
    'Reads one service a line (docs/growth.md shows the form; - is standard input), judges its pods together over hours or days, ' +
    'and answers with one line a service, as they come.',
  arguments: { min: 1, max: 1, type: 'file' },
  options: [
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
    ...OUTPUT_OPTIONS.filter((option) => option.name !== 'html'),
  ],
  examples: [
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

async function growth(call: Call): Promise<number> {
  const limits = { maxPods: call.number('max-pods')!, maxPoints: call.number('max-points')! };
  const seen: Record<FleetVerdict['verdict'], number> = { leak: 0, suspect: 0, clear: 0, undecided: 0 };
  let line = 0;
  let bad = 0;
  const onLine = (text: string, cut: boolean) => {
    line++;
    if (text.trim() === '' && !cut) return;
    try {
      if (cut) throw new TidemarkError('TM_LIMIT', `it is longer than --max-line ${call.bytes('max-line')}`);
      const verdict = judgeService(readService(parseDocument(text), limits));
      seen[verdict.verdict]++;
      call.io.stdout.write(call.flag('json') ? `${JSON.stringify(verdict)}\n` : textLine(verdict));
    } catch (error) {
      if (!isTidemarkError(error)) throw error;
      bad++;
      if (bad <= MAX_NOTES) call.io.stderr.write(`line ${line}: ${error.message} (${error.code})\n`);
    }
  };
  await eachLine(call, onLine);
  if (bad > MAX_NOTES) call.io.stderr.write(`${bad - MAX_NOTES} more lines could not be judged\n`);
  const judged = seen.leak + seen.suspect + seen.clear + seen.undecided;
  if (judged + bad === 0) throw new TidemarkError('TM_FILE_EMPTY', `${call.args[0]} holds no service`);
  if (!call.flag('quiet'))
    call.io.stderr.write(
      `${judged} services: ${seen.leak} leak, ${seen.suspect} suspect, ${seen.undecided} undecided, ${seen.clear} clear\n`,
    );
  const failOn = call.text('fail-on') ?? 'leak';
  if (bad > 0) return 2;
  if (failOn !== 'never' && seen.leak + (failOn === 'suspect' ? seen.suspect : 0) > 0) return 1;
  return seen.undecided > 0 ? 3 : 0;
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

function textLine(v: FleetVerdict): string {
  const rate = v.bytesPerHour === null ? '' : `, ${(v.bytesPerHour / 1e6).toPrecision(3)} MB an hour`;
  const since = v.sinceHours === null ? '' : ` since hour ${v.sinceHours.toFixed(1)}`;
  const kind = v.kind === 'none' ? '' : ` (${v.kind}${since}${rate}; ${v.pods.join(', ')})`;
  return `${v.verdict.padEnd(9)} ${v.service}${kind}\n  ${v.why.join('\n  ')}\n`;
}
