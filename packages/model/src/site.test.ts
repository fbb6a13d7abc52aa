import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  enclosingFunction,
  isStandardLibrary,
  normaliseFile,
  normaliseFunction,
  packageOf,
  userFrame,
} from './site.js';

const vectors = JSON.parse(readFileSync(new URL('../../../testdata/sites.json', import.meta.url), 'utf8')) as {
  functions: { name: string; normalised: string; package: string; enclosing: string; standard: boolean }[];
  files: { path: string; normalised: string }[];
};

describe('sites', () => {
  it.each(vectors.functions)('normalises $name', (v) => {
    expect(normaliseFunction(v.name)).toBe(v.normalised);
    expect(packageOf(v.normalised)).toBe(v.package);
    expect(enclosingFunction(v.normalised)).toBe(v.enclosing);
    expect(isStandardLibrary(v.normalised)).toBe(v.standard);
  });

  it.each(vectors.files)('normalises the file $path', (v) => expect(normaliseFile(v.path)).toBe(v.normalised));

  it('is stable: normalising twice changes nothing', () => {
    for (const v of vectors.functions) expect(normaliseFunction(v.normalised)).toBe(v.normalised);
  });

  it('takes the first frame outside of the standard library as the place', () => {
    const at = (name: string) => ({ function: name, file: 'x.go', line: 1 });
    expect(userFrame([at('bytes.growSlice'), at('bytes.(*Buffer).Write'), at('shop/cart.(*Cart).add')])?.function).toBe(
      'shop/cart.(*Cart).add',
    );
    expect(userFrame([at('runtime.gopark'), at('net/http.(*persistConn).readLoop')])?.function).toBe(
      'net/http.(*persistConn).readLoop',
    );
    expect(userFrame([])).toBeUndefined();
    const dependency = {
      function: 'github.com/x/lru.(*Cache).Add',
      file: '/go/pkg/mod/github.com/x/lru@v1.2.0/lru.go',
      line: 9,
    };
    expect(userFrame([at('runtime.mallocgc'), dependency, at('shop/cart.add')])?.function).toBe('shop/cart.add');
    expect(userFrame([at('runtime.mallocgc'), dependency])?.function).toBe('github.com/x/lru.(*Cache).Add');
  });
});
