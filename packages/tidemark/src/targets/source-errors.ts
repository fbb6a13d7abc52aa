import { type ErrorCode, TidemarkError } from '@tidemark/model';
import { printable } from '../base/text.js';

/** What the go command says, in any of its versions since 1.19, and what that means; the first that fits wins. */
const MEANINGS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/no go command found|executable file not found/, 'TM_TOOL_MISSING'],
  [/requires go >= |invalid go version|toolchain not available|unknown directive: toolchain/, 'TM_GO_VERSION'],
  [
    /go\.mod file not found|cannot find main module|does not contain main module|does not contain modules listed|outside main module/,
    'TM_NO_MODULE',
  ],
  [
    /missing go\.sum entry|no required module provides|inconsistent vendoring|cannot find module providing|updates to go\.mod needed|updates to go\.sum needed|is not in std|checksum mismatch|cannot load module|reading https?:/,
    'TM_MODULE_INCOMPLETE',
  ],
  [
    /matched no packages|no Go files|build constraints exclude all Go files|there is none outside of the standard library/,
    'TM_NO_PACKAGES',
  ],
  [/no package could be read|syntax error|cannot use|undefined:/, 'TM_SOURCE_BROKEN'],
];

/** The error for what the facts program or the go command wrote before it gave up. */
export function sourceError(said: string): TidemarkError {
  const code = MEANINGS.find(([text]) => text.test(said))?.[1] ?? 'TM_USAGE';
  const lines = said
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('# '));
  const text = lines
    .slice(0, 3)
    .map((line) => line.replace(/^(?:facts|go): /, '').trim())
    .join(' ');
  return new TidemarkError(code, `the source was not understood: ${printable(text, 400)}`);
}
