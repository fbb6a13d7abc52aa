import {
  type Evidence,
  type Finding,
  type Frame,
  type HeapReason,
  type HeapSite,
  isStandardLibrary,
  normaliseFile,
  packageOf,
  type Site,
} from '@tidemark/model';
import type { EscapeSection } from './file.js';

type Allocation = EscapeSection['files'][number]['sites'][number];

/** The section `escape` of a facts file, asked by frames of a profile. */
export class AllocationIndex {
  readonly #byBase = new Map<string, { readonly file: string; readonly lines: Map<number, Allocation[]> }[]>();

  constructor(
    section: EscapeSection,
    /** Import path of the main package, which a profile calls `main`. */
    private readonly main: string | undefined,
  ) {
    for (const { file, sites } of section.files) {
      const lines = new Map<number, Allocation[]>();
      for (const site of sites) {
        const known = lines.get(site.line);
        if (known) known.push(site);
        else lines.set(site.line, [site]);
      }
      const base = file.slice(file.lastIndexOf('/') + 1);
      const known = this.#byBase.get(base);
      if (known) known.push({ file, lines });
      else this.#byBase.set(base, [{ file, lines }]);
    }
  }

  /** What allocates on the frame's line. */
  at(frame: Site): readonly Allocation[] {
    const path = normaliseFile(frame.file).replace(/@[^/]+/, '');
    const candidates = this.#byBase.get(path.slice(path.lastIndexOf('/') + 1)) ?? [];
    const home = packageOf(frame.function);
    const named = `${home === 'main' ? this.main : home}/${path.slice(path.lastIndexOf('/') + 1)}`;
    const byPackage = candidates.find((c) => c.file === named);
    const byPath = () =>
      candidates
        .filter((c) => path === c.file || path.endsWith(`/${c.file}`))
        .sort((a, b) => b.file.length - a.file.length)[0];
    // The runtime has functions of other packages: time.newTimer is in runtime/time.go.
    const found = isStandardLibrary(frame.function) ? (byPath() ?? byPackage) : (byPackage ?? byPath());
    return found?.lines.get(frame.line) ?? [];
  }
}

/** Functions of the runtime that stand on a stack above what they allocate for, and the kind of that. */
const RUNTIME: readonly (readonly [RegExp, string])[] = [
  [/^runtime\.mapassign|^runtime\.growWork|^runtime\.hashGrow|^internal\/runtime\/maps\./, 'map-assign'],
  [/^runtime\.growslice/, 'append'],
  [/^runtime\.makechan/, 'chan'],
  [/^runtime\.concatstring/, 'concat'],
  [/^runtime\.(?:stringtoslice|slicebytetostring|slicerunetostring|intstring)/, 'convert'],
  [/^runtime\.(?:newproc|malg)/, 'go'],
  [/^runtime\.convT/, 'box'],
  [/^runtime\.makeslice/, 'make'],
];

const inRuntime = (frame: Site) => /^(?:runtime|internal\/runtime\/[^.]+)\./.test(frame.function);

/**
 * What the top of a stack (leaf first) allocates: the first frame above the runtime with what its line allocates; null
 * where neither the facts nor the runtime's own frames tell.
 */
export function allocationOf(stack: readonly Frame[], index: AllocationIndex): HeapReason[] {
  const first = stack.findIndex((frame) => !inRuntime(frame));
  const frame = stack[first < 0 ? 0 : first];
  if (!frame) return [];
  const kind = stack
    .slice(0, Math.max(0, first))
    .map((f) => RUNTIME.find(([name]) => name.test(f.function))?.[1])
    .find((found) => found !== undefined);
  const all = index.at(frame);
  const ofKind = all.filter((one) => kind !== undefined && (one.kind === kind || one.kind.startsWith(`${kind}-`)));
  const likely = ofKind.length > 0 ? ofKind : all;
  const { function: name, file, line } = frame;
  if (likely.length === 0 && kind !== undefined) {
    return [{ function: name, file, line, kind, what: '', why: '', onLine: 1 }];
  }
  return likely.map((one) => ({
    ...{ function: name, file, line, kind: one.kind, what: one.what, onLine: likely.length },
    why: throughCaller(one, stack[first + 1], index),
  }));
}

