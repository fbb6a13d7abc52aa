import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CAUSE_WORDS, SOURCE_METRICS, SUBJECT_WORDS, type Words } from './atlas-words.js';

const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The repository: where the generator's bundle runs from does not matter. */
function findRoot(from: string): string {
  for (let at = from; ; at = dirname(at)) {
    if (existsSync(join(at, 'go/leaky'))) return at;
    if (dirname(at) === at) throw new Error('go/leaky is not above this file');
  }
}

interface Page {
  readonly name: string;
  readonly title: string;
  readonly group: 'Services' | 'Goroutines' | 'Source';
  readonly text: string;
}

/** Where a leak shows, by the signal of a subject. */
const PROFILE: Readonly<Record<string, string>> = {
  Heap: 'the heap profile (`/debug/pprof/heap`, `inuse_space`)',
  Goroutine: 'the goroutine profile (`/debug/pprof/goroutine`)',
  HeapAndGoroutine: 'both the heap and the goroutine profile',
  RSS: 'no profile of Go: the memory is outside of its heap',
};

/** What the marks in the code mean, as a reader sees it. */
const ROLE: Readonly<Record<string, string>> = {
  allocates: 'on the stack of the memory that stays',
  waits: 'on top of the goroutines that stay',
  creates: 'in their `created by` line',
  causes: 'the mistake itself, on no stack',
};

/**
 * The atlas: docs/atlas/<pattern>.md, one a leak of go/leaky and go/leaky/goroutine, and its index. Code comes from the
 * Go files, which their tests compile and run; words from atlas-words.ts.
 * @throws Error for a leak without words, words without a leak, and a rule without a page.
 */
export function atlas(): Record<string, string> {
  const pages = [...subjectPages(), ...casePages(), ...sourcePages()];
  const files: Record<string, string> = { 'docs/atlas/README.md': index(pages) };
  for (const page of pages) {
    const path = `docs/atlas/${page.name}.md`;
    if (files[path]) throw new Error(`two pages are named ${path}`);
    files[path] = page.text;
  }
  return files;
}

function index(pages: readonly Page[]): string {
  const list = (group: Page['group']) =>
    pages
      .filter((page) => page.group === group)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((page) => `| [${page.name}](${page.name}.md) | ${page.title} |`);
  const table = ['| pattern | what happens |', '| --- | --- |'];
  return [
    '# Atlas of leaks',
    '',
    'One page a pattern: what its code, its profile and its metrics look like, why it leaks, which rule tells it, the fix and',
    'the proof. Generated from the programs in `go/leaky`, whose tests compile and run every leak and its twin.',
    '',
    '## In services',
    '',
    ...table,
    ...list('Services'),
    '',
    '## Goroutines that get stuck',
    '',
    ...table,
    ...list('Goroutines'),
    '',
    '## In source',
    '',
    'One a rule of `tidemark scan`, from its labelled suite, whose test compiles and scans every leak and its twin.',
    '',
    ...table,
    ...list('Source'),
    '',
  ].join('\n');
}

function subjectPages(): Page[] {
  const words = new Set(Object.keys(SUBJECT_WORDS));
  const pages: Page[] = [];
  for (const folder of ['go/leaky/subjects', 'go/leaky/ext/subjects']) {
    for (const file of goFiles(folder)) {
      const text = readFileSync(join(root, file), 'utf8');
      const declared = /^var \w+ = subject\.Subject\{\n([\s\S]*?)^\}\n/m.exec(text);
      if (!declared || !/Kind:\s+subject\.Leak\b/.test(declared[1]!)) continue;
      const name = field(declared[1]!, 'Name', file);
      const own = SUBJECT_WORDS[name];
      if (!own) throw new Error(`${file}: ${name} has no words in atlas-words.ts`);
      words.delete(name);
      const title = field(declared[1]!, 'Title', file);
      const signal = /Signal:\s+subject\.(\w+)/.exec(declared[1]!)?.[1] ?? '';
      const code = text.slice(declared.index + declared[0].length).trim();
      const binary = folder.includes('/ext/') ? 'leaky-ext' : 'leaky';
      pages.push({
        name,
        title,
        group: 'Services',
        text: page(title, own, {
          code,
          file,
          profile: [
            `It shows in ${PROFILE[signal] ?? 'a profile'}.`,
            '',
            ...marks(code).map(([role, line]) => `- \`${line}\`: ${ROLE[role] ?? role}`),
          ],
          proof: [
            `    ${binary} run ${name}            # first line: listening http://127.0.0.1:PORT`,
            '    tidemark diagnose http://127.0.0.1:PORT',
            `    ${binary} run ${name} --fixed    # the twin: the same command finds nothing`,
          ],
        }),
      });
    }
  }
  for (const name of words) throw new Error(`atlas-words.ts has words for ${name}, which is no leak of go/leaky`);
  return pages;
}

