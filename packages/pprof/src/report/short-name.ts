const CPP_ANONYMOUS = /^\(anonymous namespace\)::/;
const GO_MODULE_VERSION = /^(.*?)\/v(?:[2-9]|[1-9][0-9]+)([./].*)$/;
/** What stays of a name, by language: Go without its directory, Java and C++ without packages. */
const SHORTENERS = [
  /^(?:[\w\-.]+\/)+([^.]+\..+)/,
  /^(?:[a-z]\w*\.)*([A-Z][\w$]*\.(?:<init>|[a-z][\w$]*(?:\$\d+)?))(?:(?:\()|$)/,
  /^(?:[_a-zA-Z]\w*::)+(_*[A-Z]\w*::~?[_a-zA-Z]\w*(?:<.*>)?)/,
];

/** A function's name for a picture, where there is little room. */
export function shortFunctionName(name: string): string {
  const plain = name.replace(CPP_ANONYMOUS, '').replace(GO_MODULE_VERSION, '$1$2');
  for (const shortener of SHORTENERS) {
    const m = shortener.exec(plain);
    if (m) return m[1]!;
  }
  return plain;
}
