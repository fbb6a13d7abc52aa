import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shortFunctionName } from './short-name.js';

// As google/pprof shortens them (its graph.ShortenFunctionName); each line is one rule or its limit.
it.each<[string, string, string]>([
  ['Go without its directory', 'github.com/google/pprof/internal/graph.New', 'graph.New'],
  ['Go, a method', 'github.com/x/y-z.(*T).Do', 'y-z.(*T).Do'],
  ['Go, a closure', 'net/http.(*Server).Serve.func1', 'http.(*Server).Serve.func1'],
  ['Go of the second module version', 'github.com/x/y/v2.Do', 'y.Do'],
  ['Go of a package in it', 'github.com/x/y/v22/pkg.Do', 'pkg.Do'],
  // v0 and v1 are no part of an import path of a module.
  ['v1 is a directory like others', 'github.com/x/y/v1.Do', 'v1.Do'],
  ['Go of the standard library', 'runtime.mallocgc', 'runtime.mallocgc'],
  ['Go of main', 'main.main', 'main.main'],
  ['Go with type arguments', 'x/y.Map[...].get', 'y.Map[...].get'],
  ['Java without packages', 'com.google.common.Lists.newList', 'Lists.newList'],
  ['Java with its signature', 'com.acme.Shop.run(ILjava/lang/String;)V', 'Shop.run'],
  ['Java, a constructor', 'com.acme.Shop.<init>', 'Shop.<init>'],
  ['Java, a lambda class', 'com.acme.Shop$Cart.add$1', 'Shop$Cart.add$1'],
  ['C++ without namespaces', 'google::base::Class::method', 'Class::method'],
  ['C++, a destructor', 'base::Class::~Class', 'Class::~Class'],
  ['C++ with template arguments', 'base::Map::get<std::string>', 'Map::get<std::string>'],
  ['C++, no class', 'base::util::run', 'base::util::run'],
  ['C++, nameless', '(anonymous namespace)::Class::method', 'Class::method'],
  ['C++, nameless function', '(anonymous namespace)::run', 'run'],
  ['C', '__libc_start_main', '__libc_start_main'],
  ['nothing', '', ''],
])('%s', (_, name, short) => expect(shortFunctionName(name)).toBe(short));

it('cuts a directory off as the expression of the reference does', () => {
  const name = fc.string({
    unit: fc.constantFrom('a', 'B', '/', '.', '-', '*', '(', '\n', 'v2', '::', '/x.'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(name, (text) => {
      const plain = text.replace(/^(.*?)\/v(?:[2-9]|[1-9][0-9]+)([./].*)$/, '$1$2');
      const go = /^(?:[\w\-.]+\/)+([^.]+\..+)/.exec(plain);
      if (go) expect(shortFunctionName(text)).toBe(go[1]);
      else expect(plain.endsWith(shortFunctionName(text)) || shortFunctionName(text).includes('B')).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

// In time that grows with the square of its length, each of these would take minutes: the test would time out.
it.each(['a/', 'a/v2', '/v2', 'a.', 'A.', 'a::', 'A::', '(', '$1', 'x<'])(
  'takes %s a hundred thousand times',
  (part) => {
    const long = part.repeat(100_000);
    expect(shortFunctionName(long).length).toBeLessThanOrEqual(long.length);
    expect(shortFunctionName(`${long}\n`).length).toBeLessThanOrEqual(long.length + 1);
  },
);
