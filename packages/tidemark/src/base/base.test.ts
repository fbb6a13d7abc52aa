import { describe, expect, it } from 'vitest';
import { exitCodeOf, worstVerdict } from './exit.js';
import { quoteArgv } from './shell.js';

describe('exit codes', () => {
  it('are 1 from the verdict that --fail-on names, 3 for what cannot be told yet, else 0', () => {
    expect(exitCodeOf(['clear', 'leak'], 'leak')).toBe(1);
    expect(exitCodeOf(['suspect'], 'leak')).toBe(3);
    expect(exitCodeOf(['suspect'], 'suspect')).toBe(1);
    expect(exitCodeOf(['leak'], 'never')).toBe(0);
    expect(exitCodeOf(['undecided', 'clear'], 'leak')).toBe(3);
    expect(exitCodeOf([], 'leak')).toBe(0);
  });
  it('a report is as bad as its worst finding', () => {
    expect(worstVerdict(['clear', 'undecided', 'suspect'])).toBe('suspect');
    expect(worstVerdict([])).toBe('clear');
  });
});

describe('quoteArgv', () => {
  it('leaves plain words alone and quotes what a shell would read otherwise', () => {
    expect(quoteArgv(['tidemark', 'diagnose', 'http://127.0.0.1:6060'])).toBe(
      'tidemark diagnose http://127.0.0.1:6060',
    );
    expect(quoteArgv(["it's", '$(rm -rf /)', ''])).toBe(`'it'\\''s' '$(rm -rf /)' ''`);
    expect(quoteArgv(['A=b', '--c=d'])).toBe("'A=b' --c=d");
  });
  it('spells out what is unseen, so that a pasted line stays one command', () => {
    expect(quoteArgv(["a'\nreboot\\", '\u202e1'])).toBe(`$'a\\'\\012reboot\\\\' $'\\342\\200\\2561'`);
  });
});
