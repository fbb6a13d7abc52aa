import { compareSnapshots } from '../diagnose/compare.js';
import { renderComparison } from '../report/comparison.js';
import type { Call } from './command.js';

/** `tidemark compare <before> <after>`: facts on stdout; the exit code is 0 whatever grew. */
export async function runCompare(call: Call): Promise<number> {
  const comparison = await compareSnapshots(call.args[0]!, call.args[1]!);
  call.io.stdout.write(
    call.flag('json')
      ? `${JSON.stringify(comparison, null, 2)}\n`
      : renderComparison(comparison, { color: call.io.color, columns: call.io.columns, top: call.number('top') ?? 20 }),
  );
  return 0;
}
