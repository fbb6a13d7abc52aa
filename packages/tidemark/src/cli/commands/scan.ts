import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { type Report, TidemarkError } from '@tidemark/model';
import type { Profile } from '@tidemark/pprof';
import { exitCodeOf, worstVerdict } from '../../base/exit.js';
import { writeAtomic } from '../../base/fs.js';
import { recognise } from '../../capture/recognise.js';
import {
  joinProfile,
  joinSarif,
  judgeSource,
  type OtherResult,
  readSarif,
  readScan,
} from '../../diagnose/source/index.js';
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
    { name: 'fix', type: 'flag', summary: 'change the files where that is safe (docs/facts.md says where)' },
    { name: 'pairs', type: 'file', value: 'FILE', summary: 'pairs of acquire and release of your own (YAML or JSON)' },
    {
      name: 'profile',
      type: 'file',
      value: 'FILE',
      summary: 'heap or goroutine profile of the program: measured sizes, big ones first',
    },
    {
      name: 'sarif',
      type: 'list',
      value: 'FILE',
      summary: 'join what other tools found (SARIF 2.1.0; again for more)',
    },
    { name: 'sarif-out', type: 'file', value: 'FILE', summary: 'also write SARIF 2.1.0, for code scanning' },
    { name: 'github', type: 'flag', summary: 'write annotations for a GitHub workflow to stdout' },
    ...OUTPUT_OPTIONS.filter((option) => option.name !== 'html'),
  ],
  examples: [
    { command: 'tidemark scan', says: 'all packages of the module in this folder' },
    { command: 'tidemark scan ./internal/... --fail-on suspect', says: 'some, and be strict' },
    { command: 'tidemark scan --github --sarif-out tidemark.sarif', says: 'in a workflow' },
    {
      command: 'tidemark scan --profile heap.pb.gz --sarif golangci.sarif',
      says: 'joined with run time and other linters',
    },
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
  const pairs = call.text('pairs');
  const flags = [...(tags === undefined ? [] : ['-tags', tags]), ...(call.flag('fix') ? ['-fix'] : [])];
  const given = evidenceOf(call); // before the long part, so that a wrong file is told at once
  const text = await withPairs(pairs === undefined ? undefined : inFolder(call, pairs), (more) =>
    scanSource(directory, patterns, call.io.signal, [...flags, ...more]),
  );
  const judged = judgeSource(readScan(text), {
    failOn: (call.text('fail-on') ?? 'leak') as 'leak' | 'suspect' | 'never',
    argv: ['tidemark', 'scan', ...(call.text('dir') ? ['--dir', call.text('dir')!] : []), ...call.args],
    modulePath: pathInRepository(directory),
    atMs: Date.now(),
  });
  const report = joined(judged, given, (call.text('fail-on') ?? 'leak') as 'leak' | 'suspect' | 'never');
  const sarif = call.text('sarif-out');
  if (sarif !== undefined) await writeAtomic(inFolder(call, sarif), Buffer.from(renderSarif(report, ruleSummaries())));
  if (call.flag('json')) call.io.stdout.write(renderJson(report));
  else if (call.flag('github')) call.io.stdout.write(renderGithub(report));
  else call.io.stdout.write(renderScan(report, { color: call.io.color, columns: call.io.columns }));
  return report.exitCode;
}

interface Given {
  readonly profile: { readonly name: string; readonly profile: Profile } | null;
  readonly others: readonly OtherResult[];
}

/** What --profile and --sarif give. @throws TidemarkError when a file is missing or something else. */
function evidenceOf(call: Call): Given {
  const name = call.text('profile');
  const others = call
    .list('sarif')
    .flatMap((file) => readSarif(readInput(inFolder(call, file)).toString('utf8'), file));
  if (name === undefined) return { profile: null, others };
  const seen = recognise(readInput(inFolder(call, name)), name, MAX_INPUT_BYTES);
  if (seen.kind !== 'heap' && seen.kind !== 'goroutine') {
    throw new TidemarkError('TM_WRONG_PROFILE_TYPE', `${name}: --profile needs a heap or goroutine profile`);
  }
  return { profile: { name, profile: seen.profile }, others };
}

function joined(report: Report, given: Given, failOn: 'leak' | 'suspect' | 'never'): Report {
  const others = joinSarif(report.findings, given.others, report.subject.service);
  const findings = given.profile ? joinProfile(others, given.profile.profile, given.profile.name) : null;
  const list = findings ?? others;
  const verdicts = list.map((finding) => finding.verdict);
  const exitCode = exitCodeOf(verdicts, failOn) || (report.exitCode === 3 ? 3 : 0);
  const verdict = verdicts.length === 0 ? report.verdict : worstVerdict(verdicts);
  return { ...report, findings: list, verdict, exitCode };
}

const MAX_INPUT_BYTES = 256 << 20;

function readInput(path: string): Buffer {
  if (!existsSync(path)) throw new TidemarkError('TM_FILE_NOT_FOUND', `${path} does not exist`);
  if (statSync(path).size > MAX_INPUT_BYTES) throw new TidemarkError('TM_LIMIT', `${path} is larger than 256 MiB`);
  return readFileSync(path);
}

/** Hands the pairs to the facts program, which reads JSON and says what is wrong with them. */
async function withPairs<T>(path: string | undefined, use: (flags: string[]) => Promise<T>): Promise<T> {
  if (path === undefined) return use([]);
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    document = parse(readInput(path).toString('utf8'));
  } catch (cause) {
    if (cause instanceof TidemarkError) throw cause;
    throw new TidemarkError('TM_CONFIG', `${path}: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  const work = mkdtempSync(join(tmpdir(), 'tidemark-pairs-'));
  try {
    writeFileSync(join(work, 'pairs.json'), JSON.stringify(document ?? {}));
    return await use(['-pairs', join(work, 'pairs.json')]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
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
