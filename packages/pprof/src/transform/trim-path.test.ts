import { expect, it } from 'vitest';
import { nodesOf } from '../../test/render.js';
import { trimPath } from './trim-path.js';

it.each([
  ['/src/app/main.go', '', '', '/src/app/main.go'],
  ['/src/app/main.go', '/src', '', 'app/main.go'],
  ['/src/app/main.go', '/src/', '', 'app/main.go'],
  ['/src/app/main.go', '/sr', '', '/src/app/main.go'],
  ['/src/app/main.go', '/other:/src/app', '', 'main.go'],
  // Without prefixes the search path's last directory names where to cut.
  ['/build/app/pkg/a.go', '', '/home/me/app', 'pkg/a.go'],
  ['/build/app/pkg/a.go', '', '/home/none:/home/pkg', 'a.go'],
  ['/build/app/pkg/a.go', '/build', '/home/me/app', 'app/pkg/a.go'],
  ['/proc/self/cwd/a.go', '', '', 'a.go'],
  ['/proc/self/cwd/./a.go', '', '', 'a.go'],
])('%s without %j from %j', (path, trim, search, trimmed) => {
  expect(trimPath(path, trim, search)).toBe(trimmed);
});

it('joins functions whose files become the same', () => {
  const p = 'cpu/count\n1 main@/a/m.go:1\n2 main@/b/m.go:1';
  expect(nodesOf(p, { granularity: 'lines', trimPath: '/a:/b' })).toEqual(['3 3 main m.go:1']);
});