function casePages(): Page[] {
  const base = 'go/leaky/goroutine';
  const pages: Page[] = [];
  const words = new Set(Object.keys(CAUSE_WORDS));
  for (const entry of readdirSync(join(root, base), { withFileTypes: true })) {
    const cases = `${base}/${entry.name}/cases.go`;
    if (!entry.isDirectory() || !existsSync(join(root, cases))) continue;
    const files = goFiles(`${base}/${entry.name}`).map((file) => ({
      file,
      text: readFileSync(join(root, file), 'utf8'),
    }));
    for (const row of readFileSync(join(root, cases), 'utf8').match(/suite\.Case\{[^\n]*\}/g) ?? []) {
      const name = field(row, 'ID', cases);
      const title = field(row, 'Title', cases);
      const cause = field(row, 'Cause', cases);
      const leak = /Leak: (\w+)/.exec(row)?.[1];
      const own = CAUSE_WORDS[cause];
      if (!own) throw new Error(`${cases}: the cause ${cause} has no words in atlas-words.ts`);
      words.delete(cause);
      const found = files.find(({ text }) => text.includes(`\nfunc ${leak}(`));
      if (!found) throw new Error(`${cases}: ${leak} of ${name} is in no file`);
      const code = found.text.slice(found.text.indexOf('\n', found.text.indexOf('package ')) + 1).trim();
      pages.push({
        name,
        title,
        group: 'Goroutines',
        text: page(title, own, {
          code,
          file: found.file,
          profile: [
            `In a dump (\`/debug/pprof/goroutine?debug=2\`) the stuck goroutine stands at the line marked \`victim: ${name}\`,`,
            'for as many minutes as it waits already; a line marked `holder` is where the one that it waits for stands, or left.',
          ],
          proof: [
            `    goroutines run ${name}           # prints where pprof listens, then "ready"`,
            '    tidemark goroutines http://127.0.0.1:PORT',
            `    goroutines run ${name} --fixed   # the twin: the same command finds nothing`,
          ],
        }),
      });
    }
  }
  for (const cause of words) throw new Error(`atlas-words.ts has words for the cause ${cause}, which no case has`);
  return pages;
}

