import { describe, expect, it } from 'vitest';
import { render } from '../../test/render.js';

const CALLS = `cpu/count
6 main;a;work
3 main;b;work
1 main;b`;

describe('tree', () => {
  it('has callers above and callees below, heaviest first', () => {
    expect(render(CALLS, { format: 'tree' })).toMatchInlineSnapshot(`
      "File: test
      Type: cpu
      Showing nodes accounting for 10, 100% of 10 total
      ----------------------------------------------------------+-------------
            flat  flat%   sum%        cum   cum%   calls calls% + context 	 	 
      ----------------------------------------------------------+-------------
                                                       6 66.67% |   a
                                                       3 33.33% |   b
               9 90.00% 90.00%          9 90.00%                | work
      ----------------------------------------------------------+-------------
                                                       4   100% |   main
               1 10.00%   100%          4 40.00%                | b
                                                       3 75.00% |   work
      ----------------------------------------------------------+-------------
                                                       6   100% |   main
               0     0%   100%          6 60.00%                | a
                                                       6   100% |   work
      ----------------------------------------------------------+-------------
               0     0%   100%         10   100%                | main
                                                       6 60.00% |   a
                                                       4 40.00% |   b
      ----------------------------------------------------------+-------------
      "
    `);
  });

  it('leads over the nodes that nodecount leaves out', () => {
    expect(render(CALLS, { format: 'tree', nodeCount: 2, sort: 'cum' })).toMatchInlineSnapshot(`
      "File: test
      Type: cpu
      Showing nodes accounting for 9, 90.00% of 10 total
      Showing top 2 nodes out of 4
      ----------------------------------------------------------+-------------
            flat  flat%   sum%        cum   cum%   calls calls% + context 	 	 
      ----------------------------------------------------------+-------------
               0     0%     0%         10   100%                | main
                                                       9 90.00% |   work
      ----------------------------------------------------------+-------------
                                                       9   100% |   main
               9 90.00% 90.00%          9 90.00%                | work
      ----------------------------------------------------------+-------------
      "
    `);
  });

  it('leaves out the edge of a function to itself', () => {
    expect(render('cpu/count\n5 main;f;f;f', { format: 'tree' })).toMatchInlineSnapshot(`
      "File: test
      Type: cpu
      Showing nodes accounting for 5, 100% of 5 total
      ----------------------------------------------------------+-------------
            flat  flat%   sum%        cum   cum%   calls calls% + context 	 	 
      ----------------------------------------------------------+-------------
                                                       5   100% |   main
               5   100%   100%          5   100%                | f
      ----------------------------------------------------------+-------------
               0     0%   100%          5   100%                | main
                                                       5   100% |   f
      ----------------------------------------------------------+-------------
      "
    `);
  });

  it('keeps light edges to nodes that add up to nothing, as those are not listed', () => {
    const text = render('cpu/count\n5000 main\n50 main;f;z;p\n-50 main;f;z;q', { format: 'tree' });
    // f itself adds up to nothing as well; main, p and q are listed.
    expect(text).toMatch(/ main\n +0 +0% \| {3}f\n/);
    expect(text).not.toMatch(/f\n.*\| z|z\n.*\| f/);
    expect(text.match(/100% \| {3}z\n/g)).toHaveLength(2);
  });
});

describe('peek', () => {
  it('shows the matching nodes alone, untrimmed, with sum% of those', () => {
    expect(render(CALLS, { format: 'peek', symbol: '^b$', nodeCount: 1 })).toMatchInlineSnapshot(`
      "File: test
      Type: cpu
      Showing nodes accounting for 10, 100% of 10 total
      ----------------------------------------------------------+-------------
            flat  flat%   sum%        cum   cum%   calls calls% + context 	 	 
      ----------------------------------------------------------+-------------
                                                       4   100% |   main
               1 10.00% 10.00%          4 40.00%                | b
                                                       3 75.00% |   work
      ----------------------------------------------------------+-------------
      "
    `);
  });

  it('refuses what is nowhere', () => {
    expect(() => render(CALLS, { format: 'peek', symbol: 'nowhere' })).toThrow('no matches found for regexp: nowhere');
  });
});
