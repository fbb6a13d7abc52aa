import { gzipSync } from 'node:zlib';
import { writeAtomic } from '../../base/fs.js';
import { formatBytes, formatCount } from '../../base/units.js';
import { readFacts } from '../../diagnose/facts/index.js';
import { buildFacts } from '../../targets/build-facts.js';
import type { Call, CommandSpec } from '../command.js';
import { inFolder } from '../paths.js';

export const factsCommand: CommandSpec = {
  name: 'facts',
  usage: '<package directory>',
  summary: 'Write the facts of a build: what the source says, for use beside captures of that build later.',
  description:
    'Reads the source of a program once, when it is built: who locks, sends, receives and closes what, which maps and lists are only ever added to, why bytes are on the heap, and the lines around those places. The file is used with --facts where there is no source. Needs the Go toolchain.',
  arguments: { min: 1, max: 1, type: 'file' },
  options: [
    {
      name: 'output',
      short: 'o',
      type: 'file',
      value: 'FILE',
      default: 'facts.json.gz',
      summary: 'where to write (gzip, or plain JSON for a name that ends in .json)',
    },
    { name: 'binary', type: 'file', value: 'FILE', summary: 'take build ids, tags and target from this built program' },
    {
      name: 'escape',
      type: 'text',
      value: 'SCOPE',
      default: 'all',
      choices: ['all', 'own', 'none'],
      summary: 'ask the compiler why bytes are on the heap: of all packages, of the main module’s own, or not',
    },
    { name: 'quiet', short: 'q', type: 'flag', summary: 'no progress on stderr' },
  ],
  examples: [
    { command: 'tidemark facts ./cmd/shop --binary bin/shop -o shop.facts.json.gz', says: 'in CI, after go build' },
  ],
  run: facts,
};

async function facts(call: Call): Promise<number> {
  const binary = call.text('binary');
  const { text, missing } = await buildFacts(inFolder(call, call.args[0]!), call.io.signal, [
    '-escape',
    call.text('escape')!,
    ...(binary === undefined ? [] : ['-binary', inFolder(call, binary)]),
  ]);
  const output = call.text('output')!;
  const read = readFacts(text, output);
  const bytes = output.endsWith('.json') ? Buffer.from(text) : gzipSync(text, { level: 9 });
  await writeAtomic(inFolder(call, output), bytes);
  if (!call.flag('quiet')) {
    const packages = read.sync?.packages.length ?? 0;
    call.io.stderr.write(
      `wrote ${output}: ${formatCount(packages)} packages, ${formatCount(read.holder?.holders.length ?? 0)} holders, ${formatBytes(bytes.length)}\n`,
    );
  }
  for (const sentence of missing) call.io.stderr.write(`partial: ${sentence}\n`);
  return missing.length > 0 ? 3 : 0;
}
