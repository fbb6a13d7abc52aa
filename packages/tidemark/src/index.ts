/** The library: `import { diagnose } from 'tidemark'`. The command line is built on the same functions. */
import type { Report } from '@tidemark/model';
import { type DiagnoseOptions, diagnoseFiles, diagnoseTarget, type LiveOptions } from './diagnose/index.js';

export type { Case, Evidence, Finding, Report, Rule, Site, Verdict } from '@tidemark/model';
export { ERRORS, TidemarkError } from '@tidemark/model';
export { VERSION } from './base/version.js';
export { type DumpLook, judgeDumps, readSyncFacts, SourceFacts } from './diagnose/goroutine/index.js';
export { type DiagnoseOptions, type LiveOptions, RULES } from './diagnose/index.js';

/**
 * Diagnoses a live service (an http or https address) or saved captures (paths of files and directories).
 *
 *     const report = await diagnose('http://127.0.0.1:6060', { plan: { forMs: 60_000 } });
 *     for (const finding of report.findings) console.log(finding.verdict, finding.site);
 *
 * @throws TidemarkError with a TM_ code when there is nothing to judge.
 */
export async function diagnose(
  target: string | readonly string[],
  options: LiveOptions | DiagnoseOptions = {},
): Promise<Report> {
  const { report } =
    typeof target === 'string' && /^https?:\/\//.test(target)
      ? await diagnoseTarget(target, options)
      : await diagnoseFiles(typeof target === 'string' ? [target] : target, options);
  return report;
}
