import { place, shorten, shortFile, splitFunction, visible } from './text.js';

/** A function's name, its import path held back (`short`: only in the title, for tables); wraps at dots and slashes, never breaks the page. */
export function FunctionName({ name, limit = 300, short = false }: { name: string; limit?: number; short?: boolean }) {
  const [path, local] = splitFunction(shorten(name, limit));
  return (
    <bdi className="function" title={short || name.length > limit ? visible(name.slice(0, 2000)) : undefined}>
      {!short && <span className="path">{breakable(visible(path))}</span>}
      {breakable(visible(local))}
    </bdi>
  );
}

/** The end of a file's path and the line; the whole path on demand. */
export function Place({ file, line }: { file?: string | undefined; line?: number | null | undefined }) {
  if (!file) return null;
  const short = shortFile(file);
  return (
    <bdi className="place" title={short === file ? undefined : visible(shorten(file, 2000))}>
      {breakable(visible(shorten(place(short, line), 200)))}
    </bdi>
  );
}

/** Text of others, in one line of its own direction. */
export function Words({ text }: { text: string }) {
  return <bdi>{visible(shorten(text, 2000))}</bdi>;
}

function breakable(text: string) {
  const parts = text.split(/(?<=[/.])/);
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other identity
  return parts.map((part, i) => [part, i < parts.length - 1 && <wbr key={i} />]);
}
