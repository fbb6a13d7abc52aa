import { TidemarkError } from '@tidemark/model';
import { nodeCodec } from '../base/codec.js';
import { buildFacts } from '../targets/build-facts.js';
import type { Call, OptionSpec } from './command.js';
import { inFolder, readGiven } from './paths.js';

/** Where the facts of a build come from; every command that explains code has these. */
export const FACTS_OPTIONS: readonly OptionSpec[] = [
  { name: 'facts', type: 'file', value: 'FILE', summary: 'facts of the build (tidemark facts)' },
  { name: 'source', type: 'directory', value: 'DIR', summary: 'make the facts now from the source of the program' },
];

/** Largest facts file, unpacked. */
const MAX_FACTS_BYTES = 512 << 20;

/** What the command asks the compiler: why bytes of the program's own packages are on the heap, or nothing. */
type EscapeScope = 'own' | 'none';

/**
 * The text of the facts that --facts or --source give, and the name to speak of it by; null without either.
 * @throws TidemarkError TM_USAGE for both, TM_FILE_NOT_FOUND, and what making facts throws.
 */
export async function factsFromOptions(call: Call, scope: EscapeScope): Promise<{ text: string; name: string } | null> {
  const file = call.text('facts');
  const source = call.text('source');
  if (file !== undefined && source !== undefined) {
    throw new TidemarkError('TM_USAGE', 'give --facts or --source, not both');
  }
  if (source !== undefined) {
    if (!call.flag('quiet')) call.io.stderr.write('reading the source …\n');
    const { text, missing } = await buildFacts(inFolder(call, source), call.io.signal, ['-escape', scope]);
    for (const sentence of missing) call.io.stderr.write(`partial: ${sentence}\n`);
    return { text, name: source };
  }
  return file === undefined ? null : { text: readText(inFolder(call, file)), name: file };
}

/** The same options again, for a command that is printed as a proof. */
export function factsArguments(call: Call): string[] {
  const facts = call.text('facts');
  const source = call.text('source');
  return facts !== undefined ? ['--facts', facts] : source !== undefined ? ['--source', source] : [];
}

function readText(path: string): string {
  const bytes = readGiven(path);
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TextDecoder().decode(packed ? nodeCodec.gunzip(bytes, MAX_FACTS_BYTES) : bytes);
}
