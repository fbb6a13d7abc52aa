/** What stands in the brackets of `goroutine N [...]:` and after them. */
export interface Header {
  /** The runtime's word for what it does: `chan send`, `sync.Mutex.Lock`, `running` … */
  readonly state: string;
  /** Whole minutes as the runtime counts them (from GC to GC); null where it wrote none. */
  readonly waitMinutes: number | null;
  /** `(leaked)`: a goroutineleak profile was taken before this dump and found it unreachable. */
  readonly leaked: boolean;
  readonly lockedToThread: boolean;
  /** `(durable)`: blocked inside a synctest bubble; with the bubble's number where it was written. */
  readonly durable: boolean;
  readonly bubble: number | null;
  readonly labels: Readonly<Record<string, string>>;
}

const LEAKED = ' (leaked)';
const DURABLE = ' (durable)';
const MARKS = [LEAKED, ' (scan)', DURABLE];

/**
 * Reads a header from its opening bracket on. Forms: `[chan send, 2 minutes, locked to thread]:`,
 * `[sync.Mutex.Lock (leaked)]:`, `[select labels:{"a": "b]c"}]:`, and Go 1.27's `[select] {a: b, t: "x]"}:`.
 * Returns null for anything else.
 */
export function parseHeader(text: string): Header | null {
  const head = /^\[([^\],{]*?)(?=\]|,| labels:\{)/.exec(text);
  if (!head) return null;
  let rest = text.slice(head[0].length);
  let state = head[1]!;
  let leaked = false;
  let durable = false;
  for (;;) {
    // By the end alone: an expression would look for one from every bracket of a hostile header, again for each mark.
    const mark = MARKS.find((m) => state.endsWith(m));
    if (!mark) break;
    leaked ||= mark === LEAKED;
    durable ||= mark === DURABLE;
    state = state.slice(0, -mark.length);
  }
  let waitMinutes: number | null = null;
  let lockedToThread = false;
  let bubble: number | null = null;
  let labels: Record<string, string> = {};
  for (;;) {
    const item = /^, (?:(\d+) minutes|(locked to thread)|synctest bubble (\d+)|([^,\]]*))/.exec(rest);
    if (!item) break;
    if (item[1]) waitMinutes = Number(item[1]);
    if (item[2]) lockedToThread = true;
    if (item[3]) bubble = Number(item[3]);
    rest = rest.slice(item[0].length);
  }
  if (rest.startsWith(' labels:{')) {
    const read = parseLabels(rest.slice(9));
    if (!read) return null;
    labels = read.labels;
    rest = rest.slice(9 + read.length);
  }
  if (!rest.startsWith(']')) return null;
  rest = rest.slice(1);
  if (rest.startsWith(' {')) {
    const read = parseLabels(rest.slice(2));
    if (!read) return null;
    labels = read.labels;
    rest = rest.slice(2 + read.length);
  }
  return rest === ':' ? { state, waitMinutes, leaked, lockedToThread, durable, bubble, labels } : null;
}

/** Registers at crashes and SIGQUIT: `gp=0xc000002380 m=0 mp=0x5a3d80 `, and nothing else, stand before the bracket. */
const BEFORE_BRACKET = /^goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?$/;
const MAX_BEFORE_BYTES = 120;

/** True when the bytes from `goroutine` up to a bracket are the beginning of a header, not of prose. */
export function beginsHeader(line: Uint8Array, start: number, bracket: number): boolean {
  return (
    bracket - start <= MAX_BEFORE_BYTES && BEFORE_BRACKET.test(String.fromCharCode(...line.subarray(start, bracket)))
  );
}

/** `"a": "b", c: d}` up to and with the brace; words are quoted where they need it. */
function parseLabels(text: string): { labels: Record<string, string>; length: number } | null {
  // No prototype: a label may be called __proto__.
  const labels: Record<string, string> = Object.create(null);
  const word = /"(?:[^"\\]|\\.)*"|[\w./]*/y;
  const read = (at: number) => {
    word.lastIndex = at;
    return word.exec(text)![0];
  };
  if (text[0] === '}') return { labels, length: 1 };
  for (let at = 0; ; at += 2) {
    const key = read(at);
    at += key.length;
    if (!text.startsWith(': ', at)) return null;
    const value = read(at + 2);
    at += 2 + value.length;
    labels[unquote(key)] = unquote(value);
    if (text[at] === '}') return { labels, length: at + 1 };
    if (!text.startsWith(', ', at)) return null;
  }
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** `\u` has four digits and `\U` eight: the case matters. */
const QUOTED = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g;

/** Go's quoting undone; `\xNN` is a byte of UTF-8 in Go and becomes the character of that number here. */
export function unquote(word: string): string {
  if (!word.startsWith('"')) return word;
  return word.slice(1, -1).replace(QUOTED, (_, x, u, U, c) => {
    const code = x ?? u ?? U;
    if (code === undefined) return ESCAPES[c] ?? c;
    const point = Number.parseInt(code, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  });
}
