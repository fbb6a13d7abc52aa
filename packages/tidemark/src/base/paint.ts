/** Colours that mean something: red a leak or error, yellow a suspicion, green clear, dim what is secondary. */
export interface Paint {
  bad(text: string): string;
  warn(text: string): string;
  good(text: string): string;
  strong(text: string): string;
  dim(text: string): string;
}

export function paint(color: boolean): Paint {
  const wrap = (code: number) => (text: string) => (color && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bad: wrap(31), warn: wrap(33), good: wrap(32), strong: wrap(1), dim: wrap(2) };
}
