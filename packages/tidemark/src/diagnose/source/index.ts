import { type Finding, type Note, normaliseFunction, type Report, SCHEMA_VERSIONS } from '@tidemark/model';
import { exitCodeOf, worstVerdict } from '../../base/exit.js';
import { VERSION } from '../../base/version.js';
import type { ScanDocument, SourceFinding } from './document.js';
import { stated } from './finding.js';

export { readScan, type ScanDocument } from './document.js';
export { joinProfile } from './profile-join.js';
export { joinSarif, type OtherResult, readSarif } from './sarif-join.js';

export interface SourceOptions {
  readonly failOn: 'leak' | 'suspect' | 'never';
  /** The command that was run, as a proof. */
  readonly argv: readonly string[];
  /** Folder of the module below the root of the repository: `services/shop`, '' for the root. */
  readonly modulePath: string;
  readonly atMs: number;
}

const RANK = { leak: 0, suspect: 1 } as const;

/**
 * The report of a scan. What could not be read makes it partial: a note for each package, and exit code 3 where it
 * would be 0.
 */
export function judgeSource(document: ScanDocument, options: SourceOptions): Report {
  const findings = document.findings
    .map((found) => toFinding(found, document, options))
    .sort((a, b) => RANK[a.verdict as 'leak'] - RANK[b.verdict as 'leak']);
  const verdicts = findings.map((finding) => finding.verdict);
  const code = exitCodeOf(verdicts, options.failOn);
  const now = new Date(options.atMs).toISOString();
  return {
    $schema: `tidemark-report-v${SCHEMA_VERSIONS.report}.schema.json`,
    schemaVersion: 1,
    tool: { name: 'tidemark', version: VERSION, command: 'scan' },
    subject: {
      service: serviceOf(document),
      instance: null,
      build: null,
      goVersion: document.build.goVersion,
      pid: null,
      ageSeconds: null,
    },
    window: { from: now, to: now, seconds: 0, looks: 0 },
    verdict: verdicts.length === 0 && document.failed.length > 0 ? 'undecided' : worstVerdict(verdicts),
    exitCode: code === 0 && document.failed.length > 0 ? 3 : code,
    findings,
    checked: { packages: document.packages },
    notes: notesOf(document),
  };
}

const serviceOf = (document: ScanDocument) => document.build.module || 'packages';

function notesOf(document: ScanDocument): Note[] {
  // What only fails because an import does is not the place to look.
  const own = document.failed.filter((failed) => !failed.error.includes('no export data for'));
  const notes: Note[] = own.slice(0, 10).map((failed) => ({
    level: 'warning',
    code: null,
    text: `partial: ${failed.path} could not be read: ${reasonOf(failed)}`,
  }));
  const more = document.failed.length - Math.min(own.length, 10);
  if (more > 0) {
    notes.push({ level: 'warning', code: null, text: `partial: ${more} packages more could not be read` });
  }
  for (const bad of document.badIgnores.slice(0, 10)) {
    const text = `${bad.file}:${bad.line}: a tidemark:ignore comment without ${bad.rule ? 'a reason' : 'a rule'} suppresses nothing`;
    notes.push({ level: 'warning', code: null, text });
  }
  for (const file of document.fixedFiles.slice(0, 20))
    notes.push({ level: 'info', code: null, text: `changed ${file}` });
  if (document.fixedFindings.length > 0) {
    const text = `${document.fixedFindings.length} fixed: look at the change and run the tests`;
    notes.push({ level: 'info', code: null, text });
  }
  if (document.suppressed.length > 0) {
    const text = `${document.suppressed.length} suppressed by comments with a reason`;
    notes.push({ level: 'info', code: null, text });
  }
  return notes;
}

/** The first line that says something: the go command puts the name of the package before it. */
function reasonOf(failed: { path: string; error: string }): string {
  const lines = failed.error.split('\n').map((line) => line.replace(`${failed.path}: `, '').trim());
  return lines.find((line) => line !== '' && !line.startsWith('# ')) ?? 'no reason given';
}

function toFinding(found: SourceFinding, document: ScanDocument, options: SourceOptions): Finding {
  const service = serviceOf(document);
  const name = normaliseFunction(found.function);
  const inRepository = (file: string, repoFile: string) =>
    repoFile === '' ? file : options.modulePath === '' ? repoFile : `${options.modulePath}/${repoFile}`;
  const file = inRepository(found.file, found.repoFile);
  const unknown = [];
  if (document.importersNotSeen && found.rule === 'heap/holder-only-added') {
    unknown.push('No main package was read: a program that imports this may remove what is added.');
  }
  if (found.generated) unknown.push('The file says that it was generated: change its generator.');
  return stated({
    ...{ service, rule: found.rule, verdict: found.verdict, anchor: found.anchor, title: found.message, unknown },
    site: { function: name, file, line: found.line },
    evidence: [{ text: `${found.message}.`, values: {}, sources: [`${file}:${found.line}`] }],
    related: found.related.map((place) => ({
      file: inRepository(place.file, place.repoFile),
      line: place.line,
      message: place.message,
    })),
    cause: found.cause || null,
    fix: found.fix || null,
    proof: { argv: [...options.argv] },
  });
}
