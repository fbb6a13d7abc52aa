import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPprof } from '../../packages/tidemark/src/cli/pprof.js';
import { has } from '../../scripts/parts.mjs';
import { agrees, ours } from './compare.js';
import { explain } from './exceptions.js';
import { type Case, casesOf } from './matrix.js';
import { makeSubjects } from './profiles.js';
import { buildReference } from './reference.js';

/** Of the whole matrix (npm run diff:pprof) every sixth comparison: other ones for each profile, some hundred in all. */
const EVERY = 6;

describe.skipIf(!has('go'))('tidemark pprof against go tool pprof (needs Go)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pprof-diff-'));
  const cases: Case[] = [];
  let program = '';

  beforeAll(() => {
    process.env['TZ'] = 'UTC';
    program = buildReference(dir);
    const here = fileURLToPath(new URL('.', import.meta.url));
    let position = 0;
    for (const subject of makeSubjects(dir, 'go', here).filter((s) => !s.large)) {
      for (const c of casesOf(subject)) if (position++ % EVERY === 0) cases.push(c);
    }
  }, 300_000);

  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('writes the same', { timeout: 600_000 }, async () => {
    const different: string[] = [];
    // What the reference leaves to chance has more outcomes than twenty runs show, and CPU profiles are new each time.
    const unlucky: string[] = [];
    for (const c of cases) {
      if (explain(c)) continue;
      const { same, byChance } = agrees(program, c, dir, await ours(runPprof, c));
      if (!same) (byChance ? unlucky : different).push(`${c.subject.name}: ${c.flags.join(' ')}`);
    }
    expect(different).toEqual([]);
    expect(unlucky.length, unlucky.join('\n')).toBeLessThanOrEqual(2);
    expect(cases.length).toBeGreaterThan(450);
  });
});
