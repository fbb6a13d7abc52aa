// Apart from the schemas: what only needs names (the pprof command above all) then loads no schema library.
import type { Site } from './site.js';

/**
 * A function's name as every tool of ours spells it. The symbol table, tracebacks, `-m` output and go/types
 * write the same function in different ways; this folds what is accidental:
 * - type arguments become `[...]` (tracebacks print them so already),
 * - the `-fm` suffix of a method value and `.deferwrapN`/`.gowrapN` wrappers fall back to what they wrap,
 * - `-rangeN` (range-over-func bodies) falls back to the function around it,
 * - `vendor/` prefixes inside a module and `%2e` escapes of dots in the last path element are undone.
 * Closures keep their `.funcN`: they are places of their own.
 */
export function normaliseFunction(name: string): string {
  // Type arguments first: a vendored type among them says nothing about where the function is from.
  let out = foldTypeArguments(name.replace(/%2e/gi, '.'));
  const vendor = out.lastIndexOf('/vendor/');
  if (vendor >= 0) out = out.slice(vendor + '/vendor/'.length);
  return withoutSuffixes(out, WRAPPERS, 0);
}

const WRAPPERS = ['.deferwrap', '.gowrap', '-range'];
const CLOSURES = [...WRAPPERS, '.func', '.'];

/**
 * Takes `-fm` and the given words with a number behind them off the end, down to `least` characters. From the end on,
 * once: an expression would try every place of a hostile name.
 */
function withoutSuffixes(name: string, numbered: readonly string[], least: number): string {
  let end = name.length;
  for (;;) {
    let start = end;
    if (name.endsWith('-fm', end)) start -= '-fm'.length;
    else {
      while (start > least && /\d/.test(name[start - 1]!)) start--;
      const word = start < end ? numbered.find((w) => name.endsWith(w, start)) : undefined;
      start = word === undefined ? end : start - word.length;
    }
    if (start === end || start < least) return name.slice(0, end);
    end = start;
  }
}

/** `F[int,map[string]T]` → `F[...]`, with nested brackets counted; a name without brackets is untouched. */
function foldTypeArguments(name: string): string {
  let open = name.indexOf('[');
  if (open < 0) return name;
  let out = '';
  let from = 0;
  while (open >= 0) {
    let depth = 0;
    let at = open;
    for (; at < name.length; at++) {
      const c = name.charCodeAt(at);
      if (c === 0x5b) depth++;
      else if (c === 0x5d && --depth === 0) break;
    }
    if (depth !== 0) break;
    out += `${name.slice(from, open)}[...]`;
    from = at + 1;
    open = name.indexOf('[', from);
  }
  return out + name.slice(from);
}

/**
 * A file's path without what differs between machines: the module cache's folder and what is around a
 * vendor folder, whose name stays: it tells that the code is somebody else's.
 * `/home/ci/go/pkg/mod/github.com/x/y@v1.2.3/a.go` → `github.com/x/y@v1.2.3/a.go`.
 */
export function normaliseFile(file: string): string {
  let path = file.replaceAll('\\', '/');
  const cache = path.lastIndexOf('/pkg/mod/');
  if (cache >= 0) path = path.slice(cache + '/pkg/mod/'.length);
  const vendor = path.lastIndexOf('/vendor/');
  return vendor < 0 ? path : path.slice(vendor + 1);
}

/** The import path of a function: `net/http.(*conn).serve` → `net/http`, `main.main.func1` → `main`. */
export function packageOf(functionName: string): string {
  const bracket = functionName.indexOf('[');
  const head = bracket < 0 ? functionName : functionName.slice(0, bracket);
  const paren = head.indexOf('(');
  const slash = head.lastIndexOf('/', paren < 0 ? head.length : paren);
  // A version in the last element is part of the path: gopkg.in/yaml.v3.Decode.
  const versioned = /^[^./]+\.v\d+(?=\.)/.exec(head.slice(slash + 1));
  const dot = versioned ? slash + 1 + versioned[0].length : head.indexOf('.', slash + 1);
  return dot < 0 ? head : head.slice(0, dot);
}

/** The function around a closure: `p.(*T).m.func2.1` → `p.(*T).m`. */
export function enclosingFunction(functionName: string): string {
  return withoutSuffixes(functionName, CLOSURES, packageOf(functionName).length);
}

/** First path elements of the standard library's packages; a module path may not begin with them. */
const STANDARD_ROOTS = new Set(
  (
    'archive arena bufio builtin bytes cmp compress container context crypto database debug embed encoding errors expvar ' +
    'flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp runtime ' +
    'simd slices sort strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak'
  ).split(' '),
);

/**
 * True when a function belongs to Go's standard library or runtime. A module may be called like a standard
 * package's first element only without a dot in it (`log/…` would not build), so the first element decides.
 */
export function isStandardLibrary(functionName: string): boolean {
  const path = packageOf(functionName);
  if (path === 'main' || path === '') return false;
  const slash = path.indexOf('/');
  const root = slash < 0 ? path : path.slice(0, slash);
  if (root === 'golang.org') return path.startsWith('golang.org/toolchain');
  return STANDARD_ROOTS.has(root) || path === 'type:' || path.startsWith('go:') || path === 'cmd';
}

/** One string that is equal exactly for equal sites. */
export function siteKey(site: Site): string {
  return `${site.function}\n${site.file}\n${site.line}`;
}

/**
 * True for code that came from the module cache or a vendor folder: somebody else's, at a fixed version. In a vendor
 * folder of the go command the path goes on with the import path; a checkout below a folder of that name does not.
 */
export function isDependency(site: Site): boolean {
  return /@v\d/.test(site.file) || site.file.startsWith(`vendor/${packageOf(site.function)}/`);
}

/**
 * The frame that a reader calls "the place": the first one from the leaf that is code of the program itself. A
 * stack without any (an http server's own goroutine) gives its first frame of a dependency, else of the library
 * above the runtime; where all of it is runtime, what it allocates for (runtime.malg: a goroutine), not the allocator.
 */
export function userFrame<F extends Site>(frames: readonly F[]): F | undefined {
  return (
    frames.find((f) => !isStandardLibrary(f.function) && !isDependency(f)) ??
    frames.find((f) => !isStandardLibrary(f.function)) ??
    frames.find((f) => !/^(?:runtime|internal|sync|syscall)(?:[./]|$)/.test(packageOf(f.function))) ??
    frames.find((f) => !ALLOCATOR.test(f.function)) ??
    frames[0]
  );
}

const ALLOCATOR = /^runtime\.(?:mallocgc\w*|newobject|newarray|makeslice\w*|growslice\w*|makechan\w*)$/;
