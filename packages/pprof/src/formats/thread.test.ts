import { describe, expect, it } from 'vitest';
import { bytesOf, readText, rows, tm, types } from '../../test/support.js';
import { readThreadText } from './thread.js';

const MAP = ['--- Memory map: ---', '400000-500000: /bin/server'];
const thread = (name: string, ...lines: string[]) => [`--- Thread 7f79 (name: ${name}/14) stack: ---`, ...lines];

describe('readThreadText', () => {
  const TEXT = [
    '--- threadz 1 ---',
    '',
    ...thread('main', '  PC: 0x400010 0x400021', '  0x400031'),
    ...thread('worker', '  0x400040'),
    ...thread('worker', '  [same as previous thread]'),
    ...thread('worker', '  same as previous thread'),
    ...MAP,
  ];

  it.each(['\n', '\r\n'])('counts threads by their stack (%j)', (end) => {
    const p = readText(TEXT.join(end));
    expect([p.form, types(p), p.period]).toEqual(['thread-text', 'thread/count', 1n]);
    expect(rows(p)).toEqual([
      '1 | 0x400010@/bin/server:0 0x400020@/bin/server:0 0x400030@/bin/server:0',
      '3 | 0x400040@/bin/server:0',
    ]);
    expect([...p.locationMappings]).toEqual([1, 1, 1, 1]);
  });

  it('may begin with the first thread', () => {
    expect(rows(readText('', '# comment', ...thread('a', '0x1'), ...MAP))).toEqual(['1 | 0x1']);
  });

  it('may end where threads have no stack', () => {
    const p = readText(...thread('a', '0x1'), '---- no stack trace for 0x7f (name: b/1)', '', ...MAP);
    expect(rows(p)).toEqual(['1 | 0x1']);
  });

  it('joins a leaf that the unwinder gives twice, and leaves others', () => {
    const p = readText(...thread('a', '0x10 0x10 0x31'), ...thread('b', '0x10 0x12 0x31'), ...MAP);
    expect(rows(p)).toEqual(['1 | 0x10 0x30', '1 | 0x10 0x11 0x30']);
  });

  it('forgets "the same as before" where nothing was before', () => {
    expect(readText(...thread('a', 'same as previous thread'), ...MAP).sampleCount).toBe(0);
  });

  it.each([
    ['nothing', ''],
    ['another text', 'hello'],
    ['a header alone', '--- threadz 1 ---\n'],
    ['what ends before its memory map', thread('a', '0x1').join('\n')],
    ['another section', [...thread('a', '0x1'), '--- Something ---', '0x2'].join('\n')],
  ])('leaves %s to others', (_, text) => {
    expect(readThreadText(bytesOf(text))).toBeNull();
  });

  it('refuses an address of 65 bits', () => {
    expect(() => readText(...thread('a', '0x10000000000000000'), ...MAP)).toThrow(tm('TM_PROFILE_CORRUPT'));
  });
});
