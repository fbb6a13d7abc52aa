import type { CommandSpec } from '../command.js';
import { runCompare } from '../compare.js';
import { OUTPUT_OPTIONS } from '../options.js';

export const compareCommand: CommandSpec = {
  name: 'compare',
  usage: '<before> <after>',
  summary: 'Show what grew between two snapshots, with intervals.',
  description:
    'Two snapshots of one process are compared by what was born and freed in between: in-use values are compared, alloc values subtracted (pprof’s -base subtracts in-use values as well, which says something else). Snapshots of two processes are compared as such, with the noise of both. No verdict beyond "grew" or "did not": use diagnose for that.',
  arguments: { min: 2, max: 2, type: 'file' },
  options: [
    { name: 'top', type: 'number', value: 'N', default: '20', summary: 'how many places to show' },
    ...OUTPUT_OPTIONS.filter((o) => o.name === 'json' || o.name === 'no-color'),
  ],
  examples: [{ command: 'tidemark compare before.pb.gz after.pb.gz', says: 'the places that grew most' }],
  run: runCompare,
};
