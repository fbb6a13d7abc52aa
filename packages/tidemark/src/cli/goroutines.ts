import { type GoroutinesDocument, SCHEMA_VERSIONS, TidemarkError } from '@tidemark/model';
import type { Io } from '../base/io.js';
import { readContention } from '../capture/contention.js';
import { readDump, takeDumps } from '../capture/dumps.js';
import { lockContention } from '../diagnose/contention/index.js';
import { judgeDumps, readSyncFacts, SourceFacts } from '../diagnose/goroutine/index.js';
import { renderWaitGraph } from '../report/goroutines-dot.js';
import { renderGoroutines } from '../report/goroutines-text.js';
import { isAddress, openTarget } from '../targets/index.js';
import type { Call, CommandSpec } from './command.js';
import { connectionOf } from './commands/diagnose.js';
import { FACTS_OPTIONS, factsArguments, factsFromOptions } from './facts-option.js';
import { DUMP_OPTION, OUTPUT_OPTIONS, TARGET_OPTIONS } from './options.js';
import { parseCall } from './parse.js';
import { inFolder } from './paths.js';

export const goroutinesCommand: CommandSpec = {
  name: 'goroutines',
  usage: '<url|file> [mutex and block profiles…]',
  summary: 'Say who waits, for what, who holds it, and why nobody will come.',
  description:
    'Reads a goroutine dump (debug=2, a panic, SIGQUIT output, runtime.Stack; - is standard input), or takes two of a live ' +
    'service. With facts of the build it says what the code does around every wait; without, holders of locks are told by ' +
    'equal addresses and channels stay unexplained. Mutex and block profiles, further files beside a dump or asked of the ' +
    'live service, tell what slow holders of locks cost. A live service that offers goroutineleak is asked for it last.',
  arguments: { min: 1, max: 9, type: 'url' },
  options: [
    ...FACTS_OPTIONS,
    { name: 'looks', type: 'number', value: 'N', default: '2', summary: 'dumps that are taken of a live service' },
    { name: 'every', type: 'duration', value: 'DURATION', default: '5s', summary: 'time between them' },
    DUMP_OPTION,
    { name: 'groups', type: 'number', value: 'N', default: '12', summary: 'places that are listed' },
    { name: 'all', type: 'flag', summary: 'list also what waits by design' },
    { name: 'dot', type: 'flag', summary: 'write the wait-for graph for Graphviz to stdout' },
    ...TARGET_OPTIONS,
    ...OUTPUT_OPTIONS.filter((option) => option.name !== 'html'),
  ],
  examples: [
    { command: 'tidemark goroutines http://localhost:6060', says: 'two looks at a live service' },
    {
      command: 'tidemark goroutines dump.txt --facts shop.facts.json.gz',
      says: 'a saved dump with what the code does',
    },
    { command: 'tidemark goroutines crash.log --source ./cmd/shop', says: 'the same, facts made now' },
    {
      command: 'tidemark goroutines dump.txt mutex.pb.gz block.pb.gz',
      says: 'with what locks cost before the dump was taken',
    },
    { command: 'tidemark goroutines dump.txt --dot | dot -Tsvg -o waits.svg', says: 'a picture of who waits for whom' },
  ],
  run: goroutines,
};

/** The command without its frame: argv as after `tidemark goroutines`. */
export async function runGoroutines(argv: readonly string[], io: Io): Promise<number> {
  const call = await parseCall(goroutinesCommand, [...argv], io, []);
  return call === 'help' ? 0 : goroutines(call);
}

async function goroutines(call: Call): Promise<number> {
  const address = call.args[0]!;
  const note = (text: string) => {
    if (!call.flag('quiet')) call.io.stderr.write(`${text}\n`);
  };
  const given = await factsFromOptions(call, 'none');
  const facts = given && new SourceFacts(readSyncFacts(given.text, given.name));
  const more = call.args.slice(1).map((path) => inFolder(call, path));
  const { dumps: looks, contention: profiles } = isAddress(address)
    ? await takeLive(address, call, note)
    : {
        dumps: [await readDump(inFolder(call, address), process.stdin)],
        contention: await readContention(more),
      };
  const contention = lockContention(profiles, facts);
  const { report, waits } = judgeDumps(looks, {
    ...{ facts, contention },
    failOn: (call.text('fail-on') ?? 'leak') as 'leak' | 'suspect' | 'never',
    subject: { service: address },
    target: ['tidemark', 'goroutines', ...call.args, ...factsArguments(call)],
  });
  if (call.flag('dot')) call.io.stdout.write(waits.map(renderWaitGraph).join(''));
  else if (call.flag('json')) {
    const { evidence: _, ...rest } = report;
    const document: GoroutinesDocument = {
      ...rest,
      $schema: `tidemark-goroutines-v${SCHEMA_VERSIONS.goroutines}.schema.json`,
      goroutines: waits.flatMap((one) => one.groups),
      locks: waits.flatMap((one) => one.locks),
      cycles: waits.map((one) => one.cycles),
      explanations: waits.flatMap((one) => one.explanations),
      contention,
    };
    call.io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const groups = call.number('groups');
    call.io.stdout.write(
      renderGoroutines(report, waits, {
        color: call.io.color,
        columns: call.io.columns,
        all: call.flag('all'),
        ...(groups === undefined ? {} : { groups }),
      }),
    );
  }
  return report.exitCode;
}

async function takeLive(address: string, call: Call, note: (text: string) => void) {
  if (call.args.length > 1)
    throw new TidemarkError(
      'TM_USAGE',
      'a live service is asked for its mutex and block profiles itself: give no files',
    );
  const target = await openTarget(address, connectionOf(call));
  try {
    const looks = call.number('looks')!;
    if (!Number.isInteger(looks) || looks < 1 || looks > 100)
      throw new TidemarkError('TM_USAGE', '--looks is a number from 1 to 100');
    const everyMs = call.duration('every')!;
    return await takeDumps(
      target,
      { looks, everyMs, maxGoroutines: call.number('dump-max-goroutines')! },
      {
        signal: call.io.signal,
        onNote: note,
        onLook: (look) => note(`look ${look} of ${looks}${look < looks ? `, next in ${everyMs / 1000} s` : ''}`),
      },
    );
  } finally {
    target.close();
  }
}
