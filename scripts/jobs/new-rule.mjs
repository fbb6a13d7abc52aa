// npm run new-rule -- area/name — writes the skeleton of a rule: rule, test with a leaking case and its quiet twin, page.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.env.TIDEMARK_NEW_RULE_ROOT ?? fileURLToPath(new URL('../..', import.meta.url));
const [id] = process.argv.slice(2);
const match = /^(heap|goroutine|process|resource|lock)\/([a-z][a-z0-9-]*)$/.exec(id ?? '');
if (!match) {
  console.error(
    'usage: npm run new-rule -- area/name     area: heap, goroutine, process, resource or lock; e.g. heap/slice-grows',
  );
  process.exit(2);
}
const folder = `${match[1]}-${match[2]}`;
const camel = folder.replace(/-([a-z0-9])/g, (_, c) => c.toUpperCase());
const rules = join(root, 'packages/tidemark/src/diagnose/rules');
const target = join(rules, folder);
if (existsSync(target)) {
  console.error(`${folder} exists already`);
  process.exit(2);
}

const files = {
  [join(target, 'rule.ts')]: `import type { Case, Finding, Rule } from '@tidemark/model';

/** TODO: the pattern in one sentence, and what tells it from what only looks like it. */
export const ${camel}: Rule = {
  id: '${id}',
  title: 'TODO',
  judge,
};

function judge(evidence: Case): Finding[] {
  if (!evidence.${match[1] === 'heap' ? 'heap' : 'goroutines'}) return [];
  return [];
}
`,
  [join(target, 'rule.test.ts')]: `import { describe, expect, it } from 'vitest';
import { ${camel} } from './rule.js';

describe('${id}', () => {
  it.todo('names the place in a leaking case');
  it.todo('stays quiet for the fixed twin');
  it('says nothing without evidence', () => {
    const subject = { service: 'x', instance: null, build: null, goVersion: null, pid: null, ageSeconds: null };
    const nothing = { subject, heap: null, goroutines: null, signals: null, evidence: [], target: [] };
    expect(${camel}.judge(nothing)).toEqual([]);
  });
});
`,
  [join(root, 'docs/rules', `${folder}.md`)]: `# \`${id}\`

TODO: what it finds, in one sentence.

## How it judges

## Typical causes and what to change

## Proof
`,
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text, { flag: 'wx' });
  console.log(`wrote ${path.slice(root.length).replace(/^\//, '')}`);
}
// The list of rules is the one place that names them all; the line goes before its end mark.
const index = join(rules, 'index.ts');
const text = readFileSync(index, 'utf8');
writeFileSync(
  index,
  text
    .replace('// rules, by folder name', `import { ${camel} } from './${folder}/rule.js';\n// rules, by folder name`)
    .replace('];', `  ${camel},\n];`),
);
console.log(`added ${camel} to packages/tidemark/src/diagnose/rules/index.ts`);
