import type { Profile } from '../src/profile.js';
import { writeReport } from '../src/report/generate.js';
import type { ReportHost, ReportOptions } from '../src/report/options.js';
import { parseTextProfile } from '../src/text-columns.js';

const compile = (pattern: string) => {
  const regex = new RegExp(pattern);
  return (text: string) => regex.test(text);
};

/** A host without time zone and sources; what a report warns of goes to `warnings`. */
export function testHost(warnings: string[] = [], more: Partial<ReportHost> = {}): ReportHost {
  return { compile, warn: (m) => warnings.push(m), ...more };
}

/** A report as one text, of a profile or of the text that parseTextProfile reads. */
export function render(p: Profile | string, options: ReportOptions, host: ReportHost = testHost()): string {
  const profile = typeof p === 'string' ? parseTextProfile(p) : p;
  let text = '';
  writeReport(profile, options, host, (chunk) => {
    text += chunk;
  });
  return text;
}

/** The nodes of a -text report in its order, as `flat cum name`. Nothing is trimmed unless the options say so. */
export function nodesOf(p: Profile | string, options: Partial<ReportOptions> = {}, host?: ReportHost): string[] {
  const text = render(p, { trim: false, ...options, format: 'text' }, host);
  return text.split('\n').flatMap((line) => {
    const m = /^ *(\S+) +\S+% +\S+% +(\S+) +\S+% {2}(.*)$/.exec(line);
    return m ? [`${m[1]} ${m[2]} ${m[3]}`] : [];
  });
}
