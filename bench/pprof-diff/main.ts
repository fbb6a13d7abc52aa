import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPprof } from '../../packages/tidemark/src/cli/pprof.js';
import { agrees, ours } from './compare.js';
import { EXCEPTIONS, explain } from './exceptions.js';
import { casesOf } from './matrix.js';
import { makeSubjects } from './profiles.js';
import { buildReference } from './reference.js';

/** Compares our reports with the reference's: prints each difference and a count; answers how many are left. */
export async function main(here: string, args: readonly string[]): Promise<number> {
  process.env['TZ'] = 'UTC';
  const only = args.find((a) => !a.startsWith('-'));
  const keep = args.includes('--keep');
  // Every n-th comparison only, for a quick look.
  const every = Number(args.find((a) => a.startsWith('--every='))?.slice('--every='.length) ?? 1);
  let position = 0;
  const dir = mkdtempSync(join(tmpdir(), 'pprof-diff-'));
  try {
    const program = buildReference(dir);
    const subjects = makeSubjects(dir, 'go', here).filter((s) => !only || s.name.includes(only));
    const counts = { equal: 0, canonical: 0, bothFail: 0, excepted: 0, different: 0 };
    let total = 0;
    for (const subject of subjects) {
      const failed: string[] = [];
      for (const c of casesOf(subject)) {
        if (position++ % every !== 0) continue;
        total++;
        const a = await ours(runPprof, c);
        const { same, byChance, theirs: b } = agrees(program, c, dir, a);
        if (same) {
          if (a.bytes === null) counts.bothFail++;
          else if (byChance) counts.canonical++;
          else counts.equal++;
        } else if (explain(c)) counts.excepted++;
        else {
          counts.different++;
          failed.push(`  ${c.flags.join(' ')}${c.sources.length > 1 ? ` (${c.sources.length} sources)` : ''}`);
          if (keep) {
            const name = join('/tmp', `pprof-diff-${subject.name}-${counts.different}`);
            writeFileSync(`${name}.ours`, a.bytes ?? a.error);
            writeFileSync(`${name}.theirs`, b.bytes ?? b.error);
            failed.push(`    ${name}`);
          }
        }
      }
      console.log(`${failed.length === 0 ? 'ok  ' : 'DIFF'} ${subject.name}`);
      for (const line of failed) console.log(line);
    }
    console.log(
      `\n${subjects.length} profiles, ${total} comparisons: ${counts.equal} equal to the byte, ` +
        `${counts.canonical} equal as sets of lines, ${counts.bothFail} refused by both, ` +
        `${counts.excepted} excepted, ${counts.different} different`,
    );
    for (const e of EXCEPTIONS) console.log(`exception: ${e.name}: ${e.reason}`);
    return counts.different;
  } finally {
    if (!keep) rmSync(dir, { recursive: true, force: true });
  }
}
