import type { Profile } from '../profile.js';
import type { CompileRegex, Matcher } from '../report/options.js';
import { appendStack, rewriteStacks, selectLines } from './samples.js';

/** A function's name without its argument list and the dot that some ABIs put in front. */
export function simplifiedName(name: string): string {
  const plain = name.startsWith('.') ? name.slice(1) : name;
  const bracket = /\(anonymous namespace\)|operator\(\)|\(/g;
  for (const m of plain.matchAll(bracket)) if (m[0] === '(') return plain.slice(0, m.index);
  return plain;
}

/** Answers by function, asked once each. */
function functionAnswers(p: Profile, matches: (simplified: string) => boolean): (fn: number) => boolean {
  const known = new Uint8Array(p.functionCount);
  return (fn) => {
    if (known[fn] === 0) {
      const name = p.strings.get(p.functionNames[fn]!);
      known[fn] = name !== '' && matches(simplifiedName(name)) ? 2 : 1;
    }
    return known[fn] === 2;
  };
}

/**
 * Removes frames that match drop (and not keep) with everything below them, seen from the root, but never before
 * the first frame that does not match. What a profile's own dropFrames and keepFrames ask for.
 */
export function prune(p: Profile, drop: Matcher, keep: Matcher | null): Profile {
  const isPruned = functionAnswers(p, (name) => drop(name) && !keep?.(name));
  const whole = new Uint8Array(p.locationCount);
  const beneath = new Uint8Array(p.locationCount);
  const keepLine = new Uint8Array(p.lineFunctions.length).fill(1);
  let any = false;
  for (let l = 0; l < p.locationCount; l++) {
    const from = p.lineStarts[l]!;
    const to = p.lineStarts[l + 1]!;
    for (let i = to - 1; i >= from; i--) {
      if (!isPruned(p.lineFunctions[i]!)) continue;
      any = true;
      beneath[l] = 1;
      if (i === to - 1) whole[l] = 1;
      else keepLine.fill(0, from, i + 1);
      break;
    }
  }
  if (!any) return p;
  const pruned = rewriteStacks(p, (_, from, to, out) => {
    let foundUser = false;
    let start = from;
    for (let i = to - 1; i >= from; i--) {
      const l = p.stackLocations[i]!;
      if (beneath[l] === 0) {
        foundUser = true;
        continue;
      }
      if (!foundUser) continue;
      start = whole[l] === 1 ? i + 1 : i;
      break;
    }
    appendStack(p, out, start, to);
    return true;
  });
  return selectLines(pruned, keepLine);
}

/** Removes what a profile itself names as uninteresting. A pattern that does not compile is left aside. */
export function pruneUninteresting(p: Profile, compile: CompileRegex): Profile {
  if (p.dropFrames === '') return p;
  try {
    const drop = compile(`^(${p.dropFrames})$`);
    return prune(p, drop, p.keepFrames === '' ? null : compile(`^(${p.keepFrames})$`));
  } catch {
    return p;
  }
}

/** Removes everything below the first match from the leaf; the match itself stays. */
export function pruneFrom(p: Profile, matcher: Matcher): Profile {
  const matches = functionAnswers(p, matcher);
  const hit = new Uint8Array(p.locationCount);
  const keepLine = new Uint8Array(p.lineFunctions.length).fill(1);
  for (let l = 0; l < p.locationCount; l++) {
    for (let i = p.lineStarts[l]!; i < p.lineStarts[l + 1]!; i++) {
      if (!matches(p.lineFunctions[i]!)) continue;
      hit[l] = 1;
      keepLine.fill(0, p.lineStarts[l]!, i);
      break;
    }
  }
  const pruned = rewriteStacks(p, (_, from, to, out) => {
    let start = from;
    for (let i = from; i < to; i++) {
      if (hit[p.stackLocations[i]!] === 0) continue;
      start = i;
      break;
    }
    appendStack(p, out, start, to);
    return true;
  });
  return selectLines(pruned, keepLine);
}
