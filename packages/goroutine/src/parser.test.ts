import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiagnosticKind, DumpParser, type GoroutineDump, parseDump } from './index.js';

const DUMP = `goroutine 1 [running]:
main.main()
	/src/main.go:12 +0x1b

goroutine 18 [chan send, 3 minutes]:
main.(*Pool[...]).put(0xc000012018, {0xc000100000?, 0x5})
	/src/pool.go:40 +0x2a
main.feed(...)
	/src/pool.go:9
created by main.main in goroutine 1
	/src/main.go:10 +0x15

goroutine 19 [chan send, 4 minutes]:
main.(*Pool[...]).put(0xc000012999, {0xc0001fffff?, 0x6})
	/src/pool.go:40 +0x2a
main.feed(...)
	/src/pool.go:9
created by main.main in goroutine 18
	/src/main.go:10 +0x15

goroutine 20 [select] {user: "é, ]"}:
main.wait()
	/src/wait.go:3 +0x1
created by main.main in goroutine 1
	/src/main.go:11 +0x15
`;

const content = (dump: GoroutineDump) => Array.from({ length: dump.size }, (_, row) => dump.goroutine(row));
const kinds = (dump: GoroutineDump) => dump.diagnostics.map((d) => d.kind);
const countOf = (dump: GoroutineDump, kind: DiagnosticKind) =>
  dump.diagnostics.find((d) => d.kind === kind)?.count ?? 0;
const whole = content(parseDump(DUMP));

/** A goroutine other than 1, with the given lines as its frames. */
const goroutine = (id: number, ...lines: string[]) => `${[`goroutine ${id} [select]:`, ...lines].join('\n')}\n`;
const CREATED = ['created by main.main in goroutine 1', '\t/src/main.go:1 +0x1'];
const CALL = ['main.f(0x1)', '\t/src/f.go:2 +0x1'];

describe('a whole dump', () => {
  it('gives ids, states, words and creators', () => {
    expect(whole.map((g) => [g.id, g.header.state, g.header.waitMinutes, g.creatorId])).toEqual([
      [1, 'running', null, null],
      [18, 'chan send', 3, 1],
      [19, 'chan send', 4, 18],
      [20, 'select', null, 1],
    ]);
    expect(whole[1]!.words).toEqual([[0xc000012018, null, 5], []]);
    expect(whole[2]!.words).toEqual([[0xc000012999, null, 6], []]);
    expect(whole[1]!.stack).toBe(whole[2]!.stack);
    expect(whole[1]!.stack.frames).toEqual([
      { function: 'main.(*Pool[...]).put', file: '/src/pool.go', line: 40, words: ['live', 'dead', 'live'] },
      { function: 'main.feed', file: '/src/pool.go', line: 9, inlined: true, words: [] },
    ]);
    expect(whole[1]!.stack.creator).toEqual({ function: 'main.main', file: '/src/main.go', line: 10 });
    expect({ ...whole[3]!.header.labels }).toEqual({ user: 'é, ]' });
  });

  it('keeps one stack for the goroutines that share it', () => {
    const dump = parseDump(DUMP);
    expect(dump.stackCount).toBe(3);
    expect(dump.stackIndex(1)).toBe(dump.stackIndex(2));
    expect(dump.diagnostics).toEqual([]);
    expect(dump.cut).toBe(false);
  });
});

describe('pieces', () => {
  const bytes = new TextEncoder().encode(DUMP);
  it('two, divided at every byte, give the same', () => {
    for (let at = 0; at <= bytes.length; at++) {
      const parser = new DumpParser();
      parser.push(bytes.subarray(0, at));
      parser.push(bytes.subarray(at));
      expect(content(parser.end()), `divided at ${at}`).toEqual(whole);
    }
  });
  it('of any sizes, empty ones too, through CRLF and colours', () => {
    const forms = [
      DUMP,
      DUMP.replaceAll('\n', '\r\n'),
      DUMP.replace(/^(?=.)/gm, '\u001b[1;31m').replace(/$/gm, '\u001b[0m'),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...forms), fc.array(fc.nat({ max: 90 }), { minLength: 1 }), (form, sizes) => {
        const text = new TextEncoder().encode(form);
        const parser = new DumpParser();
        let at = 0;
        for (let i = 0; at < text.length; i++) {
          // One byte more where a round of sizes is all zero.
          const size = sizes[i % sizes.length]! + (i % sizes.length === 0 ? 1 : 0);
          parser.push(text.subarray(at, at + size));
          at += size;
        }
        expect(content(parser.end())).toEqual(whole);
      }),
    );
  });
});

