import type { Profile } from '../profile.js';
import { writeCallgrind } from './callgrind.js';
import { writeCollapsed } from './collapsed.js';
import { writeDot } from './dot.js';
import { writeList } from './list.js';
import type { ReportHost, ReportOptions } from './options.js';
import { protoReport, topProtoReport } from './proto.js';
import { writeRaw } from './raw.js';
import { Report } from './report.js';
import { LineSink, type Write } from './sink.js';
import { writeTags } from './tags.js';
import { writeText } from './text.js';
import { writeTraces } from './traces.js';
import { writeTree } from './tree.js';

const WRITERS = {
  text: writeText,
  tree: writeTree,
  peek: writeTree,
  traces: writeTraces,
  raw: writeRaw,
  tags: writeTags,
  dot: writeDot,
  callgrind: writeCallgrind,
  collapsed: writeCollapsed,
  list: writeList,
  comments: (report: Report, out: LineSink) => {
    for (const c of report.profile.comments) out.line(c);
  },
} as const;

/**
 * Writes a report as `go tool pprof` does, in pieces of text. proto and topproto are not texts: see profileReport.
 * Throws TM_USAGE for options that cannot be, and where a function to look for is not there.
 */
export function writeReport(p: Profile, options: ReportOptions, host: ReportHost, write: Write): void {
  const out = new LineSink(write);
  const { format } = options;
  if (format === 'proto' || format === 'topproto') throw new Error(`${format} is not a text`);
  WRITERS[format](new Report(p, options, host), out);
  out.flush();
}

/** The profile that -proto and -topproto write, to be encoded and compressed. */
export function profileReport(
  p: Profile,
  options: ReportOptions & { format: 'proto' | 'topproto' },
  host: ReportHost,
): Profile {
  const report = new Report(p, options, host);
  return options.format === 'proto' ? protoReport(report) : topProtoReport(report);
}
