import { expect, it } from 'vitest';
import { nodesOf } from '../../test/render.js';

const PROFILE = `cpu/count
1 main@a.go:1;f@f.go:10
2 main@a.go:2;f@f.go:10
4 main@a.go:2;f@other.go:10
8 main@a.go:2;+f@f.go:20`;

it.each([
  // The call of f is inlined in one place only, so that the one edge that stays is not.
  [{ granularity: 'functions' }, ['15 15 f', '0 15 main']],
  [{ granularity: 'filefunctions' }, ['11 11 f f.go', '4 4 f other.go', '0 15 main a.go']],
  [
    { granularity: 'lines' },
    ['8 8 f f.go:20 (inline)', '4 4 f other.go:10', '3 3 f f.go:10', '0 1 main a.go:1', '0 14 main a.go:2'],
  ],
  [
    { granularity: 'addresses' },
    [
      '8 8 0000000000400040 f f.go:20 (inline)',
      '4 4 0000000000400030 f other.go:10',
      '3 3 0000000000400000 f f.go:10',
      '0 1 0000000000400010 main a.go:1',
      '0 6 0000000000400020 main a.go:2',
      '0 8 0000000000400040 main a.go:2',
    ],
  ],
  // What was inlined counts for the function that was really called.
  [{ noInlines: true }, ['8 15 main', '7 7 f']],
  [
    { noInlines: true, granularity: 'lines' },
    ['8 14 main a.go:2', '4 4 f other.go:10', '3 3 f f.go:10', '0 1 main a.go:1'],
  ],
] as const)('%j', (options, nodes) => {
  expect(nodesOf(PROFILE, options)).toEqual(nodes);
});
