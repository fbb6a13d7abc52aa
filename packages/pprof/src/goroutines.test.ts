import { expect, it } from 'vitest';
import { readText, tm } from '../test/support.js';
import { stackGroups } from './goroutines.js';
import { parseTextProfile } from './text-columns.js';

const groups = (...lines: string[]) =>
  stackGroups(parseTextProfile(['goroutine/count', ...lines].join('\n'))).map(
    (g) => `${g.count} ${g.frames.map((f) => f.function).join(' ')}`,
  );

it.each<[string, string[], string[]]>([
  ['leaf first', ['3 main.main;main.serve;runtime.gopark'], ['3 runtime.gopark main.serve main.main']],
  ['without the frame below every goroutine', ['2 runtime.goexit;main.f'], ['2 main.f']],
  // Only the root one: elsewhere it would be a frame of its own.
  ['with goexit where it is no root', ['2 main.f;runtime.goexit'], ['2 runtime.goexit main.f']],
  ['without those that are none', ['0 main.f', '1 main.g'], ['1 main.g']],
  ['as they are listed, equal stacks apart', ['1 main.f', '2 main.f'], ['1 main.f', '2 main.f']],
  ['with names as sites have them', ['1 main.Map[int].func1'], ['1 main.Map[...].func1']],
  ['with what was inlined', ['1 main.f;+main.g'], ['1 main.g main.f']],
  ['without any', [], []],
])('stacks come %s', (_, lines, expected) => expect(groups(...lines)).toEqual(expected));

it('have labels, and say that they know no ids, states and creators', () => {
  const [group] = stackGroups(parseTextProfile('goroutine/count\n4 main.f@f.go:3 tenant=acme n=#5'));
  expect(group).toEqual({
    ...{ count: 4, labels: { tenant: 'acme' }, creator: null, state: null, ids: [] },
    frames: [{ function: 'main.f', file: 'f.go', line: 3 }],
  });
});

it('add up to the total of the header', () => {
  const p = readText('goroutine profile: total 9', '7 @ 0x10', '#\t0xf\tmain.f+0x1\t/a.go:1', '', '2 @ 0x20');
  const sum = stackGroups(p).reduce((total, g) => total + g.count, 0);
  expect([sum, p.total]).toEqual([9, 9]);
  // Frames without symbols are their addresses, so that groups can still be told apart.
  expect(stackGroups(p)[1]?.frames).toEqual([{ function: '0x1f', file: '', line: 0 }]);
});

it.each(['inuse_space/bytes', 'samples/count cpu/nanoseconds', 'v/count'])('refuses %s', (types) => {
  const width = types.split(' ').length;
  const p = parseTextProfile(`${types}\n${'1 '.repeat(width)}main.f`);
  expect(() => stackGroups(p)).toThrow(tm('TM_WRONG_PROFILE_TYPE'));
});
