import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { TidemarkError } from '@tidemark/model';
import { nodeCodec } from '../base/codec.js';
import { buildFacts } from '../targets/build-facts.js';
import type { Call, OptionSpec } from './command.js';

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
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TidemarkError('TM_FILE_NOT_FOUND', `${path} cannot be read: ${code}`, { cause: error });
  }
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TextDecoder().decode(packed ? nodeCodec.gunzip(bytes, MAX_FACTS_BYTES) : bytes);
}

const inFolder = (call: Call, path: string) => (isAbsolute(path) ? path : join(call.io.cwd, path));
