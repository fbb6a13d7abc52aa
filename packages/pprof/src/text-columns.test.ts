import { describe, expect, it } from 'vitest';
import { rows, types } from '../test/support.js';
import { parseTextProfile } from './text-columns.js';

const samples = (...lines: string[]) => rows(parseTextProfile(['v/count', ...lines].join('\n')));

describe('the first line', () => {
  it('names types and units; a type alone is counted', () => {
    expect(types(parseTextProfile('objects space/bytes wall/ns'))).toBe('objects/count space/bytes wall/ns');
  });

  it('gives the period the last type', () => {
    const p = parseTextProfile('objects/count space/bytes\n1 2 f');
    expect([p.periodType, p.period]).toEqual([{ type: 'space', unit: 'bytes' }, 1n]);
  });
});

describe('a sample', () => {
  it.each<[string, string, string]>([
    ['a root first', '1 main;f;g', '1 | g f main'],
    ['file and line', '1 main@m.go:7', '1 | main@m.go:7'],
    ['a file without a line', '1 main@m.go', '1 | main@m.go:0'],
    // The last colon divides: what is before it belongs to the path.
    ['a path with colons', '1 main@C:/m.go:7', '1 | main@C:/m.go:7'],
    ['a path of a module', '1 x.f@/mod/x@v1.2.3/a.go:7', '1 | x.f@/mod/x@v1.2.3/a.go:7'],
    ['names with dots, stars and brackets', '1 p.(*T[...]).m;p.init.0', '1 | p.init.0 p.(*T[...]).m'],
    ['what is inlined before its caller', '1 main;f;+g;+h;k', '1 | k +h +g f main'],
    ['no stack', '1 -', '1'],
    ['no stack but labels', '1 - a=b', '1 |  | a=b'],
    ['signs', '-5 f', '-5 | f'],
    ['values beyond 2^53', '9007199254740993 f', '9007199254740993 | f'],
    ['texts, numbers and units as labels', '1 f a=b n=#5 m=#-7kb', '1 | f | a=b n=#5 m=#-7kb'],
    ['a text that has an equals sign', '1 f a=b=c', '1 | f | a=b=c'],
    ['blanks and tabs between', '  1\t f \t a=b ', '1 | f | a=b'],
  ])('has %s', (_, line, expected) => expect(samples(line)).toEqual([expected]));

  it('has a value of each type', () => {
    expect(rows(parseTextProfile('a b/bytes c\n1 2 3 f'))).toEqual(['1 2 3 | f']);
  });
});

it('leaves out empty lines and comments', () => {
  expect(samples('', '// what follows grew', '1 f', '   ', '2 g')).toEqual(['1 | f', '2 | g']);
});

it('shares functions by name and file, and locations by all their frames', () => {
  const p = parseTextProfile('v\n1 m@m.go:1;f@f.go:2\n1 m@m.go:1;f@f.go:2\n1 m@m.go:3;f@g.go:2\n1 m@m.go:1;+f@f.go:2');
  expect([p.functionCount, p.locationCount]).toEqual([3, 5]);
  expect(new Set(p.locationAddresses).size).toBe(5);
  // Addresses lie in the one mapping, which claims to know everything.
  const [m] = p.mappings;
  expect([...p.locationAddresses].every((a) => a >= m!.start && a < m!.limit)).toBe(true);
});
