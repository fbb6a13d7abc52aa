import {
  type Evidence,
  enclosingFunction,
  type Finding,
  type Frame,
  type Site,
  type UnreleasedResource,
} from '@tidemark/model';
import { shortFile } from '../sentence.js';

/**
 * What is left behind when a resource stays open shows on stacks of the library, where no function of the program is:
 * these library functions belong to these rules.
 */
const TRACES: readonly { readonly stack: RegExp; readonly rules: readonly string[] }[] = [
  {
    stack: /^net\/http\.\(\*(?:persistConn|Transport|http2)/,
    rules: ['resource/http-body', 'resource/transport-per-call'],
  },
  {
    stack: /^database\/sql\./,
    rules: ['resource/sql-rows', 'resource/sql-tx', 'resource/sql-stmt', 'resource/sql-conn', 'resource/client'],
  },
  { stack: /^os\/exec\.\(\*Cmd\)/, rules: ['resource/process'] },
  { stack: /^io\.\(\*(?:pipe|PipeReader)\)/, rules: ['resource/io-pipe'] },
  { stack: /^context\.(?:\(\*(?:cancelCtx|timerCtx)|With|propagateCancel|newCancelCtx)/, rules: ['resource/cancel'] },
  { stack: /^time\.(?:NewTicker|Tick|After|newTimer)/, rules: ['resource/ticker'] },
  { stack: /^google\.golang\.org\/grpc/, rules: ['resource/client'] },
];

/** Related places and sentences that one finding gets at most. */
const MOST = 3;

/** The resources that can have to do with these stacks: in a function on one of them, or of a library on one. */
export function resourcesNear(
  resources: readonly UnreleasedResource[],
  stacks: readonly (readonly Site[])[],
): UnreleasedResource[] {
  const functions = new Set(stacks.flatMap((stack) => stack.map((frame) => enclosingFunction(frame.function))));
  const rules = new Set(stacks.flatMap(rulesOf));
  return resources.filter((one) => rules.has(one.rule) || functions.has(enclosingFunction(one.function)));
}

const rulesOf = (stack: readonly Site[]) =>
  TRACES.filter((trace) => stack.some((frame) => trace.stack.test(frame.function))).flatMap((trace) => trace.rules);

/**
 * Findings of growth with the resource of the source that explains them: one that is taken in a function of the
 * stack and of the kind that the stack shows, else of either alone when there is no better one. Verdicts stay: how much grows is for
 * what was measured to say.
 */
export function explainByResources(findings: readonly Finding[], evidence: readonly Evidence[]): Finding[] {
  const resources = evidence.flatMap((one) => (one.kind === 'build-facts' ? (one.resources ?? []) : []));
  if (resources.length === 0) return [...findings];
  const creators = new Map<string, Site>();
  for (const one of evidence) {
    if (one.kind !== 'goroutine-series') continue;
    for (const group of one.groups) if (group.creator) creators.set(stackKey(group.stack), group.creator);
  }
  return findings.map((finding) => {
    if (finding.verdict === 'clear' || !finding.site) return finding;
    const creator = creators.get(stackKey(finding.stack));
    const stack: Site[] = [finding.site, ...finding.stack, ...(creator ? [creator] : [])];
    return explained(finding, nearest(resources, stack));
  });
}

const stackKey = (stack: readonly Frame[]) => stack.map((frame) => `${frame.function}:${frame.line}`).join('\n');

interface Near {
  readonly resource: UnreleasedResource;
  /** The function of the program that is on the stack takes it. */
  readonly sameFunction: boolean;
}

function nearest(resources: readonly UnreleasedResource[], stack: readonly Site[]): Near[] {
  const functions = new Set(stack.map((frame) => enclosingFunction(frame.function)));
  const rules = new Set(rulesOf(stack));
  const near = resources.map((resource) => ({
    resource,
    sameFunction: functions.has(enclosingFunction(resource.function)),
    sameKind: rules.has(resource.rule),
  }));
  const both = near.filter((one) => one.sameFunction && one.sameKind);
  if (both.length > 0) return both;
  const inFunction = near.filter((one) => one.sameFunction);
  // On a stack of a library alone, every place that forgets such a resource is a candidate.
  return inFunction.length > 0 ? inFunction : near.filter((one) => one.sameKind);
}

function explained(finding: Finding, near: readonly Near[]): Finding {
  if (near.length === 0) return finding;
  const told = near.slice(0, MOST);
  const sentences = told.map(({ resource, sameFunction }) => ({
    text: `the source ${sameFunction ? 'of a function on this stack' : 'has a place that leaves such things behind and'} says: ${resource.message} (${shortFile(resource)}, ${resource.rule})`,
    values: { rule: resource.rule, file: resource.file, line: resource.line },
    sources: [`${resource.file}:${resource.line}`],
  }));
  const [best] = told;
  const single = near.length === 1 && best?.resource.fix;
  return {
    ...finding,
    evidence: [...finding.evidence, ...sentences],
    related: [
      ...finding.related,
      ...told.flatMap(({ resource }) =>
        resource.related.length > 0
          ? resource.related
          : [{ file: resource.file, line: resource.line, message: resource.message }],
      ),
    ],
    ...(single && finding.verdict !== 'undecided' ? { fix: `${single} (${shortFile(best.resource)})` } : {}),
  };
}
