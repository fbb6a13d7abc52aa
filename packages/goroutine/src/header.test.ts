import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Header, parseHeader } from './header.js';
import { parseDump } from './parser.js';

const PLAIN = { waitMinutes: null, leaked: false, lockedToThread: false, durable: false, bubble: null, labels: {} };

describe('parseHeader', () => {
  it.each<[string, Partial<Header>]>([
    ['[running]:', { state: 'running' }],
    ['[sync.Mutex.Lock (leaked)]:', { state: 'sync.Mutex.Lock', leaked: true }],
    ['[chan send, 2 minutes]:', { state: 'chan send', waitMinutes: 2 }],
    ['[chan receive (nil chan)]:', { state: 'chan receive (nil chan)' }],
    ['[chan send (nil chan) (leaked), 7 minutes]:', { state: 'chan send (nil chan)', leaked: true, waitMinutes: 7 }],
    ['[select (no cases)]:', { state: 'select (no cases)' }],
    ['[select (no cases) (leaked)]:', { state: 'select (no cases)', leaked: true }],
    ['[running, locked to thread]:', { state: 'running', lockedToThread: true }],
    ['[syscall, 12 minutes, locked to thread]:', { state: 'syscall', waitMinutes: 12, lockedToThread: true }],
    ['[GC worker (idle)]:', { state: 'GC worker (idle)' }],
    ['[runnable (scan)]:', { state: 'runnable' }],
    ['[select (scan), 3 minutes]:', { state: 'select', waitMinutes: 3 }],
    ['[chan receive (durable), synctest bubble 4]:', { state: 'chan receive', durable: true, bubble: 4 }],
    [
      '[sleep (durable) (leaked), 1 minutes, synctest bubble 31]:',
      {
        state: 'sleep',
        durable: true,
        leaked: true,
        waitMinutes: 1,
        bubble: 31,
      },
    ],
    ['[select, a word of tomorrow, 5 minutes]:', { state: 'select', waitMinutes: 5 }],
    ['[chan send labels:{"handler": "/pay"}]:', { state: 'chan send', labels: { handler: '/pay' } }],
    [
      '[chan send, 2 minutes labels:{"a": "x]y, z", "b": "{c}: d"}]:',
      {
        state: 'chan send',
        waitMinutes: 2,
        labels: { a: 'x]y, z', b: '{c}: d' },
      },
    ],
    ['[chan send] {handler: /pay, t: "a]b, c"}:', { state: 'chan send', labels: { handler: '/pay', t: 'a]b, c' } }],
    [
      '[select, 9 minutes, locked to thread] {k: v.w}:',
      {
        state: 'select',
        waitMinutes: 9,
        lockedToThread: true,
        labels: { k: 'v.w' },
      },
    ],
    ['[select] {}:', { state: 'select' }],
    ['[select] {empty: , "": x}:', { state: 'select', labels: { empty: '', '': 'x' } }],
  ])('%s', (text, expected) => {
    expect(parseHeader(text)).toEqual({ ...PLAIN, ...expected });
  });

  it.each([
    ['no bracket', 'running:'],
    ['no colon', '[running]'],
    ['words behind', '[running] and more:'],
    ['an open bracket', '[chan send'],
    ['an open string', '[select labels:{"a": "b}]:'],
    ['a label without value', '[select labels:{"a"}]:'],
    ['labels without the comma', '[select] {a: b c: d}:'],
    ['labels without end', '[select] {a: b, :'],
    ['a comma too many', '[select] {a: b, }:'],
    ['text behind the labels', '[select] {a: b}: x'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => expect(parseHeader(text)).toBeNull());

  it.each([
    [String.raw`"a\"b"`, 'a"b'],
    [String.raw`"back\\slash"`, 'back\\slash'],
    [String.raw`"\n\r\t\a\b\f\v"`, '\n\r\t\x07\b\f\v'],
    [String.raw`"\x41\u00e9\U0001f600"`, 'Aé😀'],
    [String.raw`"\Uffffffff"`, '\ufffd'],
    ['"é\u2028"', 'é\u2028'],
  ])('undoes the quoting of %s', (quoted, value) => {
    expect(parseHeader(`[select] {k: ${quoted}}:`)?.labels).toEqual({ k: value });
    expect(parseHeader(`[select labels:{${quoted}: "v"}]:`)?.labels).toEqual({ [value]: 'v' });
  });

  it('a label called __proto__ is a label', () => {
    const { labels } = parseHeader('[select] {__proto__: x, constructor: y}:')!;
    expect(Object.entries(labels)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(labels)).toBeNull();
  });

  it('reads back any state, minutes and labels in both spellings', () => {
    // JSON quotes a subset of what Go's %q does, in the same way, as long as no surrogate stands alone.
    const text = fc.string({ unit: 'grapheme' });
    const labels = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true });
    fc.assert(
      fc.property(
        fc.constantFrom('select', 'chan send', 'sync.WaitGroup.Wait', 'chan receive (nil chan)'),
        fc.option(fc.nat(), { nil: null }),
        fc.boolean(),
        labels,
        (state, waitMinutes, lockedToThread, expected) => {
          const inside =
            state +
            (waitMinutes === null ? '' : `, ${waitMinutes} minutes`) +
            (lockedToThread ? ', locked to thread' : '');
          const pairs = Object.entries(expected).map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`);
          const written = `{${pairs.join(', ')}}`;
          for (const form of [`[${inside} labels:${written}]:`, `[${inside}] ${written}:`]) {
            const header = parseHeader(form)!;
            expect(header).toMatchObject({ state, waitMinutes, lockedToThread });
            expect({ ...header.labels }).toEqual(expected);
          }
        },
      ),
    );
  });

  it('never throws, and keeps brackets and commas out of states', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ':',
      ', ',
      ' labels:{',
      '"',
      '\\',
      'select',
      ' (leaked)',
      '1 minutes',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const header = parseHeader(`[${pieces.join('')}`);
        if (header) expect(header.state).not.toMatch(/[\],]/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what stands before the bracket', () => {
  const size = (line: string) => {
    const whole = 'goroutine 1 [running]:\nmain.f()\n\t/f.go:1 +0x1\n\n';
    return parseDump(`${whole}${line}\nmain.g()\n\t/g.go:1 +0x1\n`).size;
  };
  it.each<[string, number]>([
    ['goroutine 5 [select]:', 2],
    ['goroutine 5 gp=0xc000002380 m=nil [select]:', 2],
    ['goroutine 5 gp=0xc000002380 m=3 mp=0xc000100008 [running]:', 2],
    ['goroutine 5[select]:', 1],
    ['goroutine 5 took the job [select]:', 1],
    ['goroutine 5 goroutine 6 [select]:', 1],
    [`goroutine 5 gp=${'x'.repeat(1000)} m=1 [select]:`, 1],
  ])('%s', (line, expected) => expect(size(line)).toBe(expected));
});

describe('headers made to be slow', () => {
  const MIB = 1 << 20;
  it.each(['(', ' (scan)', ' (leaked)', ', ', ', 1 minutes', ' labels:{', ' labels:{"a": "b", ', '"', '\\'])(
    'a megabyte of %j is answered at once',
    (part) => {
      const started = performance.now();
      for (const end of [']:', '', '}]:', '] {']) parseHeader(`[x${part.repeat(MIB / part.length)}${end}`);
      expect(performance.now() - started).toBeLessThan(5000);
    },
  );
  it('marks are read however often they stand', () => {
    expect(parseHeader('[select (scan) (leaked) (durable) (scan)]:')).toMatchObject({
      ...{ state: 'select', leaked: true, durable: true },
    });
    expect(parseHeader('[chan receive (nil chan) (leaked)]:')).toMatchObject({ state: 'chan receive (nil chan)' });
  });
});
