import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { TidemarkError } from '@tidemark/model';
import { writeAtomic } from '../../base/fs.js';
import { judgeSource, readScan } from '../../diagnose/source/index.js';
import { renderGithub } from '../../report/github.js';
import { renderJson } from '../../report/json.js';
import { renderSarif } from '../../report/sarif.js';
import { renderScan } from '../../report/scan-text.js';
import { scanSource } from '../../targets/build-facts.js';
import type { Call, CommandSpec } from '../command.js';
import { OUTPUT_OPTIONS } from '../options.js';
import { inFolder } from '../paths.js';
import { ruleSummaries } from './explain.js';

export const scanCommand: CommandSpec = {
  name: 'scan',
  usage: '[packages]',
  summary: 'Find in the source what is opened, started or kept and never let go.',
  description:
    'Reads Go packages (./... where none are named) and follows every path behind what is taken: response bodies, rows, files, connections, processes, cancel functions, locks; goroutines without a way out, channels that nobody serves, pools and maps that only grow. ' +
    'A comment //tidemark:ignore <rule> <reason> in the line or the one before suppresses a finding. Needs the Go toolchain.',
  arguments: { min: 0, max: Number.POSITIVE_INFINITY, type: 'text' },
  options: [
    { name: 'dir', short: 'C', type: 'directory', value: 'DIR', summary: 'work in this folder' },
    { name: 'tags', type: 'text', value: 'LIST', summary: 'build tags, comma separated' },
    { name: 'sarif', type: 'file', value: 'FILE', summary: 'also write SARIF 2.1.0, for code scanning' },
    { name: 'github', type: 'flag', summary: 'write annotations for a GitHub workflow to stdout' },
    ...OUTPUT_OPTIONS.filter((option) => option.name !== 'html'),
  ],
  examples: [
    { command: 'tidemark scan', says: 'all packages of the module in this folder' },
    { command: 'tidemark scan ./internal/... --fail-on suspect', says: 'some, and be strict' },
    { command: 'tidemark scan --github --sarif tidemark.sarif', says: 'in a workflow' },
  ],
  run: scan,
};

async function scan(call: Call): Promise<number> {
  const directory = resolve(call.io.cwd, call.text('dir') ?? '.');
  if (!existsSync(directory)) throw new TidemarkError('TM_FILE_NOT_FOUND', `${directory} does not exist`);
  if (call.flag('json') && call.flag('github')) {
    throw new TidemarkError('TM_USAGE', '--json and --github both write to stdout: give one');
  }
  const option = call.args.find((arg) => arg.startsWith('-'));
  if (option !== undefined) throw new TidemarkError('TM_USAGE', `${option} is no package`);
  const tags = call.text('tags');
  const patterns = call.args.length > 0 ? call.args : ['./...'];
  const text = await scanSource(directory, patterns, call.io.signal, tags === undefined ? [] : ['-tags', tags]);
  const report = judgeSource(readScan(text), {
    failOn: (call.text('fail-on') ?? 'leak') as 'leak' | 'suspect' | 'never',
    argv: ['tidemark', 'scan', ...(call.text('dir') ? ['--dir', call.text('dir')!] : []), ...call.args],
    modulePath: pathInRepository(directory),
    atMs: Date.now(),
  });
  const sarif = call.text('sarif');
  if (sarif !== undefined) await writeAtomic(inFolder(call, sarif), Buffer.from(renderSarif(report, ruleSummaries())));
  if (call.flag('json')) call.io.stdout.write(renderJson(report));
  else if (call.flag('github')) call.io.stdout.write(renderGithub(report));
  else call.io.stdout.write(renderScan(report, { color: call.io.color, columns: call.io.columns }));
  return report.exitCode;
}

/** Where the module lies below the root of its repository: annotations name files from there. */
function pathInRepository(directory: string): string {
  const moduleRoot = above(directory, 'go.mod');
  const repository = moduleRoot && above(moduleRoot, '.git');
  return moduleRoot && repository ? relative(repository, moduleRoot).replaceAll('\\', '/') : '';
}

function above(from: string, name: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    if (existsSync(join(at, name))) return at;
    if (dirname(at) === at) return undefined;
  }
}
