/** Nothing in these has a meaning to a POSIX shell, save `=` in the first word: there it would assign. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** What a terminal obeys or does not show: controls, line separators, marks that reorder text. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/**
 * An argument list as a line that a POSIX shell reads back as the same list. Unseen characters go into `$'…'`
 * byte by byte: pasted as it is, a newline would run what follows as a command of its own.
 */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map((arg, i) => (PLAIN.test(arg) && !(i === 0 && arg.includes('=')) ? arg : quote(arg))).join(' ');
}

function quote(arg: string): string {
  if (!UNSEEN.test(arg)) return `'${arg.replaceAll("'", `'\\''`)}'`;
  const escaped = Array.from(arg, (c) => {
    if (c === "'" || c === '\\') return `\\${c}`;
    if (!UNSEEN.test(c)) return c;
    // Octal: unlike \x it takes three digits at most, so that a digit behind it stays one.
    return Array.from(new TextEncoder().encode(c), (b) => `\\${b.toString(8).padStart(3, '0')}`).join('');
  });
  return `$'${escaped.join('')}'`;
}
