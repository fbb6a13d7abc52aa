import { expect, it } from 'vitest';
import { render } from '../../test/render.js';

const LABELS = `heap/bytes
3072 main shard=a size=#1024bytes
1024 main shard=b size=#2097152bytes
512 main shard=a shard=b
256 main`;

it('counts every value of a key, largest first; a sample with two values counts in both', () => {
  expect(render(LABELS, { format: 'tags' })).toMatchInlineSnapshot(`
    " shard: Total 5kB of 4.75kB (105.26%)
            3.50kB (73.68%): a
            1.50kB (31.58%): b

     size: Total 4kB of 4.75kB (84.21%)
           3kB (63.16%): 1kB
           1kB (21.05%): 2MB

    "
  `);
});

it.each([
  ['tagshow', { tagShow: '^size$' }, ['size']],
  ['taghide', { tagHide: '^size$' }, ['shard']],
  ['both', { tagShow: 's', tagHide: 'shard' }, ['size']],
] as const)('%s leaves keys', (_, options, keys) => {
  const text = render(LABELS, { format: 'tags', ...options });
  expect([...text.matchAll(/^ *(\w+): Total/gm)].map((m) => m[1])).toEqual(keys);
});

it('is empty without labels', () => {
  expect(render('heap/bytes\n1 main', { format: 'tags' })).toBe('');
});
