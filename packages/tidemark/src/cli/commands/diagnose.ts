import { pathToFileURL } from 'node:url';
import { type Report, type Rule, TidemarkError } from '@tidemark/model';
import { writeAtomic } from '../../base/fs.js';
import { paint } from '../../base/paint.js';
import { readFacts } from '../../diagnose/facts/index.js';
import { type DiagnoseOptions, type Diagnosis, diagnoseFiles, diagnoseTarget } from '../../diagnose/index.js';
import { renderJson } from '../../report/json.js';
import { renderText } from '../../report/text.js';
import { isAddress, type TargetOptions, withoutCredentials } from '../../targets/index.js';
import type { Call, CommandSpec } from '../command.js';
import { FACTS_OPTIONS, factsArguments, factsFromOptions } from '../facts-option.js';
import { CAPTURE_OPTIONS, DUMP_OPTION, OUTPUT_OPTIONS, TARGET_OPTIONS } from '../options.js';
import { evidenceFolder, inFolder, readGiven } from '../paths.js';
import { Progress } from '../progress.js';

export const diagnoseCommand: CommandSpec = {
  name: 'diagnose',
  usage: '<url|file…>',
  summary: 'Find what leaks in a Go service: live, or from saved snapshots.',
  description:
    'Takes heap and goroutine profiles of one process several times, compares them beyond sampling noise, and names what grows: ' +
    'how much, how fast, where, and why it thinks so. A live service needs net/http/pprof (or the Tidemark module); a GC is forced before the first and the last snapshot, and in between while that costs the service less than 1 % of a core.',
  arguments: { min: 1, max: Number.POSITIVE_INFINITY, type: 'url' },
  options: [
    { name: 'for', type: 'duration', value: 'DURATION', default: '60s', summary: 'how long to watch' },
    {
      name: 'every',
      type: 'duration',
      value: 'DURATION',
      summary: 'time between looks; a quarter of --for, 15s at most where not given',
    },
    ...CAPTURE_OPTIONS,
    DUMP_OPTION,
    {
      name: 'rules',
      type: 'file',
      value: 'FILE',
      summary: 'a JavaScript module with rules of your own (export default [ … ])',
    },
    ...FACTS_OPTIONS,
    ...TARGET_OPTIONS,
    ...OUTPUT_OPTIONS,
  ],
  examples: [
    { command: 'tidemark diagnose http://localhost:6060', says: 'watch a minute, name the line' },
    {
      command: 'tidemark diagnose http://localhost:6060 --for 5m --every 20s --html report.html',
      says: 'longer, with a report',
    },
    { command: 'tidemark diagnose before.pb.gz after.pb.gz', says: 'saved snapshots, in any form' },
  ],
  run: runDiagnose,
};

async function runDiagnose(call: Call): Promise<number> {
  const live = call.args.filter(isAddress);
  if (live.length > 1 || (live.length === 1 && call.args.length > 1)) {
    throw new TidemarkError('TM_USAGE', 'give one address, or files, but not both', {
      advice: 'Run it once for each service.',
    });
  }
  const rules = await loadRules(call);
  const failOn = (call.text('fail-on') ?? 'leak') as 'leak' | 'suspect' | 'never';
  const given = await factsFromOptions(call, 'own');
  const judging = { rules, failOn, facts: given && readFacts(given.text, given.name) };
  const diagnosis =
    live.length === 1
      ? await watchLive(live[0]!, call, judging)
      : await diagnoseFiles(call.args, {
          ...judging,
          target: ['tidemark', 'diagnose', ...call.args, ...factsArguments(call)],
        });
  await output(diagnosis, call);
  return diagnosis.report.exitCode;
}

type Judging = Pick<DiagnoseOptions, 'rules' | 'failOn' | 'facts'>;

async function watchLive(address: string, call: Call, judging: Judging): Promise<Diagnosis> {
  const forMs = call.duration('for')!;
  const progress = new Progress(call.io, call.flag('quiet'));
  try {
    return await diagnoseTarget(address, {
      ...judging,
      target: [
        'tidemark',
        'diagnose',
        withoutCredentials(address),
        '--for',
        `${forMs / 1000}s`,
        ...factsArguments(call),
      ],
      plan: {
        forMs,
        everyMs: call.duration('every') ?? Math.max(250, Math.min(15_000, forMs / 4)),
        forceGc: call.text('gc') as 'auto' | 'ends' | 'never' | 'all',
        forceGcMaxLiveBytes: call.bytes('gc-max-heap')!,
        dumpMaxGoroutines: call.number('dump-max-goroutines')!,
      },
      connection: connectionOf(call),
      watch: {
        signal: call.io.signal,
        spoolRoot: evidenceFolder(call),
        onLook: (look, of) => progress.look(look, of),
        onWait: (look, of, nextInMs) => progress.wait(look, of, nextInMs),
        onNote: (note) => progress.note(note),
      },
    });
  } finally {
    progress.end();
  }
}

/** How a target is reached, from the options that every live command has. */
export function connectionOf(call: Call): TargetOptions {
  const headers: Record<string, string> = {};
  for (const header of call.list('header')) {
    const at = header.indexOf(':');
    if (at < 1) throw new TidemarkError('TM_USAGE', '--header: a header is written NAME: VALUE');
    headers[header.slice(0, at).trim()] = header.slice(at + 1).trim();
  }
  const ca = call.text('ca');
  return {
    headers,
    ...(ca !== undefined ? { ca: readGiven(inFolder(call, ca)).toString() } : {}),
    insecure: call.flag('insecure'),
    timeoutMs: call.duration('timeout')!,
    signal: call.io.signal,
  };
}

async function loadRules(call: Call): Promise<Rule[]> {
  const file = call.text('rules');
  if (file === undefined) return [];
  const path = inFolder(call, file);
  readGiven(path); // so that a missing file is told as such
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  const rules = Array.isArray(module.default) ? module.default : [module.default];
  for (const rule of rules as Partial<Rule>[]) {
    if (typeof rule?.id !== 'string' || typeof rule.judge !== 'function') {
      throw new TidemarkError(
        'TM_CONFIG',
        `${file}: its default export must be rules, objects with id, title and judge`,
      );
    }
  }
  return rules as Rule[];
}

/** The report to where the options say. Files are written whole or not at all. */
export async function output({ report, watch }: Diagnosis, call: Call): Promise<void> {
  const html = call.text('html');
  if (html !== undefined) {
    const { renderHtml } = await import('../../report/html.js');
    const { heapFlame } = await import('../../diagnose/flame.js');
    await writeAtomic(inFolder(call, html), renderHtml(report, { flame: heapFlame(watch) }));
    if (!call.flag('quiet')) call.io.stderr.write(`${paint(call.io.color).dim(`wrote ${html}`)}\n`);
  }
  call.io.stdout.write(
    call.flag('json') ? renderJson(report) : renderText(report, textOptions(call, report, watch.spool)),
  );
}

const textOptions = (call: Call, _report: Report, spool: string | null) => ({
  color: call.io.color,
  columns: call.io.columns,
  evidenceDirectory: spool ? relativeTo(call.io.cwd, spool) : undefined,
});

const relativeTo = (cwd: string, path: string) => (path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path);
