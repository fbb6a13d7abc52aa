/**
 * Names come out of binaries and over the network. React escapes markup; what is left are characters that are not
 * seen or that reorder what is seen (bidi overrides, line separators, other controls): they are spelled out.
 */
// biome-ignore format: one class, readable as ranges
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text with every unseen character as `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** At most `limit` characters, the middle left out: both ends of a Go name tell something. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.ceil((limit - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (limit - 1 - head))}`;
}

/** `github.com/acme/shop/cache.(*Server).remember` → [`github.com/acme/shop/`, `cache.(*Server).remember`]. */
export function splitFunction(name: string): readonly [path: string, local: string] {
  const stop = name.search(/[[(]/);
  const slash = name.lastIndexOf('/', stop < 0 ? name.length : stop);
  return [name.slice(0, slash + 1), name.slice(slash + 1)];
}

/** The last three elements of a path: builders' folders before them tell a reader nothing. */
export function shortFile(file: string): string {
  return file.split('/').slice(-3).join('/');
}

/** `cache.go:41`, or the file alone where no line is known. */
export function place(file: string | undefined, line: number | null | undefined): string {
  if (!file) return '';
  return line && line > 0 ? `${file}:${line}` : file;
}

/** `1 leak`, `2 leaks`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
