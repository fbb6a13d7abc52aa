import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { TidemarkError } from '@tidemark/model';
import {
  combineProfiles,
  encodeProfile,
  markBase,
  normaliseTo,
  type Profile,
  profileKind,
  profileReport,
  pruneUninteresting,
  type ReportHost,
  type ReportOptions,
  scale,
  writeReport,
} from '@tidemark/pprof';
import type { Io } from '../base/io.js';
import { type ParsedFlags, parseFlags } from './pprof/flags.js';
import { pprofHelp } from './pprof/help.js';
import { patternsOf, reportOptions } from './pprof/options.js';
import { regexCompiler } from './pprof/regex.js';
import { sourceReader } from './pprof/source-files.js';
import { isExecutable, loadProfiles } from './pprof/sources.js';
import { localZone } from './pprof/time-zone.js';

export { PPROF_OPTION_NAMES } from './pprof/help.js';

/** Bytes that one profile may have when unpacked; far more than any service's has. */
const MAX_BYTES = 1024 * 1024 * 1024;

type PprofIo = Pick<Io, 'stdout' | 'stderr' | 'env'> & Partial<Pick<Io, 'cwd' | 'signal'>>;

/**
 * `tidemark pprof`: reads argv as `go tool pprof` does and writes its report to stdout or -output, notes to stderr.
 * Throws TidemarkErrors; the answer is the exit code.
 */
export async function runPprof(argv: readonly string[], io: PprofIo): Promise<number> {
  const flags = parseFlags(argv);
  if (flags.help) {
    io.stdout.write(pprofHelp());
    return 0;
  }
  const warn = (message: string) => io.stderr.write(`${message}\n`);
  if (flags.sources.length === 0) throw new TidemarkError('TM_USAGE', 'no profile source specified');
  const options = reportOptions(flags, warn);
  const symbolize = flags.text('symbolize') ?? '';
  if (symbolize !== '' && symbolize !== 'none') {
    warn(`-symbolize=${symbolize}: binaries are not read here, profiles are shown with the symbols that they carry`);
  }
  const profile = await fetchProfile(flags, io, options, warn);
  const compile = await regexCompiler([...patternsOf(options), ...dropPatterns(profile)]);
  const pruned = withComment(withoutUrls(pruneUninteresting(profile, compile)), flags.text('add_comment'));
  const host: ReportHost = {
    compile,
    timeZoneAt: localZone,
    readSource: sourceReader(flags.text('source_path') || (io.cwd ?? process.cwd()), flags.text('trim_path') ?? ''),
    warn,
  };
  writeOutput(flags.text('output') ?? '', io, warn, (write) => {
    const { format } = options;
    if (format === 'proto' || format === 'topproto') {
      write(gzipSync(encodeProfile(profileReport(pruned, { ...options, format }, host))));
    } else writeReport(pruned, options, host, write);
  });
  return 0;
}

/** Sources minus bases, in the order of steps that the reference has. */
async function fetchProfile(
  flags: ParsedFlags,
  io: PprofIo,
  options: ReportOptions,
  warn: (message: string) => void,
): Promise<Profile> {
  let sources = flags.sources;
  let program = '';
  if (sources.length > 1 && isExecutable(sources[0]!)) {
    program = sources[0]!;
    sources = sources.slice(1);
  }
  const bases = flags.list('base').filter((b) => b !== '');
  const diffBases = flags.list('diff_base').filter((b) => b !== '');
  if (bases.length > 0 && diffBases.length > 0) {
    throw new TidemarkError('TM_USAGE', '-base and -diff_base flags cannot both be specified');
  }
  const baseNames = [...bases, ...diffBases];
  const normalise = flags.bool('normalize') ?? false;
  if (normalise && baseNames.length === 0) {
    throw new TidemarkError('TM_USAGE', 'must have base profile to normalize by');
  }
  const fetch = {
    ...{ seconds: flags.number('seconds') ?? -1, timeout: flags.number('timeout') ?? -1, maxBytes: MAX_BYTES },
    ...{
      signal: io.signal,
      tls: { ca: flags.text('tls_ca'), cert: flags.text('tls_cert'), key: flags.text('tls_key') },
    },
  };
  const adjust = (p: Profile) => withMapping(p, program, flags.text('buildid') ?? '');
  const loaded = await loadProfiles(sources, fetch, adjust, warn);
  let profile = loaded.profile;
  const isDelta = loaded.urls.some((u) => u.searchParams.has('seconds'));
  explainDeltas(profile, options, isDelta, baseNames.length > 0, warn);
  if (baseNames.length === 0) return profile;
  let base = (await loadProfiles(baseNames, fetch, adjust, warn)).profile;
  if (diffBases.length > 0) base = markBase(base);
  if (normalise) profile = normaliseTo(profile, base);
  return combineProfiles([profile, scale(base, -1)]);
}

