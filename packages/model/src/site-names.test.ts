import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  enclosingFunction,
  isDependency,
  isStandardLibrary,
  normaliseFile,
  normaliseFunction,
  packageOf,
  siteKey,
  userFrame,
} from './site-names.js';

/** Names as hostile as a damaged or made-up profile can hold, built from what the functions look for. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 5, unit: 'binary' }),
      fc.constantFrom(
        '.',
        '/',
        '(*',
        ')',
        '[',
        ']',
        '-fm',
        '-range1',
        '.func1',
        '.gowrap2',
        '.deferwrap3',
        '.4',
        '%2e',
        '%2E',
        '%',
        '/vendor/',
        'vendor/',
        '/pkg/mod/',
        '\\',
        '@v1',
        'main',
        'runtime',
        'golang.org',
        'type:',
        '__proto__',
        '.v2',
      ),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

describe('of any string', () => {
  it('normalising is idempotent and never longer by more than folded brackets', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const once = normaliseFunction(name);
        expect(normaliseFunction(once)).toBe(once);
        const brackets = name.split('[').length - 1;
        expect(once.length).toBeLessThanOrEqual(name.length + 3 * brackets);
      }),
      { numRuns: 1000 },
    );
  });

  it('a file is normalised once and for all, without what differs between machines', () => {
    fc.assert(
      fc.property(hostile, (path) => {
        const once = normaliseFile(path);
        expect(normaliseFile(once)).toBe(once);
        expect(once).not.toMatch(/\\|\/pkg\/mod\//);
      }),
      { numRuns: 500 },
    );
  });

  it('package and enclosing function are beginnings of it, the one of the other', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const path = packageOf(name);
        const outer = enclosingFunction(name);
        expect(name.startsWith(outer)).toBe(true);
        expect(outer.startsWith(path)).toBe(true);
        expect(enclosingFunction(outer)).toBe(outer);
        expect(typeof isStandardLibrary(name)).toBe('boolean');
      }),
      { numRuns: 1000 },
    );
  });

  // Suffixes, brackets and escapes repeated without end: quadratic work on one of these would take minutes.
  it.each(['-fm', '.1', '.func1', '-range1', '[', '[]', '(*', '%2e', '/vendor/', '1', '.gowrap1x'])(
    'half a megabyte of %s is answered at once',
    (part) => {
      const name = `p.f${part.repeat(500_000 / part.length)}`;
      for (const ask of [normaliseFunction, enclosingFunction, packageOf, normaliseFile]) {
        expect(ask(name).length).toBeLessThanOrEqual(name.length * 4);
        expect(ask(`${name}x`).length).toBeGreaterThan(0);
      }
    },
  );
});

describe('normaliseFunction', () => {
  it.each([
    ['main.F[int]', 'main.F[...]'],
    ['main.F[map[string][]int].func1', 'main.F[...].func1'],
    ['main.(*Cache[go.shape.string,main.T]).Get', 'main.(*Cache[...]).Get'],
    ['main.F[a/vendor/b.T]', 'main.F[...]'],
    ['main.Pair[int].With[string]', 'main.Pair[...].With[...]'],
    ['app/vendor/github.com/x/y.F', 'github.com/x/y.F'],
    ['a/vendor/b/vendor/c.F', 'c.F'],
    ['main.(*T).run-fm', 'main.(*T).run'],
    ['main.f.gowrap1', 'main.f'],
    ['main.f.func1.deferwrap2', 'main.f.func1'],
    ['main.f-range1-range2', 'main.f'],
    ['main.f-range1.func2', 'main.f-range1.func2'],
    ['gopkg.in/yaml%2ev3.Unmarshal', 'gopkg.in/yaml.v3.Unmarshal'],
    ['main.open[', 'main.open['],
    ['main.f-fm.gowrap12', 'main.f'],
    ['', ''],
  ])('%s', (name, expected) => expect(normaliseFunction(name)).toBe(expected));
});

describe('packageOf, enclosingFunction and isStandardLibrary', () => {
  it.each([
    ['main.main.func1.2', 'main', 'main.main', false],
    ['net/http.(*conn).serve', 'net/http', 'net/http.(*conn).serve', true],
    ['net/http.(*Server).Serve.gowrap3', 'net/http', 'net/http.(*Server).Serve', true],
    ['gopkg.in/yaml.v3.Unmarshal.func1', 'gopkg.in/yaml.v3', 'gopkg.in/yaml.v3.Unmarshal', false],
    ['github.com/a/b/v2.(*T).M.func10.3', 'github.com/a/b/v2', 'github.com/a/b/v2.(*T).M', false],
    ['example.com/x.F[a/b.T].func1', 'example.com/x', 'example.com/x.F[a/b.T]', false],
    [
      'golang.org/x/sync/errgroup.(*Group).Go.func1',
      'golang.org/x/sync/errgroup',
      'golang.org/x/sync/errgroup.(*Group).Go',
      false,
    ],
    [
      'vendor/golang.org/x/net/http2.(*T).f',
      'vendor/golang.org/x/net/http2',
      'vendor/golang.org/x/net/http2.(*T).f',
      true,
    ],
    ['runtime.gopark', 'runtime', 'runtime.gopark', true],
    ['runtime/pprof.writeGoroutineStacks', 'runtime/pprof', 'runtime/pprof.writeGoroutineStacks', true],
    ['runtimex.f', 'runtimex', 'runtimex.f', false],
    ['timeline/store.(*T).Add', 'timeline/store', 'timeline/store.(*T).Add', false],
    ['main.init.0', 'main', 'main.init', false],
    ['main.func1', 'main', 'main', false],
  ])('%s', (name, path, outer, standard) => {
    expect(packageOf(name)).toBe(path);
    expect(enclosingFunction(name)).toBe(outer);
    expect(isStandardLibrary(name)).toBe(standard);
  });
});

describe('files and dependencies', () => {
  it.each([
    ['/home/ci/go/pkg/mod/github.com/x/y@v1.2.3/a.go', 'github.com/x/y@v1.2.3/a.go', true],
    ['C:\\Users\\me\\go\\pkg\\mod\\github.com\\x\\y@v0.1.0\\a.go', 'github.com/x/y@v0.1.0/a.go', true],
    ['/src/app/main.go', '/src/app/main.go', false],
    ['/src/me@vnext/a.go', '/src/me@vnext/a.go', false],
  ])('%s', (path, file, dependency) => {
    expect(normaliseFile(path)).toBe(file);
    expect(isDependency({ function: 'f', file, line: 1 })).toBe(dependency);
  });

  it.each([
    ['/src/app/vendor/github.com/x/y/a.go', 'github.com/x/y.(*T).M', 'vendor/github.com/x/y/a.go', true],
    ['/src/app/vendor/gopkg.in/yaml.v3/a.go', 'gopkg.in/yaml.v3.Decode', 'vendor/gopkg.in/yaml.v3/a.go', true],
    ['/home/me/vendor/shop/main.go', 'main.main', 'vendor/shop/main.go', false],
    ['/home/me/vendor/shop/cart/cart.go', 'example.com/shop/cart.Add', 'vendor/shop/cart/cart.go', false],
    ['/src/app/vendors/a.go', 'example.com/app/vendors.F', '/src/app/vendors/a.go', false],
  ])('a vendor folder is one only where it continues with the import path: %s', (path, name, file, dependency) => {
    expect(normaliseFile(path)).toBe(file);
    expect(normaliseFile(file)).toBe(file);
    expect(isDependency({ function: name, file, line: 1 })).toBe(dependency);
  });

  it('siteKey is equal exactly for equal sites', () => {
    const part = fc.constantFrom('a', 'b', 'a.b', '');
    const site = fc.record({ function: part, file: part, line: fc.integer({ min: 0, max: 2 }) });
    fc.assert(
      fc.property(site, site, (a, b) => {
        const equal = a.function === b.function && a.file === b.file && a.line === b.line;
        expect(siteKey(a) === siteKey(b)).toBe(equal);
      }),
    );
  });

  it('the place is a frame of the stack, and code of the program wherever there is some', () => {
    const frame = fc.constantFrom(
      { function: 'runtime.gopark', file: 'runtime/proc.go', line: 1 },
      { function: 'net/http.(*conn).serve', file: 'net/http/server.go', line: 2 },
      { function: 'github.com/x/y.F', file: 'github.com/x/y@v1.0.0/y.go', line: 3 },
      { function: 'main.run', file: 'main.go', line: 4 },
      { function: 'shop/cart.add', file: 'shop/cart.go', line: 5 },
    );
    const rank = (line: number | undefined) => (line === undefined ? -1 : [0, 0, 1, 2, 3, 3][line]!);
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
        const place = userFrame(frames);
        expect(rank(place?.line)).toBe(Math.max(-1, ...frames.map((f) => rank(f.line))));
        if (place) expect(frames.find((f) => rank(f.line) === rank(place.line))).toBe(place);
      }),
    );
  });

  it('names what the runtime allocates for where a stack is all its own, not the allocator', () => {
    const stack = ['runtime.mallocgc', 'runtime.newobject', 'runtime.malg', 'runtime.newproc1', 'runtime.systemstack'];
    const frames = stack.map((name, line) => ({ function: name, file: 'runtime/proc.go', line }));
    expect(userFrame(frames)?.function).toBe('runtime.malg');
    expect(userFrame(frames.slice(0, 2))?.function).toBe('runtime.mallocgc');
  });
});
