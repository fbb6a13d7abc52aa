import { expect, it } from 'vitest';
import { LineSink } from './sink.js';

it('writes lines in pieces: neither one a line nor all in one', () => {
  const pieces: string[] = [];
  const sink = new LineSink((chunk) => pieces.push(chunk));
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
  for (const line of lines) sink.line(line);
  // Until it is flushed, what is collected is not written.
  expect(pieces.join('').length).toBeLessThan(lines.join('\n').length);
  sink.flush();
  expect(pieces.join('')).toBe(`${lines.join('\n')}\n`);
  expect([pieces.length > 1, pieces.length < 10]).toEqual([true, true]);
  expect(Math.max(...pieces.map((p) => p.length))).toBeLessThan(1 << 17);
});

it('writes nothing when there is nothing, and nothing twice', () => {
  const pieces: string[] = [];
  const sink = new LineSink((chunk) => pieces.push(chunk));
  sink.flush();
  sink.line('');
  sink.flush();
  sink.flush();
  expect(pieces).toEqual(['\n']);
});

// A -raw of a deep stack is one line of megabytes.
it('writes a line of any length whole', () => {
  const pieces: string[] = [];
  const sink = new LineSink((chunk) => pieces.push(chunk));
  sink.line('x'.repeat(1 << 18));
  sink.line('y');
  sink.flush();
  expect(pieces.map((p) => p.length)).toEqual([(1 << 18) + 1, 2]);
});
