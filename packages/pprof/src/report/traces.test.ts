import { expect, it } from 'vitest';
import { render } from '../../test/render.js';

it('writes labels before the stack: texts first, both by key, numbers in units of their own', () => {
  const p = `heap/bytes
2048 main@m.go:1;f@f.go:2;+g@g.go:3 zone=b area=x bytes=#1024bytes area=y
-512 main@m.go:1 n=#7`;
  expect(render(p, { format: 'traces' })).toMatchInlineSnapshot(`
    "File: test
    Type: heap
    -----------+-------------------------------------------------------
          area:  x y
          zone:  b
         bytes:  1kB
           2kB   g (inline)
                 f
                 main
    -----------+-------------------------------------------------------
             n:  7
         -512B   main
    -----------+-------------------------------------------------------
    "
  `);
});

it.each([
  [{ mean: true, sampleIndex: 'space' }, '    1.50kB   f'],
  [{ sampleIndex: 'space', divideBy: 3 }, '       2kB   f'],
  [{ sampleIndex: 'count' }, '         4   f'],
] as const)('%j', (options, line) => {
  expect(render('count/count space/bytes\n4 6144 main;f', { format: 'traces', ...options }).split('\n')).toContain(
    line,
  );
});
