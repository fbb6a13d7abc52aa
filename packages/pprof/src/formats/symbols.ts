/** One `#	0x… function+0x… file:line` line of a debug=1 text. */
export interface SymbolLine {
  readonly address: bigint;
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/**
 * null where the line is another comment. The name is '' where the runtime knew none. By hand: an expression for all
 * of it takes time that grows with the cube of a line's length where blanks and tabs may be anything's.
 */
export function parseSymbol(line: string): SymbolLine | null {
  const m = /^#\t(0x[0-9a-f]+)/.exec(line);
  if (!m) return null;
  const address = BigInt(m[1]!);
  const rest = line.slice(m[0].length).trimEnd();
  if (rest === '') return { address, name: '', file: '', line: 0 };
  if (rest[0] !== '\t') return null;
  const text = rest.slice(1);
  // The place stands behind the first tab: a file and, behind its last colon, digits alone.
  const tab = text.indexOf('\t');
  const colon = text.lastIndexOf(':');
  const file = tab >= 0 && colon > tab ? text.slice(tab + 1, colon).trimStart() : '';
  const number = text.slice(colon + 1);
  if (file === '' || !/^\d+$/.test(number)) return { address, name: withoutOffset(text), file: '', line: 0 };
  return { address, name: withoutOffset(text.slice(0, tab)), file, line: Number(number) };
}

function withoutOffset(name: string): string {
  return name
    .trimEnd()
    .replace(/\+0x[0-9a-f]+$/, '')
    .trim();
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
