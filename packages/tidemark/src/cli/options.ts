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
