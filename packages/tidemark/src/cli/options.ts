import type { OptionSpec } from './command.js';

/** Options that every judging command has. */
export const OUTPUT_OPTIONS: readonly OptionSpec[] = [
  { name: 'json', type: 'flag', summary: 'write one JSON document to stdout (schema: tidemark.schema.json)' },
  { name: 'html', type: 'file', value: 'FILE', summary: 'also write a self-contained HTML report' },
  { name: 'quiet', short: 'q', type: 'flag', summary: 'no progress and no notes on stderr' },
  { name: 'no-color', type: 'flag', summary: 'no colours (NO_COLOR does the same)' },
  {
    name: 'fail-on',
    type: 'text',
    value: 'VERDICT',
    choices: ['leak', 'suspect', 'never'],
    default: 'leak',
    summary: 'the verdict from which the exit code is 1',
  },
];

/** How a live target is reached. */
export const TARGET_OPTIONS: readonly OptionSpec[] = [
  { name: 'header', type: 'list', value: 'NAME: VALUE', summary: 'send this header (again for more)' },
  { name: 'ca', type: 'file', value: 'FILE', summary: 'trust this certificate authority (PEM)' },
  { name: 'insecure', type: 'flag', summary: 'do not check the TLS certificate' },
  { name: 'timeout', type: 'duration', value: 'DURATION', default: '30s', summary: 'longest time for one answer' },
];

/** How captures are taken and where they are kept. */
export const CAPTURE_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'gc',
    type: 'text',
    value: 'WHEN',
    choices: ['auto', 'ends', 'never', 'all'],
    default: 'auto',
    summary: 'before which heap snapshots a GC is forced',
  },
  { name: 'gc-max-heap', type: 'bytes', value: 'SIZE', default: '1GiB', summary: 'force no GC above this live heap' },
  {
    name: 'evidence',
    type: 'directory',
    value: 'DIR',
    default: '.tidemark',
    summary: 'keep the captures under this directory; "none" keeps nothing',
  },
];

/** A dump stops the service while it is written: the more goroutines, the longer. */
export const DUMP_OPTION: OptionSpec = {
  name: 'dump-max-goroutines',
  type: 'number',
  value: 'N',
  default: '20000',
  summary: 'take no full dump above this many goroutines',
};
