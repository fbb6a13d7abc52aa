import type { CompileRegex } from '@tidemark/pprof';

/**
 * Patterns whose meaning is the same in RE2 and in JavaScript, and which cannot run away: literals, `.`, classes
 * of literals and ranges, escapes of punctuation, alternatives and groups, with repetition of single characters
 * only. These need no RE2 engine, which takes longer to load than most reports take.
 */
const PLAIN = /^(?:(?:[\w ,:;<>=~@#%&!'"`/-]|\\[.*+?()[\]{}|^$\\/]|\.|\[[\w.:/-]+\])[*+?]?|[|()^$](?![*+?]))*$/;

function isPlain(pattern: string): boolean {
  if (pattern.length > 4096 || !PLAIN.test(pattern)) return false;
  // Several unbounded repetitions may backtrack polynomially; two are harmless on a function's name.
  return (pattern.match(/(?<!\\)[*+]/g)?.length ?? 0) <= 2;
}

function compilePlain(pattern: string) {
  // RE2's dot takes everything but \n; JavaScript's stops at three more.
  const source = pattern.replace(/\\.|\[[^\]]*\]|\./g, (part) => (part === '.' ? '[^\\n]' : part));
  const regex = new RegExp(source.replaceAll(/\\([<>=~@#%&!'"`,:; -])/g, '$1'), '');
  return (text: string) => regex.test(text);
}

/**
 * A compiler for the given patterns, with the semantics of RE2 for each: look-around and back references are
 * refused, time is linear. Loads re2js only when a pattern needs it.
 */
export async function regexCompiler(patterns: readonly string[]): Promise<CompileRegex> {
  if (patterns.every(isPlain)) return compilePlain;
  const { RE2JS } = await import('re2js');
  return (pattern) => {
    if (isPlain(pattern)) return compilePlain(pattern);
    const regex = RE2JS.compile(pattern);
    return (text) => regex.matcher(text).find();
  };
}
