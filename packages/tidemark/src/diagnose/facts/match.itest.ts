import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { has } from '../../../../../scripts/parts.mjs';
import { start } from '../../../test/go-program.js';
import { buildFacts } from '../../targets/build-facts.js';
import { diagnoseFiles, diagnoseTarget } from '../index.js';
import { type FactsFile, readFacts } from './file.js';

/** A program with generics, closures, method values, inlined and deferred calls, loops over functions … */
const STANDS = fileURLToPath(new URL('../../../../../go/facts/internal/codelines/testdata/stands', import.meta.url));

function copy(edit: (dir: string) => void = () => {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'tm-stands-'));
  cpSync(STANDS, dir, { recursive: true });
  edit(dir);
  return dir;
}

/** Puts text before the first line of a file that begins so. */
const insertBefore = (file: string, beginning: string, text: string) => (dir: string) => {
  const path = join(dir, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.startsWith(beginning));
  expect(at).toBeGreaterThan(0);
  writeFileSync(path, [...lines.slice(0, at), text, ...lines.slice(at)].join('\n'));
};

const factsOf = async (dir: string): Promise<FactsFile> =>
  readFacts((await buildFacts(dir, undefined, ['-escape', 'none'])).text, dir);

/** Watches the program, built so, and gives the folder of the captures. */
async function captures(dir: string, args: readonly string[], toolchain?: string): Promise<string> {
  const env = { ...process.env, GOFLAGS: '', ...(toolchain && { GOTOOLCHAIN: toolchain }) };
  execFileSync('go', ['build', ...args, '-o', 'stands', '.'], { cwd: dir, stdio: 'pipe', env });
  const program = await start(join(dir, 'stands'));
  try {
    const spoolRoot = mkdtempSync(join(tmpdir(), 'tm-spool-'));
    const plan = { forMs: 2000, everyMs: 1000 };
    const { watch } = await diagnoseTarget(program.address, { plan, watch: { spoolRoot } });
    return watch.spool!;
  } finally {
    await program.stop();
  }
}

const said = async (spool: string, facts: FactsFile) =>
  (await diagnoseFiles([spool], { facts })).report.notes.map((n) => n.text).find((text) => text.includes('facts'));

describe.skipIf(!has('go'))('facts beside captures of a build without an id', () => {
  let facts: FactsFile;
  let spool: string;
  beforeAll(async () => {
    facts = await factsOf(STANDS);
    spool = await captures(copy(), []);
  });

  it.each([[[]], [['-trimpath']], [['-gcflags=example.com/stands/...=-l']]])(
    'are taken where the source is the same, built with %s',
    async (args) => {
      const place = args.length === 0 ? spool : await captures(copy(), args);
      const text = (await said(place, facts))!;
      expect(text).toMatch(/^facts of the build matched by (?:9[5-9]|100)/);
      // Enough places for the share to mean something.
      expect(Number(/of (\d+)\)/.exec(text)![1])).toBeGreaterThan(25);
    },
  );

  it('are taken where only a comment behind the code, or what no stack stands in, was changed', async () => {
    const edited = copy((dir) => appendFileSync(join(dir, 'main.go'), '\n// The end.\n\nfunc unused() {}\n'));
    expect(await said(spool, await factsOf(edited))).toMatch(/^facts of the build matched/);
  });

  it.each([
    ['one line above all functions', insertBefore('main.go', 'var table', '// A new line.')],
    ['an import', insertBefore('main.go', 'import', 'import _ "embed"')],
    [
      'a statement in the middle',
      insertBefore('main.go', 'func keys', 'func more() int {\n\treturn 1\n}\n\nvar first = more()\n'),
    ],
    ['another package', insertBefore('kept/kept.go', 'type Box', '\n\n')],
  ])('are refused, with the figure, after a change of %s', async (_, edit) => {
    const text = await said(spool, await factsOf(copy(edit)));
    expect(text).toMatch(/^the facts are of another build: they have (?:[0-8]?\d|9[0-4])(?:\.\d)? % of the functions/);
    expect(text).toMatch(/not line \d+ in \S+, for one/);
  });
});
