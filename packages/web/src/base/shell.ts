/** Nothing in these has a meaning to a POSIX shell. `=` is safe only where it cannot start an assignment. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+:,./=-]*$/;

// biome-ignore format: one class, readable as ranges
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/**
 * One command line for a POSIX shell that gives exactly these arguments. Control characters and those that
 * reorder text go into `$'…'`: pasted as they are, a newline would run the rest as a command of its own.
 */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map(quote).join(' ');
}

function quote(argument: string): string {
  if (PLAIN.test(argument)) return argument;
  if (!CONTROL.test(argument)) return `'${argument.replaceAll("'", "'\\''")}'`;
  const escaped = Array.from(argument, (c) => {
    if (c === '\n') return '\\n';
    if (c === '\t') return '\\t';
    if (c === "'" || c === '\\') return `\\${c}`;
    // Byte by byte: every shell that knows $'…' knows \xHH, not every one \u.
    return CONTROL.test(c)
      ? Array.from(new TextEncoder().encode(c), (b) => `\\x${b.toString(16).padStart(2, '0')}`).join('')
      : c;
  });
  return `$'${escaped.join('')}'`;
}