/** A profile without mappings gets one for everything, and the first takes program and build id where given. */
function withMapping(p: Profile, program: string, buildId: string): Profile {
  let out = p;
  if (p.mappings.length === 0) {
    const none = { start: 0n, limit: 0n, offset: 0n, file: '', buildId: '' };
    const has = { hasFunctions: false, hasFilenames: false, hasLineNumbers: false, hasInlineFrames: false };
    out = p.with({
      mappings: [{ id: 1n, ...none, ...has }],
      locationMappings: new Uint32Array(p.locationCount).fill(1),
    });
  }
  if (program === '' && (buildId === '' || out.mappings[0]!.buildId !== '')) return out;
  const [first, ...rest] = out.mappings;
  const changed = { ...first!, file: program || first!.file, buildId: first!.buildId || buildId };
  return out.with({ mappings: [changed, ...rest] });
}

/** File names that are URLs are where a profile came from, not what ran. */
function withoutUrls(p: Profile): Profile {
  const isUrl = (file: string) => /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(file);
  if (!p.mappings.some((m) => m.buildId === '' && isUrl(m.file))) return p;
  return p.with({ mappings: p.mappings.map((m) => (m.buildId === '' && isUrl(m.file) ? { ...m, file: '' } : m)) });
}

function withComment(p: Profile, comment: string | undefined): Profile {
  return comment ? p.with({ comments: [...p.comments, comment] }) : p;
}

function dropPatterns(p: Profile): string[] {
  return [p.dropFrames, p.keepFrames].filter((f) => f !== '').map((f) => `^(${f})$`);
}

/**
 * Subtracting the in-use columns of two heap profiles compares them, and a `heap?seconds=N` delta has done it
 * already: negative numbers there are memory that was freed, not a mistake (golang/go #67942, #57765).
 */
function explainDeltas(
  p: Profile,
  options: ReportOptions,
  isDelta: boolean,
  hasBase: boolean,
  warn: (message: string) => void,
): void {
  if (!(isDelta || hasBase) || profileKind(p) !== 'heap') return;
  const index = options.sampleIndex || p.defaultSampleType || (p.sampleTypes.at(-1)?.type ?? '');
  const type = /^\d+$/.test(index) ? (p.sampleTypes[Number(index)]?.type ?? '') : index;
  if (!/^inuse_/.test(type)) return;
  warn(
    `${type} of a difference is memory live now minus memory live then, not what was allocated in between: ` +
      'for that take -sample_index=alloc_space; `tidemark compare` shows both with their noise.',
  );
}

function writeOutput(
  path: string,
  io: PprofIo,
  warn: (message: string) => void,
  generate: (write: (chunk: string | Uint8Array) => void) => void,
): void {
  if (path === '') {
    generate((chunk) => io.stdout.write(chunk));
    return;
  }
  warn(`Generating report in ${path}`);
  // Pipes and devices cannot be replaced by a rename; files are written beside and moved, whole or not at all.
  const special = path.startsWith('/dev/') || path.startsWith('/proc/');
  const target = special ? path : `${path}.part-${process.pid}`;
  try {
    const fd = openSync(target, 'w');
    try {
      generate((chunk) => writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
    } finally {
      closeSync(fd);
    }
    if (!special) renameSync(target, path);
  } catch (error) {
    if (!special) rmSync(target, { force: true });
    if (error instanceof TidemarkError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new TidemarkError('TM_WRITE_FAILED', `${path}: ${(error as Error).message}`, { cause: error });
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