describe('what lies between', () => {
  it('log lines at every place but inside of a header change nothing', () => {
    const lines = DUMP.split('\n');
    for (let at = 0; at < lines.length; at++) {
      if (lines[at] === '') continue;
      const disturbed = [...lines.slice(0, at), 'level=info msg="done (3) of 7"', ...lines.slice(at)].join('\n');
      const read = parseDump(disturbed);
      expect(content(read), `before line ${at + 1}`).toEqual(whole);
      expect(countOf(read, 'text-inside') + countOf(read, 'text-outside')).toBe(1);
    }
  });

  it.each<[DiagnosticKind, number, string]>([
    ['text-outside', 2, `panic: boom\n\n[signal SIGSEGV]\n${DUMP}`],
    ['header-malformed', 1, `goroutine 7 of nine\nmain.x()\n\t/x.go:1\n\n${DUMP}`],
    ['call-without-file', 1, `${goroutine(30, 'main.lost()', ...CALL, ...CREATED)}\n${DUMP}`],
    ['stack-unavailable', 1, `${goroutine(30, '\tgoroutine running on other thread; stack unavailable')}\n${DUMP}`],
    ['frames-elided', 1, `${goroutine(30, ...CALL, '...23 frames elided...', ...CREATED)}\n${DUMP}`],
    ['frames-elided', 1, `${goroutine(30, ...CALL, '...additional frames elided...', ...CREATED)}\n${DUMP}`],
    [
      'ancestors',
      1,
      `${goroutine(30, ...CALL, ...CREATED, '[originating from goroutine 1]:', 'main.up()', '\t/u.go:1')}\n${DUMP}`,
    ],
    ['text-inside', 1, `${goroutine(30, ...CALL, '...and so on...', ...CREATED)}\n${DUMP}`],
    ['colour-codes', 1, DUMP.replace('goroutine 1 ', '\u001b[31mgoroutine 1 ')],
    [
      'carriage-returns',
      3,
      DUMP.replace('\n', '\r\n').replace('main.feed(...)', 'main.feed(...)\r').replace(':12 +0x1b', ':12 +0x1b\r'),
    ],
  ])('%s is told %d times, and the others are read', (kind, count, text) => {
    const dump = parseDump(text);
    expect(countOf(dump, kind)).toBe(count);
    expect(
      content(dump)
        .slice(-4)
        .map(({ stack: { index: _, ...stack }, ...g }) => ({ ...g, stack })),
    ).toEqual(whole.map(({ stack: { index: _, ...stack }, ...g }) => ({ ...g, stack })));
    expect(dump.cut).toBe(false);
  });

  it('the elided place, the unavailable stack and the skipped ancestors are told by the stack', () => {
    const elided = parseDump(goroutine(3, ...CALL, '...5 frames elided...', ...CALL, ...CREATED)).goroutine(0).stack;
    expect([elided.elidedAt, elided.frames.length]).toEqual([1, 2]);
    const lost = parseDump(
      goroutine(3, '\tgoroutine running on other thread; stack unavailable', ...CREATED),
    ).goroutine(0);
    expect([lost.stack.unavailable, lost.stack.frames.length, lost.creatorId]).toEqual([true, 0, 1]);
    const ancestors = parseDump(
      goroutine(3, ...CALL, ...CREATED, '[originating from goroutine 1]:', 'main.up()', '\t/u.go:1'),
    );
    expect(ancestors.goroutine(0).stack.frames).toHaveLength(1);
    expect(ancestors.goroutine(0).stack.creator?.function).toBe('main.main');
  });

  it('a sample of what was skipped is short and holds no control characters', () => {
    const dump = parseDump(`${goroutine(1, `see \u0007 ${'x'.repeat(500)}`, ...CALL)}`);
    const { sample, line } = dump.diagnostics.find((d) => d.kind === 'text-inside')!;
    expect(line).toBe(2);
    expect(sample).toMatch(/^see \ufffd x+…$/);
    expect(sample).toHaveLength(120);
  });

  it('frames of a bad header are not given to the goroutine before it', () => {
    const dump = parseDump(`${goroutine(1, ...CALL)}goroutine 9 (odd)\nmain.stray()\n\t/s.go:1\n`);
    expect(dump.size).toBe(1);
    expect(dump.goroutine(0).stack.frames).toHaveLength(1);
  });

  it('registers of a crash stand between id and state', () => {
    const dump = parseDump(
      `goroutine 25 gp=0xc000002380 m=nil [chan send]:\n${CALL.join('\n')}\n${CREATED.join('\n')}\n`,
    );
    expect([dump.id(0), dump.header(0).state]).toEqual([25, 'chan send']);
  });
});

