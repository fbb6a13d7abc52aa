import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { SCHEMA_VERSIONS, TidemarkError } from '@tidemark/model';
import type { Io } from '../../base/io.js';
import { paint } from '../../base/paint.js';
import { printable } from '../../base/text.js';
import { RULES } from '../../diagnose/index.js';
import { judge } from '../../diagnose/judge.js';
import { renderGcTrace } from '../../report/gctrace.js';
import { findingLines } from '../../report/text.js';
import { byProcess, GcTraceReader, signalsOfGcTrace, startOf, summariseGcTrace } from '../../signals/index.js';
import type { Call, CommandSpec } from '../command.js';
import { OUTPUT_OPTIONS } from '../options.js';
import { parseCall } from '../parse.js';
import { inFolder } from '../paths.js';

export const gctraceCommand: CommandSpec = {
  name: 'gctrace',
  usage: '[file]',
  summary: 'Read GODEBUG=gctrace=1 lines out of a log: table, trends and findings.',
  description:
    'Any log will do: container and JSON prefixes, other lines in between, several processes one after the other. ' +
    'Without a file, or with -, standard input is read. Go 1.5 … 1.27.',
  arguments: { min: 0, max: 1, type: 'file' },
  options: [
    { name: 'rows', type: 'number', value: 'N', default: '12', summary: 'rows of the table of each process' },
    ...OUTPUT_OPTIONS.filter((option) => option.name !== 'html'),
  ],
  examples: [
    { command: 'tidemark gctrace service.log', says: 'a saved log' },
    { command: 'GODEBUG=gctrace=1 ./shop 2>&1 | tidemark gctrace', says: 'a running service, judged when it ends' },
  ],
  run: gctrace,
};

/** The command without its frame: argv as after `tidemark gctrace`. */
export async function runGctrace(argv: readonly string[], io: Io): Promise<number> {
  const call = await parseCall(gctraceCommand, [...argv], io, []);
  return call === 'help' ? 0 : gctrace(call);
}

async function gctrace(call: Call): Promise<number> {
  const file = call.args[0] ?? '-';
  const rows = call.number('rows')!;
  if (!Number.isInteger(rows) || rows < 2 || rows > 1000)
    throw new TidemarkError('TM_USAGE', '--rows is a number from 2 to 1000');
  const trace = await readTrace(file, call);
  if (trace.cycles.length === 0)
    throw new TidemarkError('TM_NOT_A_PROFILE', `${printable(file)} holds no gctrace line among ${trace.lines} lines`, {
      advice: 'Run the service with GODEBUG=gctrace=1: the lines go to its standard error.',
    });
  const summaries = summariseGcTrace(trace);
  const last = byProcess(trace.cycles).at(-1)!;
  const startMs = startOf(last) ?? 0;
  const ageSeconds = last.at(-1)!.atSeconds;
  const report = judge(
    {
      ...{ heap: null, goroutines: null, signals: signalsOfGcTrace(last), looks: last.length },
      subject: {
        ...{ service: file === '-' ? 'standard input' : basename(file), instance: null, build: null },
        ...{ goVersion: null, pid: null, ageSeconds },
      },
      notes: [
        ...(summaries.length > 1
          ? [
              {
                level: 'info' as const,
                code: null,
                text: `of ${summaries.length} processes in the log the last is judged`,
              },
            ]
          : []),
        ...(startOf(last) === null
          ? [
              {
                level: 'info' as const,
                code: null,
                text: 'the log has no dates: times count from the start of the process',
              },
            ]
          : []),
      ],
      ...{ fromMs: startMs + last[0]!.atSeconds * 1000, toMs: startMs + ageSeconds * 1000 },
      target: ['tidemark', 'gctrace', file],
    },
    { rules: RULES, failOn: (call.text('fail-on') ?? 'leak') as 'leak' | 'suspect' | 'never', command: 'gctrace' },
  );
  if (call.flag('json')) {
    const { evidence: _, ...rest } = report;
    const document = {
      ...rest,
      $schema: `tidemark-gctrace-v${SCHEMA_VERSIONS.report}.schema.json`,
      gctrace: { damagedLines: trace.damaged, lines: trace.lines, thinned: trace.thinned, processes: summaries },
    };
    call.io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const ink = paint(call.io.color);
    call.io.stdout.write(renderGcTrace(trace, summaries, { color: call.io.color, rows }));
    for (const finding of report.findings.filter((f) => f.verdict !== 'clear'))
      call.io.stdout.write(`\n${findingLines(finding, ink, Math.min(call.io.columns, 110)).join('\n')}\n`);
  }
  return report.exitCode;
}

async function readTrace(file: string, call: Call) {
  const reader = new GcTraceReader();
  const path = inFolder(call, file);
  const stream: Readable = path === '-' ? process.stdin : createReadStream(path);
  // A pipe may never end: Ctrl-C judges what there is.
  const stop = () => stream.destroy();
  call.io.signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) reader.push(chunk as Uint8Array);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!call.io.signal.aborted)
      throw new TidemarkError('TM_FILE_NOT_FOUND', `${printable(path)} cannot be read: ${code}`, { cause: error });
  } finally {
    call.io.signal.removeEventListener('abort', stop);
  }
  return reader.end();
}
