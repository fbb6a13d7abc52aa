import { describe, expect, it } from 'vitest';
import { render, testHost } from '../../test/render.js';
import { ProfileBuilder } from '../builder.js';
import type { Profile } from '../profile.js';

const PROFILE = `cpu/count
5 main@m.go:3;work@w.go:12
2 main@m.go:3;work@w.go:13
1 main@m.go:3;other@o.go:1
1 main@m.go:3;bare`;
const readSource = (file: string) =>
  file === 'o.go' ? new Error('gone') : Array.from({ length: 20 }, (_, i) => `${file} ${i + 1}`);
const list = (symbol: string) => render(PROFILE, { format: 'list', symbol }, testHost([], { readSource }));

it('shows five lines around those with a value', () => {
  expect(list('^work$')).toMatchInlineSnapshot(`
    "Total: 9
    ROUTINE ======================== work in w.go
             7          7 (flat, cum) 77.78% of Total
             .          .      7:w.go 7
             .          .      8:w.go 8
             .          .      9:w.go 9
             .          .     10:w.go 10
             .          .     11:w.go 11
             5          5     12:w.go 12
             2          2     13:w.go 13
             .          .     14:w.go 14
             .          .     15:w.go 15
             .          .     16:w.go 16
             .          .     17:w.go 17
             .          .     18:w.go 18
    "
  `);
});

it('goes on where a source is missing, by name', () => {
  expect(list('other|bare')).toMatchInlineSnapshot(`
    "Total: 9
    No source information for bare
    ROUTINE ======================== other in o.go
             1          1 (flat, cum) 11.11% of Total
     Error: gone
    "
  `);
});

it('stays within the file', () => {
  expect(
    list('^main$')
      .split('\n')
      .slice(3)
      .map((l) => l.trim()),
  ).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `.          ${n === 3 ? 9 : '.'}      ${n}:m.go ${n}`).concat(''));
});

it('refuses what is nowhere', () => {
  expect(() => list('nowhere')).toThrow(expect.objectContaining({ code: 'TM_USAGE' }));
});

describe('what lines are shown', () => {
  const start = (startLine: number, ...lines: number[]) => {
    const b = new ProfileBuilder('proto');
    b.sampleTypes = [{ type: 'v', unit: 'count' }];
    const fn = b.addFunction('f', 'f.go', 'f', startLine);
    for (const line of lines) b.addSample([b.addLocation(0n, [{ fn, line }])], [1]);
    return b.build();
  };
  const source = (length: number) => () => Array.from({ length }, (_, i) => `text ${i + 1}`);
  const shown = (p: Profile, length = 100) => {
    const text = render(p, { format: 'list', symbol: 'f' }, testHost([], { readSource: source(length) }));
    const numbers = [...text.matchAll(/^ *\S+ +\S+ +(\d+):text/gm)].map((m) => Number(m[1]));
    return numbers.length === 0 ? 'nothing' : `${numbers[0]}..${numbers.at(-1)}`;
  };

  it.each<[string, Profile, string]>([
    ['five lines before and after without a start', start(0, 20), '15..25'],
    ['from the start of the function where it is known', start(12, 20), '12..25'],
    ['the whole range between two lines', start(0, 20, 60), '15..65'],
    ['none before the first', start(0, 3), '1..8'],
    ['none after the last', start(0, 98), '93..100'],
    ['nothing behind the end of a file that has become shorter', start(0, 300), 'nothing'],
    // Without line numbers the range would end before the function starts.
    ['nothing where only the start is known', start(42, 0), 'nothing'],
    ['the first lines where nothing is known', start(0, 0), '1..5'],
  ])('%s', (_, p, range) => expect(shown(p)).toBe(range));

  it('does not look for a source of which nothing would be shown', () => {
    const asked: string[] = [];
    const readSource = (file: string) => {
      asked.push(file);
      return new Error('gone');
    };
    const text = render(start(42, 0), { format: 'list', symbol: 'f' }, testHost([], { readSource }));
    expect([asked, text.includes('Error')]).toEqual([[], false]);
  });

  it('asks for each source once', () => {
    const asked: string[] = [];
    const readSource = (file: string) => {
      asked.push(file);
      return [];
    };
    const p = 'v/count\n1 f@x.go:1;g@x.go:9\n1 h@y.go:1';
    render(p, { format: 'list', symbol: '.' }, testHost([], { readSource }));
    expect(asked.sort()).toEqual(['x.go', 'y.go']);
  });
});

it('adds up lines that addresses tell apart, and functions of one name by file', () => {
  const p = 'v/count\n1 m@m.go:1;f@a.go:3\n2 m@m.go:2;f@a.go:3\n4 f@b.go:3';
  const text = render(p, { format: 'list', symbol: '^f$' }, testHost([], { readSource: (f) => [f, f, f] }));
  expect(text.split('\n').filter((l) => /ROUTINE|flat, cum| 3:/.test(l))).toEqual([
    'ROUTINE ======================== f in a.go',
    '         3          3 (flat, cum) 42.86% of Total',
    '         3          3      3:a.go',
    'ROUTINE ======================== f in b.go',
    '         4          4 (flat, cum) 57.14% of Total',
    '         4          4      3:b.go',
  ]);
});
