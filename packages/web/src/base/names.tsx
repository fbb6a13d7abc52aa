import { place, shorten, splitFunction, visible } from './text.js';

/** A function's name, its import path held back; wraps at dots and slashes, never breaks the page. */
export function FunctionName({ name }: { name: string }) {
  const [path, local] = splitFunction(shorten(name, 300));
  return (
    <bdi className="function" title={name.length > 300 ? visible(name.slice(0, 2000)) : undefined}>
      <span className="path">{breakable(visible(path))}</span>
      {breakable(visible(local))}
    </bdi>
  );
}

export function Place({ file, line }: { file?: string | undefined; line?: number | null | undefined }) {
  const text = place(file, line);
  return text === '' ? null : <bdi className="place">{breakable(visible(shorten(text, 200)))}</bdi>;
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