describe('cut ends', () => {
  it('at every byte of the last goroutine but after its last word are told, and what came before stands', () => {
    const start = DUMP.indexOf('goroutine 20');
    const end = DUMP.lastIndexOf(':11') + 2;
    for (let at = start + 'goroutine 2'.length; at < end; at++) {
      const dump = parseDump(DUMP.slice(0, at));
      expect(dump.cut, JSON.stringify(DUMP.slice(at - 20, at))).toBe(true);
      expect(kinds(dump)).toContain('cut');
      expect(content(dump).slice(0, 3)).toEqual(whole.slice(0, 3));
    }
  });
  it.each([
    ['the newline is missing', DUMP.trimEnd()],
    ['goroutine 1 has no creator', goroutine(1, ...CALL)],
    ['the runtime starts its own', goroutine(2, 'runtime.gopark(0x1)', '\t/go/proc.go:1 +0x1')],
  ])('nothing is cut where %s', (_, text) => expect(parseDump(text).cut).toBe(false));
});

describe('several dumps', () => {
  it('begin where an id repeats', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), (n) => {
        const dump = parseDump(Array.from({ length: n }, () => DUMP).join('\n'));
        expect(dump.sections).toEqual(Array.from({ length: n }, (_, i) => i * 4));
        expect(dump.sectionRange(n - 1)).toEqual([n * 4 - 4, n * 4]);
        expect(countOf(dump, 'several-dumps')).toBe(n > 1 ? n : 0);
      }),
    );
  });
});

describe('limits', () => {
  const codeOf = (read: () => unknown) => {
    try {
      read();
      return null;
    } catch (error) {
      if (!isTidemarkError(error)) throw error;
      return error.code;
    }
  };
  it.each([
    ['maxGoroutines', { maxGoroutines: 3 }],
    ['maxDistinctBytes', { maxDistinctBytes: 60 }],
  ])('%s crossed is TM_LIMIT', (_, limits) => expect(codeOf(() => parseDump(DUMP, limits))).toBe('TM_LIMIT'));
  it('goroutines up to the limit are read', () => expect(parseDump(DUMP, { maxGoroutines: 4 }).size).toBe(4));
  it('frames beyond the limit are counted, those before are kept', () => {
    const deep = goroutine(1, ...Array.from({ length: 12 }, () => CALL).flat());
    const dump = parseDump(deep, { maxFrames: 5 });
    expect(dump.goroutine(0).stack.frames).toHaveLength(5);
    expect(countOf(dump, 'frames-over-limit')).toBe(7);
  });
  it('a line too long is skipped however it is divided', () => {
    const text = new TextEncoder().encode(goroutine(1, 'x'.repeat(300), ...CALL));
    for (let size = 1; size < 400; size += 13) {
      const parser = new DumpParser({ maxLineBytes: 100 });
      for (let at = 0; at < text.length; at += size) parser.push(text.subarray(at, at + size));
      const dump = parser.end();
      expect([dump.size, countOf(dump, 'line-too-long'), dump.goroutine(0).stack.frames.length]).toEqual([1, 1, 1]);
    }
  });
});
