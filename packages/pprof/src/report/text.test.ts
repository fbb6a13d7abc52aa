import { describe, expect, it } from 'vitest';
import { nodesOf, render } from '../../test/render.js';

const RECURSION = `cpu/count
5 main;f;f;f
3 main;f;g;f
2 main`;

describe('text', () => {
  it('counts a recursive function once in cum, and its own amount in flat', () => {
    expect(nodesOf(RECURSION)).toEqual(['8 8 f', '2 10 main', '0 3 g']);
  });

  it('adds flat up line by line in sum%', () => {
    expect(render(RECURSION, { format: 'text' })).toMatchInlineSnapshot(`
      "File: test
      Type: cpu
      Showing nodes accounting for 10, 100% of 10 total
            flat  flat%   sum%        cum   cum%
               8 80.00% 80.00%          8 80.00%  f
               2 20.00%   100%         10   100%  main
               0     0%   100%          3 30.00%  g
      "
    `);
  });

  it('sorts by cum when asked', () => {
    expect(nodesOf(RECURSION, { sort: 'cum' })).toEqual(['2 10 main', '8 8 f', '0 3 g']);
  });

  it('tells inlined from partly inlined', () => {
    const p = 'cpu/count\n4 main@m.go:1;+leaf@l.go:1\n3 other@o.go:1;leaf@l.go:1\n2 main@m.go:2;+only@x.go:1';
    expect(nodesOf(p)).toEqual(['7 7 leaf (partial-inline)', '2 2 only (inline)', '0 6 main', '0 3 other']);
  });

  it('has only a header for a profile without samples', () => {
    expect(render('cpu/count', { format: 'text' })).toMatchInlineSnapshot(`
      "File: test
      Type: cpu
      Showing nodes accounting for 0, 0% of 0 total
            flat  flat%   sum%        cum   cum%
      "
    `);
  });

  it('keeps the sign of flat and cum; the total is of amounts', () => {
    expect(render('heap/bytes\n4096 main;grown\n-1024 main;shrunk', { format: 'text' })).toMatchInlineSnapshot(`
      "File: test
      Type: heap
      Showing nodes accounting for 3kB, 60.00% of 5kB total
            flat  flat%   sum%        cum   cum%
             4kB 80.00% 80.00%        4kB 80.00%  grown
            -1kB 20.00% 60.00%       -1kB 20.00%  shrunk
               0     0% 60.00%        3kB 60.00%  main
      "
    `);
  });

  it.each([
    // The negative node goes; its callers keep its amount.
    [{ dropNegative: true }, ['4kB 4kB grown', '0 3kB main']],
    [{ dropNegative: false }, ['4kB 4kB grown', '-1kB -1kB shrunk', '0 3kB main']],
  ])('%j', (options, nodes) => {
    expect(nodesOf('heap/bytes\n4096 main;grown\n-1024 main;shrunk', options)).toEqual(nodes);
  });
});
