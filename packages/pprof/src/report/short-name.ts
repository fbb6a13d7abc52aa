const CPP_ANONYMOUS = /^\(anonymous namespace\)::/;
const GO_MODULE_VERSION = /^(.*?)\/v(?:[2-9]|[1-9][0-9]+)([./].*)$/;
/** What stays of a name of Java and C++: class and method, without packages. */
const SHORTENERS = [
  /^(?:[a-z]\w*\.)*([A-Z][\w$]*\.(?:<init>|[a-z][\w$]*(?:\$\d+)?))(?:(?:\()|$)/,
  /^(?:[_a-zA-Z]\w*::)+(_*[A-Z]\w*::~?[_a-zA-Z]\w*(?:<.*>)?)/,
];

/** A function's name for a picture, where there is little room. */
export function shortFunctionName(name: string): string {
  let plain = name.replace(CPP_ANONYMOUS, '');
  // The expression would look for such a name anew at every place.
  if (!plain.includes('\n')) plain = plain.replace(GO_MODULE_VERSION, '$1$2');
  const go = withoutDirectory(plain);
  if (go !== null) return go;
  for (const shortener of SHORTENERS) {
    const m = shortener.exec(plain);
    if (m) return m[1]!;
  }
  return plain;
}

/**
 * What `^(?:[\w\-.]+\/)+([^.]+\..+)` captures: package and function behind the longest directory that leaves both.
 * By hand, because the expression's time grows with the square of a name's length.
 */
function withoutDirectory(name: string): string | null {
  let end = /^(?:[\w\-.]+\/)+/.exec(name)?.[0].length ?? 0;
  let dot = -1;
  for (let last = name.length; end > 0; last = end, end = name.lastIndexOf('/', end - 2) + 1) {
    const nearer = name.slice(end, last).indexOf('.');
    if (nearer >= 0) dot = end + nearer;
    if (dot <= end || dot + 1 >= name.length || name[dot + 1] === '\n') continue;
    const stop = name.indexOf('\n', dot);
    return name.slice(end, stop < 0 ? name.length : stop);
  }
  return null;
}