const shortName = (name: string) => name.slice(name.lastIndexOf('/') + 1);

/** What an inlined function returns has its reason at the call, where the compiler writes it once more. */
function throughCaller(one: Allocation, caller: Frame | undefined, index: AllocationIndex): string {
  if (caller && one.kind === 'runtime') return `for ${shortName(caller.function)}`;
  if (!caller || !/^returned\b[^,]*, so it outlives the call$/.test(one.why)) return one.why;
  const unqualified = (what: string) => what.replaceAll(/\b\w+\./g, '');
  const same = index.at(caller).find((at) => at.kind === one.kind && unqualified(at.what) === unqualified(one.what));
  return same?.why ? `${one.why}; in ${shortName(caller.function)}: ${same.why}` : one.why;
}

/** Of how many things on one line a reader is told. */
const MOST = 3;

/** What allocates at the sites, each once. */
export function allocationsNear(index: AllocationIndex, sites: readonly HeapSite[]): HeapReason[] {
  const told = new Map<string, HeapReason>();
  for (const site of sites) {
    for (const reason of allocationOf(site.stack, index).slice(0, MOST)) {
      told.set(`${reason.function}\n${reason.file}\n${reason.line}\n${reason.kind}\n${reason.what}`, reason);
    }
  }
  return [...told.values()];
}

/** Findings about the heap with the sentence that says why the bytes are there, where facts of the build tell it. */
export function explainAllocations(findings: readonly Finding[], evidence: readonly Evidence[]): Finding[] {
  const reasons = evidence.flatMap((one) => (one.kind === 'build-facts' ? (one.allocations ?? []) : []));
  if (reasons.length === 0) return [...findings];
  return findings.map((finding) => {
    if (!finding.rule.startsWith('heap/')) return finding;
    const frame = finding.stack.find((f) => !inRuntime(f));
    const here = reasons.filter(
      (r) => r.line === frame?.line && r.function === frame.function && r.file === frame.file,
    );
    if (here.length === 0) return finding;
    return { ...finding, evidence: [...finding.evidence, ...here.map(sentence)] };
  });
}

function sentence(reason: HeapReason): Finding['evidence'][number] {
  const place = `${reason.file.split('/').at(-1)}:${reason.line}`;
  const others = reason.onLine - 1;
  const ambiguous = others > 0 ? ` (or one of ${others} more that allocate on this line)` : '';
  return {
    text: `build facts: on the heap at ${place}${ambiguous}: ${reasonInWords(reason)}`,
    values: { kind: reason.kind, what: reason.what },
    sources: [`${reason.file}:${reason.line}`],
  };
}

/** What a kind of allocation is; where the compiler gave a reason, it follows. */
const KINDS: Record<string, (what: string) => string> = {
  variable: (what) => `the variable ${what} was moved to the heap`,
  closure: () => 'a function literal with what it captures',
  method: (what) => `${what}, a method bound to its receiver`,
  box: (what) => `a copy of ${what} for an interface`,
  arguments: () => 'the slice of the arguments of a call with ...',
  append: (what) => `${what || 'append'}, which makes a larger array when the capacity is used up`,
  concat: (what) => `the new string ${what || 'of a +'}`,
  'concat-assign': (what) => `the new string of ${what}`,
  convert: (what) => `the copy that ${what || 'a conversion'} makes`,
  'map-assign': (what) =>
    `${what || 'a map assignment'}: the runtime grows the map as entries are added, and never makes it smaller`,
  chan: (what) => `${what || 'a channel'}: the buffer of a channel is always there`,
  go: (what) => `${what || 'a go statement'}: what a goroutine starts with`,
  defer: (what) => `${what}: a deferred call in a loop has its record there`,
  runtime: (what) => `memory that the runtime takes itself with ${what}`,
};

/** The reason without its place. */
export function reasonInWords({ kind, what, why }: Pick<HeapReason, 'kind' | 'what' | 'why'>): string {
  const named = (KINDS[kind] ?? ((w: string) => w))(what);
  return why === '' ? named : `${named}: ${why}`;
}
