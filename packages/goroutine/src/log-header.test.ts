import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHeader } from './log-header.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const find = (line: string) => findHeader(bytes(line), 0, bytes(line).length);
const text = (b: Uint8Array) => new TextDecoder().decode(b);

describe('a header at the end of a line', () => {
  it.each([
    'goroutine 1 [running]:',
    'goroutine 18 [chan send, 2 minutes]:',
    'goroutine 25 gp=0xc000002380 m=nil [chan send]:',
    'goroutine 8 [select labels:{"a": "goroutine 9 [x]:"}]:',
    'goroutine 8 [chan send] {handler: /pay, t: "a]b, c"}:',
  ])('%s is found whole, behind anything', (header) => {
    for (const before of ['', 'x | ', '10:00:00 ', '{', '"quoted" ', 'goroutine ', 'a goroutine 7 ']) {
      for (const after of ['', ' ', '\r', '  \r']) {
        const found = find(`${before}${header}${after}`);
        expect(found).toMatchObject({ kind: 'line' });
        if (found?.kind === 'line') expect(text(found.header)).toBe(header);
      }
    }
  });

  it.each([
    '',
    'goroutine',
    'goroutine ',
    'goroutine x [running]:',
    'goroutine 1',
    'goroutine 1 [running]',
    'goroutine 1 [running]: and more',
    'goroutine 1 running]:',
    'xgoroutine 1 [running]:',
    '_goroutine 1 [running]:',
    'Goroutine 1 [running]:',
    '[originating from goroutine 1]:',
    'created by main.main in goroutine 1',
    `${'x'.repeat(600)} goroutine 1 [running]:`,
    `goroutine 1 [${'x'.repeat(5000)}]:`,
  ])('%j holds none', (line) => expect(find(line)).toBeNull());
});

describe('a text with a stack in quotes', () => {
  const STACK = 'goroutine 1 [running]:\nmain.f()\n\t/f.go:1 +0x1\n';
  it.each<[string, string, number]>([
    ['JSON', JSON.stringify({ stack: STACK }), 0],
    ['behind other lines', JSON.stringify({ msg: `panic: "x"\\\n\n${STACK}` }), 2],
    ['twice quoted', JSON.stringify({ log: JSON.stringify({ stack: STACK }) }), 0],
    ['cut in the middle of an escape', JSON.stringify({ stack: STACK }).slice(0, -3), 0],
    ['as Go quotes it', `stack="goroutine 1 [running]:\\nmain.f()\\x07\\a\\n"`, 0],
  ])('%s is an entry, and its lines are free of quoting', (_, line, at) => {
    const found = find(line);
    expect(found).toMatchObject({ kind: 'entry', at });
    if (found?.kind !== 'entry') return;
    expect(text(found.lines[at]!)).toBe('goroutine 1 [running]:');
    expect(text(found.lines[at + 1]!)).toMatch(/^main\.f\(\)/);
  });

  it.each<[string, string]>([
    ['between two quotations', '"a" goroutine 1 [running] "b"'],
    ['lines without a header', '{"a":"x\\ngoroutine 1 is\\ny"}'],
    ['one line that is no header', '{"a":"see goroutine 1"}'],
    ['one line of no object', '"goroutine 1 [running]:"'],
  ])('%s are none', (_, line) => expect(find(line)).toBeNull());

  it('any text comes back as it was before it was quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 })), (lines) => {
        const own = ['goroutine 1 [running]:', 'main.f()', ...lines.flatMap((l) => l.split('\n')), 'end'];
        const found = find(JSON.stringify({ level: 'error', stack: own.join('\n') }));
        expect(found).toMatchObject({ kind: 'entry', at: 0 });
        if (found?.kind === 'entry') expect(found.lines.map(text)).toEqual(own);
      }),
    );
  });
});

it('any bytes are answered', () => {
  const part = fc.constantFrom('goroutine 5 [', 'goroutine 5', '"', '\\', '\\n', '{', '}', ']:', 'x', ' ', ':', ',');
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 40 }), (parts) => {
      const line = parts.join('');
      const found = find(line);
      if (found?.kind === 'line') expect(text(found.header)).toMatch(/^goroutine \d.*:$/s);
      if (found?.kind === 'entry') expect(found.at).toBeLessThan(found.lines.length);
    }),
    { numRuns: 1000 },
  );
});
