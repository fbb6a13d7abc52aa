import { expect, it } from 'vitest';
import { nodesOf, render } from '../../test/render.js';

const PROFILE = `cpu/count
1 main;f zone=east tier=gold
2 main;f zone=west size=#2048bytes
4 main n=#7 n=#8 zone=east zone=west`;

it.each([
  [{ tagRoot: 'zone' }, ['east;main;f 1', 'west;main;f 2', 'east,west;main 4']],
  [{ tagLeaf: 'tier' }, ['main;f;gold 1', 'main;f; 2', 'main; 4']],
  // The first key is outermost at both ends.
  [{ tagRoot: 'zone,tier' }, ['east;gold;main;f 1', 'west;;main;f 2', 'east,west;;main 4']],
  [{ tagLeaf: 'zone,tier' }, ['main;f;east;gold 1', 'main;f;west; 2', 'main;east,west; 4']],
  [{ tagRoot: 'n', tagLeaf: 'size' }, [';main;f; 1', ';main;f;2kB 2', '7,8;main; 4']],
  [{ tagLeaf: 'size', unit: 'b', focus: '2048B' }, ['main;f;2048B 2']],
] as const)('%j', (options, stacks) => {
  const text = render(PROFILE, { ...options, format: 'collapsed' });
  expect(
    text
      .replace(/<unknown>/g, '')
      .trim()
      .split('\n'),
  ).toEqual(stacks);
});

it('makes frames that reports count like others', () => {
  expect(nodesOf(PROFILE, { tagRoot: 'zone' })).toContain('0 4 east,west');
});
