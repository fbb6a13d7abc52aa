import { type Finding, TidemarkError } from '@tidemark/model';
import { z } from 'zod';
import { stated } from './finding.js';

/** Results of one file that are read, and characters of a message that are kept. */
const MOST_RESULTS = 50_000;
const MOST_CHARS = 500;

const Result = z.object({
  ruleId: z.string().optional(),
  rule: z.object({ id: z.string().optional() }).optional(),
  level: z.string().optional(),
  kind: z.string().optional(),
  message: z.object({ text: z.string().default('') }).default({ text: '' }),
  suppressions: z.array(z.unknown()).nullish(),
  locations: z
    .array(
      z.object({
        physicalLocation: z
          .object({
            artifactLocation: z.object({ uri: z.string().default('') }).optional(),
            region: z.object({ startLine: z.number().int().nonnegative().default(0) }).optional(),
          })
          .optional(),
      }),
    )
    .nullish(),
});

const Log = z.object({
  version: z.string().startsWith('2.1'),
  runs: z.array(
    z.object({
      tool: z.object({ driver: z.object({ name: z.string() }) }),
      results: z.array(Result).nullish(),
    }),
  ),
});

/** What another tool says about a line. */
export interface OtherResult {
  readonly tool: string;
  readonly rule: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
}

/**
 * The results of a SARIF 2.1 log with a place in a file. Suppressed ones and those of kind `pass` are left out.
 * @throws TidemarkError TM_USAGE for anything else, TM_LIMIT for more than 50,000 results.
 */
export function readSarif(text: string, name: string): OtherResult[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new TidemarkError('TM_USAGE', `${name} is no JSON`, { cause });
  }
  const log = Log.safeParse(data);
  if (!log.success) throw new TidemarkError('TM_USAGE', `${name} is no SARIF 2.1 log: ${firstIssue(log.error)}`);
  const list: OtherResult[] = [];
  for (const run of log.data.runs) {
    for (const result of run.results ?? []) {
      const place = result.locations?.[0]?.physicalLocation;
      const file = pathOf(place?.artifactLocation?.uri ?? '');
      if (file === '' || (result.kind ?? 'fail') === 'pass' || (result.suppressions?.length ?? 0) > 0) continue;
      if (list.length === MOST_RESULTS) throw new TidemarkError('TM_LIMIT', `${name} has more than 50,000 results`);
      list.push({
        tool: run.tool.driver.name.slice(0, 80),
        rule: (result.ruleId ?? result.rule?.id ?? 'unnamed').slice(0, 80),
        message: (result.message.text.split('\n')[0] ?? '').slice(0, MOST_CHARS),
        file,
        line: place?.region?.startLine ?? 0,
      });
    }
  }
  return list;
}

const firstIssue = (error: z.ZodError) => {
  const issue = error.issues[0]!;
  return `${issue.path.join('.') || 'the document'}: ${issue.message}`;
};

/** A URI as a path: without scheme, `./` and percent signs. */
function pathOf(uri: string): string {
  let path = uri.replace(/^file:\/\/[^/]*/, '').replace(/^(?:\.\/)+/, '');
  try {
    path = decodeURIComponent(path);
  } catch {
    // a percent sign that means itself
  }
  return path;
}

/**
 * Findings together with what other tools say: the same line becomes a sentence of evidence, anything else a suspicion
 * of its own with the rule `sarif/<rule>`. Files meet when one path ends in the other, so that a log from the root of a
 * repository fits one from the module.
 */
export function joinSarif(findings: readonly Finding[], others: readonly OtherResult[], service: string): Finding[] {
  const byLine = new Map<string, number[]>();
  findings.forEach((finding, i) => {
    for (const place of [finding.site, ...finding.related.slice(0, 1)]) {
      if (!place) continue;
      const key = `${baseName(place.file)}:${place.line}`;
      byLine.set(key, [...(byLine.get(key) ?? []), i]);
    }
  });
  const joined = findings.map((finding) => ({ ...finding, evidence: [...finding.evidence] }));
  const added = new Map<string, Finding>();
  const ordinals = new Map<string, number>();
  for (const other of others) {
    const same = (byLine.get(`${baseName(other.file)}:${other.line}`) ?? []).filter((i) =>
      sameFile(findings[i]!.site?.file ?? '', other.file),
    );
    const sentence = {
      text: `${other.tool} says the same of this line: ${other.message} (${other.rule}).`,
      values: { tool: other.tool, rule: other.rule },
      sources: [`${other.file}:${other.line}`],
    };
    for (const i of new Set(same)) joined[i]!.evidence.push(sentence);
    if (same.length > 0) continue;
    const anchor = `${other.tool} ${other.rule} ${other.file}`;
    const ordinal = (ordinals.get(anchor) ?? 0) + 1;
    ordinals.set(anchor, ordinal);
    const finding = alone(other, `${anchor}#${ordinal}`, service);
    added.set(finding.fingerprint, finding);
  }
  return [...joined, ...added.values()];
}

function alone(other: OtherResult, anchor: string, service: string): Finding {
  return stated({
    ...{ service, anchor, verdict: 'suspect' },
    rule: `sarif/${other.rule.replace(/[^A-Za-z0-9._-]+/g, '-')}`,
    title: other.message || other.rule,
    site: { function: '', file: other.file, line: other.line },
    evidence: [
      { text: `${other.tool} reports it.`, values: { tool: other.tool }, sources: [`${other.file}:${other.line}`] },
    ],
  });
}

const baseName = (file: string) => file.slice(file.lastIndexOf('/') + 1);

const sameFile = (a: string, b: string) => a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
