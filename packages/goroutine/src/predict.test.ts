import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GoroutineDump, parseDump } from './index.js';

/**
 * The fast way through a dump may differ from the slow one in speed alone. A colour code in a piece of text keeps
 * the fast way shut for it (each line then ends in a reset), so the same dump is read both ways.
 */
const slowly = (text: string) => parseDump(text.replace(/(?<=.)$/gm, '\u001b[0m'));
const content = (dump: GoroutineDump) => Array.from({ length: dump.size }, (_, row) => dump.goroutine(row));
const kinds = (dump: GoroutineDump) => dump.diagnostics.filter((d) => d.kind !== 'colour-codes');

const expectSame = (text: string) => {
  const fast = parseDump(text);
  const slow = slowly(text);
  expect(content(fast)).toEqual(content(slow));
  expect(kinds(fast)).toEqual(kinds(slow));
  return content(fast);
};

const header = (id: number, state = 'select') => `goroutine ${id} [${state}]:`;
const LEARNED = `${header(7)}\nmain.f(0xc000000001, 0x2?, {0x3, _})\n\t/f.go:2 +0x1b\ncreated by main.main in goroutine 1\n\t/main.go:1 +0x1\n\n`;

describe('a frame that is nearly the one expected', () => {
  it.each<[string, string, string]>([
    ['another function that begins alike', 'main.f(', 'main.ff('],
    ['another line of the file', ':2 +', ':21 +'],
    ['another file that begins alike', '/f.go', '/f.got'],
    ['a live word where a dead one was', '0x2?', '0x2'],
    ['a dead word where a live one was', '0xc000000001', '0xc000000001?'],
    ['a word more', '0x2?', '0x2?, 0x4'],
    ['a word less', ', 0x2?', ''],
    ['a word that is not told where one was', '0x3', '_'],
    ['a word too wide for an address', '0xc000000001', '0xfffffffffffffff1'],
    ['no word at all behind 0x', '0xc000000001', '0x'],
    ['arguments inlined away', '(0xc000000001, 0x2?, {0x3, _})', '(...)'],
    ['no offset', ' +0x1b', ''],
    ['another offset', '+0x1b', '+0xffff'],
    ['an offset without digits', '+0x1b', '+0x'],
    ['registers behind the offset', '+0x1b', '+0x1b fp=0x1 sp=0x2 pc=0x3'],
    ['something else behind the offset', '+0x1b', '+0x1b ?'],
    ['CRLF', '+0x1b\n', '+0x1b\r\n'],
    ['no creator’s id', ' in goroutine 1', ''],
    ['a creator’s id without digits', 'in goroutine 1\n', 'in goroutine \n'],
    ['another creator', 'created by main.main', 'created by main.main2'],
    ['a frame instead of the creator', 'created by main.main in goroutine 1', 'main.main()'],
    ['a text line before its file', '\n\t/f.go', '\nlevel=info n=1\n\t/f.go'],
    ['an empty line before its file', '\n\t/f.go', '\n\n\t/f.go'],
    ['spaces for the tab', '\n\t/f.go', '\n    /f.go'],
  ])('%s is read as it stands', (_, from, to) => {
    const changed = LEARNED.replace(header(7), header(8)).replace(from, to);
    expect(changed).not.toBe(LEARNED.replace(header(7), header(8)));
    // Learned twice, changed, and as it was learned again: the memory of the last may not spoil the next.
    const all = expectSame(
      `${LEARNED}${LEARNED.replace(header(7), header(6))}${changed}\n${LEARNED.replace(header(7), header(9))}`,
    );
    const [first, , , last] = all;
    expect({ ...last, id: 7 }).toEqual(first);
  });

  it('takes words and creators from the line, not from memory', () => {
    const other = LEARNED.replace(header(7), header(8))
      .replace('0xc000000001', '0xabc')
      .replace('0x3', '0x0')
      .replace('goroutine 1\n', 'goroutine 99\n');
    const [, read] = expectSame(LEARNED + other);
    expect(read).toMatchObject({ words: [[0xabc, null, 0, null]], creatorId: 99 });
  });

  it('twelve digits are an address and thirteen none, fast or slow', () => {
    const other = (word: string) => LEARNED.replace(header(7), header(8)).replace('0xc000000001', word);
    expect(expectSame(LEARNED + other('0xffffffffffff'))[1]!.words[0]![0]).toBe(0xffffffffffff);
    expect(expectSame(LEARNED + other('0x1000000000000'))[1]!.words[0]![0]).toBe(0);
  });
});

describe('any dump', () => {
  const frame = fc.record({
    name: fc.constantFrom('main.f', 'main.g', 'main.(*T).h', 'net/http.(*conn).serve'),
    words: fc.array(fc.constantFrom('0x1', '0xc000123456', '0x7?', '_', '{0x1, 0x2?}', '0xffffffffffffffff'), {
      maxLength: 3,
    }),
    line: fc.integer({ min: 1, max: 3 }),
    offset: fc.constantFrom(' +0x1', ' +0x2f', ''),
  });
  const goroutine = fc.record({
    id: fc.integer({ min: 1, max: 50 }),
    state: fc.constantFrom('select', 'running', 'chan send, 3 minutes'),
    frames: fc.array(frame, { minLength: 1, maxLength: 5 }),
    creator: fc.constantFrom(
      '',
      'created by main.main\n\t/m.go:1 +0x1\n',
      'created by main.main in goroutine 12\n\t/m.go:1 +0x1\n',
    ),
    end: fc.constantFrom('\n', '', 'a line of a log\n'),
  });
  it('is the same fast, slow and in pieces', () => {
    fc.assert(
      fc.property(fc.array(goroutine, { minLength: 1, maxLength: 12 }), (all) => {
        const text = all
          .map(
            (g) =>
              `${header(g.id, g.state)}\n${g.frames.map((f) => `${f.name}(${f.words.join(', ')})\n\t/a.go:${f.line}${f.offset}\n`).join('')}${g.creator}${g.end}`,
          )
          .join('');
        const read = expectSame(text);
        expect(read.map((g) => [g.id, g.stack.frames.length])).toEqual(all.map((g) => [g.id, g.frames.length]));
      }),
      { numRuns: 200 },
    );
  });
});
