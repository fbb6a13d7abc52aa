/** Foreign text made safe for a terminal and a log line: control and bidi characters become `?`, length is bounded. */
export function printable(text: string, maxChars = 160): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
  return clean.length > maxChars ? `${clean.slice(0, maxChars)}…` : clean;
}

/** The first line with something in it, made printable. */
export function firstLine(body: Uint8Array, maxChars = 160): string {
  const head = new TextDecoder().decode(body.subarray(0, 4096));
  return printable(
    head
      .split(/\r?\n/)
      .map((line) => line.trim())
      .find((line) => line !== '') ?? '',
    maxChars,
  );
}