/** One page a rule that the suite of the scan has: the first leak whose twin (leakX, cleanX) stands in the same file. */
function sourcePages(): Page[] {
  const suite = 'go/facts/testdata/suite';
  const examples = new Map<string, { file: string; leak: string; twin: string }>();
  for (const folder of readdirSync(join(root, suite), { withFileTypes: true })) {
    if (!folder.isDirectory() || folder.name === 'stubs') continue;
    for (const file of goFiles(`${suite}/${folder.name}`)) {
      const text = readFileSync(join(root, file), 'utf8');
      const functions = new Map(
        [...text.matchAll(/(?:^\/\/ [^\n]*\n)*^func (?:\([^)]*\) )?(leak|clean)(\w+)[\s\S]*?\n}\n/gm)].map((m) => [
          m[1]! + m[2]!,
          m[0],
        ]),
      );
      for (const [name, leak] of functions) {
        const twin = functions.get(name.replace(/^leak/, 'clean'));
        const rules = [...leak.matchAll(/\/\/ want ([a-z/ -]+)$/gm)].flatMap((m) => m[1]!.trim().split(' '));
        if (!name.startsWith('leak') || !twin || new Set(rules).size !== 1 || examples.has(rules[0]!)) continue;
        examples.set(rules[0]!, { file, leak, twin });
      }
    }
  }
  return [...examples].sort().map(([rule, { file, leak, twin }]) => {
    const metrics = SOURCE_METRICS[rule];
    if (!metrics) throw new Error(`atlas-words.ts does not say what metrics do at ${rule}`);
    const rulePageText = readFileSync(join(root, 'docs/rules', rulePage(rule)), 'utf8');
    const says = rulePageText.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? rule;
    const changes = /## Typical causes[^\n]*\n\n((?:\|[^\n]*\n)+)/.exec(rulePageText)?.[1]?.trim() ?? '';
    const title = says.replace(/\.$/, '');
    return {
      name: rule.replace('/', '-'),
      title,
      group: 'Source',
      text: page(
        title,
        { metrics, why: cause(rulePageText), fix: changes, rules: [rule] },
        {
          code: `${leak.replace(/ *\/\/ want [a-z/ -]+$/gm, ' // found here').trim()}\n\n${twin.trim()}`,
          file,
          profile: [
            'A profile of the running program shows the same functions on its stacks: `tidemark scan --profile` joins the two.',
          ],
          proof: ['    tidemark scan ./...    # exit code 1 for a leak; with the change the finding is gone'],
        },
      ),
    };
  });
}

/** What a rule's page says about how it judges, as prose. */
function cause(rulePageText: string): string {
  const text = /## How it judges\n\n([\s\S]*?)\n\n##/.exec(rulePageText)?.[1];
  if (!text) throw new Error('a page of a rule has no section "How it judges"');
  return text;
}

interface Parts {
  readonly code: string;
  readonly file: string;
  readonly profile: readonly string[];
  readonly proof: readonly string[];
}

function page(title: string, words: Words, parts: Parts): string {
  return [
    `# ${title[0]!.toUpperCase()}${title.slice(1)}`,
    '',
    '## Looks like',
    '',
    `Leak and twin, from \`${parts.file}\`:`,
    '',
    '```go',
    parts.code,
    '```',
    '',
    ...parts.profile,
    '',
    `In metrics: ${words.metrics}.`,
    '',
    '## Why',
    '',
    words.why,
    '',
    '## Rule',
    '',
    ...words.rules.map((rule) => `- [\`${rule}\`](../rules/${rulePage(rule)})`),
    '',
    '## Fix',
    '',
    words.fix,
    '',
    '## Proof',
    '',
    ...parts.proof,
    '',
    `Generated from ${parts.file} and scripts/generate/atlas-words.ts.`,
    '',
  ].join('\n');
}

function rulePage(rule: string): string {
  const name = `${rule.replace('/', '-')}.md`;
  if (!existsSync(join(root, 'docs/rules', name))) throw new Error(`the rule ${rule} has no page in docs/rules`);
  return name;
}

/** Lines with a mark `// leak: ROLE`: the role and the line without it. */
function marks(code: string): [string, string][] {
  return [...code.matchAll(/^\s*(.*?)\s*\/\/ leak: (\w+)/gm)].map((m) => [m[2]!, m[1]!]);
}

function field(text: string, name: string, file: string): string {
  const value = new RegExp(`\\b${name}:\\s*"((?:[^"\\\\]|\\\\.)*)"`).exec(text)?.[1];
  if (value === undefined) throw new Error(`${file}: no ${name}`);
  return JSON.parse(`"${value}"`) as string;
}

function goFiles(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.go') && !name.endsWith('_test.go') && name !== 'cases.go')
    .sort()
    .map((name) => relative(root, join(root, folder, name)));
}
