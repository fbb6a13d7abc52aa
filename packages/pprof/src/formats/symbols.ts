/** One `#	0x… function+0x… file:line` line of a debug=1 text. */
export interface SymbolLine {
  readonly address: bigint;
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

const SYMBOL = /^#\t(0x[0-9a-f]+)(?:\t(.*?)(?:\+0x[0-9a-f]+)?\s*(?:\t\s*(\S.*):(\d+))?)?\s*$/;

/** null where the line is another comment. The name is '' where the runtime knew none. */
export function parseSymbol(line: string): SymbolLine | null {
  const m = SYMBOL.exec(line);
  if (!m) return null;
  return { address: BigInt(m[1]!), name: m[2]?.trim() ?? '', file: m[3] ?? '', line: Number(m[4] ?? 0) };
}

const LABELS = /^# labels: \{(.*)\}\s*$/;
const PAIR = /"((?:[^"\\]|\\.)*)":"((?:[^"\\]|\\.)*)"/g;

/** Goroutine labels of a `# labels: {"key":"value"}` line, in Go's quoting; null for another comment. */
export function parseLabels(line: string): [string, string][] | null {
  const m = LABELS.exec(line);
  if (!m) return null;
  return [...m[1]!.matchAll(PAIR)].map((pair) => [unquote(pair[1]!), unquote(pair[2]!)]);
}

const ESCAPES: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function unquote(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/g,
    (_, x?: string, u?: string, wide?: string, octal?: string, one?: string) => {
      const hex = x ?? u ?? wide;
      if (hex !== undefined) {
        const code = Number.parseInt(hex, 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
      }
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return ESCAPES[one!] ?? one!;
    },
  );
}

/** `# Name = 123` at the end of a heap's debug=1 text. Lists (PauseNs) are left out; of `a / b` the first. */
export function parseMemStat(line: string): [string, number] | null {
  const m = /^# (\w+) = (-?[\d.]+(?:e[-+]?\d+)?)(?: \/ \d+)?\s*$/.exec(line);
  return m ? [m[1]!, Number(m[2])] : null;
}
