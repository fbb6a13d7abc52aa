import type { Finding, Report } from '@tidemark/model';

const LEVEL: Partial<Record<Finding['verdict'], string>> = { leak: 'error', suspect: 'warning', worse: 'error' };

/** Where the page of a rule is read. */
export const ruleUrl = (rule: string) =>
  `https://github.com/tidemark-go/tidemark/blob/main/docs/rules/${rule.replace('/', '-')}.md`;

/**
 * A report as SARIF 2.1.0, for code scanning: one rule an id, the path to each finding as a code flow, fingerprints that
 * outlive changes of lines. Findings without a place in a file are left out: the form has no room for them. `summaries`
 * are the first sentences of the rules' pages, by id.
 */
export function renderSarif(report: Report, summaries: ReadonlyMap<string, string> = new Map()): string {
  const findings = report.findings.filter((finding) => finding.verdict !== 'clear' && finding.site?.file);
  const ids = [...new Set(findings.map((finding) => finding.rule))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Tidemark',
            semanticVersion: report.tool.version,
            informationUri: 'https://github.com/tidemark-go/tidemark',
            rules: ids.map((id) => ({
              id,
              name: id.replace(/(?:^|[/-])([a-z])/g, (_, letter: string) => letter.toUpperCase()),
              shortDescription: { text: summaries.get(id) ?? id },
              helpUri: ruleUrl(id),
              help: { text: `tidemark explain ${id}` },
            })),
          },
        },
        originalUriBaseIds: { SRCROOT: { description: { text: 'the root of the repository' } } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, ids)),
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: report.notes
              .filter((note) => note.level !== 'info')
              .map((note) => ({ level: note.level, message: { text: note.text } })),
          },
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf(finding: Finding, ids: readonly string[]) {
  const text = [finding.title, finding.cause && `${finding.cause}.`, finding.fix && `Change: ${finding.fix}.`]
    .filter(Boolean)
    .join('\n');
  const related = finding.related.filter((place) => place.file !== '');
  return {
    ruleId: finding.rule,
    ruleIndex: ids.indexOf(finding.rule),
    level: LEVEL[finding.verdict] ?? 'note',
    message: { text },
    locations: [{ ...location(finding.site!.file, finding.site!.line), logicalLocations: logical(finding) }],
    partialFingerprints: { 'tidemark/v1': finding.fingerprint },
    ...(related.length > 0 && {
      relatedLocations: related.map((place, id) => ({ id, ...location(place.file, place.line, place.message) })),
      codeFlows: [
        {
          threadFlows: [
            {
              locations: related.map((place) => ({ location: location(place.file, place.line, place.message) })),
            },
          ],
        },
      ],
    }),
  };
}

const logical = (finding: Finding) => [{ fullyQualifiedName: finding.site!.function, kind: 'function' }];

function location(file: string, line: number, message?: string) {
  const uri = file.split('/').map(encodeURIComponent).join('/');
  const absolute = file.startsWith('/');
  return {
    physicalLocation: {
      artifactLocation: absolute ? { uri: `file://${uri}` } : { uri, uriBaseId: 'SRCROOT' },
      ...(line > 0 && { region: { startLine: line } }),
    },
    ...(message && { message: { text: message } }),
  };
}
