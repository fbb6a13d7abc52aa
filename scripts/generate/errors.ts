import { ERRORS } from '../../packages/model/src/index.js';

/** docs/errors.md: one anchor a code, in the catalogue's order. */
export function errorsPage(): string {
  const parts = Object.entries(ERRORS).map(
    ([code, entry]) =>
      `## ${code}\n\n${entry.title}.\n\n**What to do.** ${entry.advice}\n\nExit code ${entry.exit} (${entry.exit === 4 ? 'target unreachable or refused' : 'wrong use or tool failure'}).\n`,
  );
  return [
    '# Error codes',
    '',
    'Generated from `packages/model/src/errors.ts`. A known error prints its message with one of these codes and no',
    'stack; `tidemark explain CODE` prints the entry offline. Codes are never reused.',
    '',
    ...parts,
  ].join('\n');
}
