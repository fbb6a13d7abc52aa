import { isTidemarkError, TidemarkError } from '@tidemark/model';
import type { Io } from '../base/io.js';
import { paint } from '../base/paint.js';
import { COMMANDS } from './table.js';

/** Runs one command; known errors are printed in words and become exit codes, unknown ones are rethrown. */
export async function runCommand(name: string, argv: readonly string[], io: Io): Promise<number> {
  try {
    const entry = COMMANDS.find((c) => c.name === name);
    if (!entry) {
      const near = nearest(
        name,
        COMMANDS.map((c) => c.name),
      );
      throw new TidemarkError('TM_USAGE', `tidemark has no command "${name}"`, {
        advice: near ? `Did you mean: tidemark ${near}` : 'Run: tidemark --help',
      });
    }
    const loaded = await entry.load();
    if ('runRaw' in loaded) return await loaded.runRaw(argv, io);
    // Commander is for commands with a table of options; pprof reads its flags itself and need not wait for it.
    const { parseCall } = await import('./parse.js');
    const call = await parseCall(loaded.spec, argv, io, COMMANDS);
    if (call === 'help') {
      const { commandHelp } = await import('./help.js');
      io.stdout.write(commandHelp(loaded.spec));
      return 0;
    }
    return await loaded.spec.run(call);
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    printError(error, io);
    return error.exitCode;
  }
}

/** `tidemark: message (TM_CODE)` and, on the next line, what to do. Never a stack. */
export function printError(error: TidemarkError, io: Io): void {
  const ink = paint(io.color);
  io.stderr.write(`${ink.bad('tidemark:')} ${error.message} ${ink.dim(`(${error.code})`)}\n`);
  io.stderr.write(`  ${error.advice}\n  ${ink.dim(`tidemark explain ${error.code}`)}\n`);
}

/** The known word that a typing error was meant to be, when one is at most two edits away. */
function nearest(word: string, known: readonly string[]): string | undefined {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
      }
      row = next;
    }
    return row[b.length]!;
  };
  const [best] = known.map((k) => ({ k, d: distance(word, k) })).sort((x, y) => x.d - y.d);
  return best && best.d <= 2 ? best.k : undefined;
}
