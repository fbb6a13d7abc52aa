import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Frame,
  fingerprint,
  isDependency,
  isStandardLibrary,
  normaliseFile,
  normaliseFunction,
  siteKey,
  userFrame,
} from './index.js';

const frame = (name: string, file: string, line = 1): Frame => ({
  function: normaliseFunction(name),
  file: normaliseFile(file),
  line,
});
const CACHE = '/home/ci/go/pkg/mod';
const ROOT = '/usr/local/go/src';

/** Stacks as the runtime prints them; the place that a reader would point at is the one that is named. */
describe('the place of a stack', () => {
  it.each<[string, string, [string, string][]]>([
    [
      'an append in the program',
      'shop/cart.(*Cart).Add',
      [
        ['runtime.growslice', `${ROOT}/runtime/slice.go`],
        ['shop/cart.(*Cart).Add', '/src/cart/cart.go'],
        ['main.main', '/src/main.go'],
      ],
    ],
    [
      'a buffer of the library that the program fills',
      'main.render',
      [
        ['bytes.growSlice', `${ROOT}/bytes/buffer.go`],
        ['bytes.(*Buffer).Write', `${ROOT}/bytes/buffer.go`],
        ['main.render', '/src/main.go'],
      ],
    ],
    [
      'a cache of a dependency that the program fills',
      'main.load',
      [
        ['github.com/x/lru.(*Cache).Add', `${CACHE}/github.com/x/lru@v1.2.0/lru.go`],
        ['main.load', '/src/main.go'],
      ],
    ],
    [
      'a dependency that runs by itself',
      'github.com/x/pool.(*Pool).run',
      [
        ['runtime.gopark', `${ROOT}/runtime/proc.go`],
        ['github.com/x/pool.(*Pool).run', `${CACHE}/github.com/x/pool@v0.1.0/p.go`],
      ],
    ],
    [
      'a dependency called like the library',
      'golang.org/x/sync/errgroup.(*Group).Go.func1',
      [
        ['runtime.gopark', `${ROOT}/runtime/proc.go`],
        ['golang.org/x/sync/errgroup.(*Group).Go.func1', `${CACHE}/golang.org/x/sync@v0.7.0/errgroup/errgroup.go`],
      ],
    ],
    [
      'a server that waits',
      'net/http.(*conn).serve',
      [
        ['internal/poll.runtime_pollWait', `${ROOT}/runtime/netpoll.go`],
        ['net/http.(*conn).serve', `${ROOT}/net/http/server.go`],
      ],
    ],
    [
      'a module in the folder of modules by mistake',
      'main.main',
      [['main.main', `${CACHE}/example.com/tool@v1.0.0/main.go`]],
    ],
    [
      'the runtime alone',
      'runtime.gopark',
      [
        ['runtime.gopark', `${ROOT}/runtime/proc.go`],
        ['runtime.bgsweep', `${ROOT}/runtime/mgcsweep.go`],
      ],
    ],
    [
      'generic code of the program',
      'shop/set.(*Set[...]).Add',
      [
        ['runtime.mapassign_faststr', `${ROOT}/runtime/map.go`],
        ['shop/set.(*Set[go.shape.string]).Add', '/src/set/set.go'],
      ],
    ],
    [
      'a closure that iterates',
      'main.walk',
      [
        ['main.walk-range1', '/src/main.go'],
        ['main.main', '/src/main.go'],
      ],
    ],
    [
      'generic code of the library with a type of the program',
      'main.sortAll',
      [
        ['slices.SortFunc[go.shape.[]main.T]', `${ROOT}/slices/sort.go`],
        ['main.sortAll', '/src/main.go'],
      ],
    ],
  ])('%s', (_, place, frames) => {
    expect(userFrame(frames.map(([name, file]) => frame(name, file)))?.function).toBe(place);
  });

  it('is the same on every machine, by whatever folder it was built in', () => {
    const folder = fc.stringMatching(/^\/[a-z]{1,8}(?:\/[a-z]{1,8}){0,3}$/);
    fc.assert(
      fc.property(folder, folder, (one, other) => {
        const at = (home: string) => frame('github.com/x/y.F', `${home}/pkg/mod/github.com/x/y@v1.2.3/a/b.go`, 7);
        expect(siteKey(at(one))).toBe(siteKey(at(other)));
        expect(isDependency(at(one))).toBe(true);
        // Backslashes of another system are the same path.
        expect(normaliseFile(`C:${one}/pkg/mod/x@v1.0.0/a.go`.replaceAll('/', '\\'))).toBe('x@v1.0.0/a.go');
      }),
    );
  });
});

describe('what is of the standard library', () => {
  it.each([
    ['internal/sync.(*Mutex).lockSlow', true],
    ['crypto/tls.(*Conn).Read', true],
    ['vendor/golang.org/x/net/http2/hpack.(*Encoder).WriteField', true],
    ['type:.eq.struct', true],
    ['weak.Make[...]', true],
    ['main.init', false],
    ['timeline.f', false],
    ['net.example.com/x.F', false],
    ['io2.Read', false],
    ['syncmap/internal/atomic.Add', false],
    ['', false],
  ])('%s: %s', (name, expected) => expect(isStandardLibrary(name)).toBe(expected));
});

describe('fingerprints', () => {
  // Lists of what is accepted are kept for years: these very numbers must come out.
  it.each([
    [{ rule: 'heap/site-grows', service: 'shop', function: 'shop/cart.(*Cart).Add', anchor: '' }],
    [{ rule: 'goroutine/deadlock', service: '', function: 'main.F[...]', anchor: 'sync.(*Mutex).Lock#1' }],
    [{ rule: 'é', service: '日本', function: '😀', anchor: '\u0000' }],
  ])('of %j is what FNV-1a of its UTF-8 gives', (parts) => {
    let hash = 0xcbf29ce484222325n;
    for (const byte of Buffer.from(Object.values(parts).join('\0'), 'utf8'))
      hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) % 2n ** 64n;
    expect(fingerprint(parts)).toBe(hash.toString(16).padStart(16, '0'));
  });
  it('do not change with what a build changes: folder, type arguments and wrappers', () => {
    const of = (name: string) =>
      fingerprint({ rule: 'r', service: 's', function: normaliseFunction(name), anchor: '' });
    expect(of('main.F[go.shape.int]')).toBe(of('main.F[...]'));
    expect(of('main.(*T).run-fm')).toBe(of('main.(*T).run'));
    expect(of('main.f.gowrap1')).toBe(of('main.f'));
    expect(of('main.f.func1')).not.toBe(of('main.f'));
  });
});
