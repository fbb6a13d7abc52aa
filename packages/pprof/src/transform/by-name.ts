import type { Profile } from '../profile.js';
import type { Matcher } from '../report/options.js';
import { appendStack, rewriteStacks, selectLines } from './samples.js';

/** Answers of a matcher for functions (by name or file) and mappings (by file), asked once each. */
class NameMatches {
  private readonly p: Profile;
  private readonly matcher: Matcher;
  /** 0 unknown, 1 no, 2 yes. */
  private readonly functions: Uint8Array;
  private readonly mappings: boolean[];

  constructor(p: Profile, matcher: Matcher) {
    this.p = p;
    this.matcher = matcher;
    this.functions = new Uint8Array(p.functionCount);
    this.mappings = p.mappings.map((m) => matcher(m.file));
  }

  line(line: number): boolean {
    const fn = this.p.lineFunctions[line]!;
    let known = this.functions[fn]!;
    if (known === 0) {
      const { strings, functionNames, functionFiles } = this.p;
      known = this.matcher(strings.get(functionNames[fn]!)) || this.matcher(strings.get(functionFiles[fn]!)) ? 2 : 1;
      this.functions[fn] = known;
    }
    return known === 2;
  }

  mapping(location: number): boolean {
    const mapping = this.p.locationMappings[location]!;
    return mapping !== 0 && this.mappings[mapping - 1]!;
  }

  location(location: number): boolean {
    for (let i = this.p.lineStarts[location]!; i < this.p.lineStarts[location + 1]!; i++) {
      if (this.line(i)) return true;
    }
    return this.mapping(location);
  }
}

export interface NameFilters {
  readonly focus?: Matcher | undefined;
  readonly ignore?: Matcher | undefined;
  readonly hide?: Matcher | undefined;
  readonly show?: Matcher | undefined;
}

/** Which of the filters matched anything at all. */
export interface FilterHits {
  focus: boolean;
  ignore: boolean;
  hide: boolean;
  show: boolean;
}

/**
 * focus keeps samples with a matching location, ignore drops them, hide and show drop frames. A location matches
 * by the function's name or file of any of its lines, or by its mapping's file.
 */
export function filterByName(p: Profile, filters: NameFilters): { profile: Profile; hits: FilterHits } {
  const hits: FilterHits = { focus: false, ignore: false, hide: false, show: false };
  if (!filters.focus && !filters.ignore && !filters.hide && !filters.show) {
    hits.focus = true;
    return { profile: p, hits };
  }
  const focus = filters.focus && new NameMatches(p, filters.focus);
  const ignore = filters.ignore && new NameMatches(p, filters.ignore);
  const hide = filters.hide && new NameMatches(p, filters.hide);
  const show = filters.show && new NameMatches(p, filters.show);
  /** 0 neither, 1 focused, 2 ignored. */
  const state = new Uint8Array(p.locationCount);
  const hidden = new Uint8Array(p.locationCount);
  const keepLine = new Uint8Array(p.lineFunctions.length).fill(1);
  let anyHidden = false;
  for (let l = 0; l < p.locationCount; l++) {
    if (ignore?.location(l)) {
      hits.ignore = true;
      state[l] = 2;
    } else if (!focus || focus.location(l)) {
      hits.focus = true;
      state[l] = 1;
    }
    const from = p.lineStarts[l]!;
    const to = p.lineStarts[l + 1]!;
    let left = to - from;
    if (hide?.location(l)) {
      hits.hide = true;
      const all = hide.mapping(l);
      for (let i = from; i < to; i++) {
        if (all || hide.line(i)) {
          keepLine[i] = 0;
          left--;
        }
      }
      if (left === 0) hidden[l] = 1;
    }
    if (show) {
      if (!show.mapping(l)) {
        for (let i = from; i < to; i++) {
          if (keepLine[i] === 1 && !show.line(i)) {
            keepLine[i] = 0;
            left--;
          }
        }
      }
      if (left === 0) hidden[l] = 1;
      else hits.show = true;
    }
    if (hidden[l] === 1) anyHidden = true;
  }
  const profile = rewriteStacks(p, (_, from, to, out) => {
    let focused = false;
    for (let i = from; i < to; i++) {
      const s = state[p.stackLocations[i]!]!;
      if (s === 2) return false;
      if (s === 1) focused = true;
    }
    if (!focused) return false;
    if (!anyHidden) {
      appendStack(p, out, from, to);
      return true;
    }
    const before = out.length;
    for (let i = from; i < to; i++) if (hidden[p.stackLocations[i]!] === 0) out.push(p.stackLocations[i]!);
    return out.length > before;
  });
  return { profile: hide || show ? selectLines(profile, keepLine) : profile, hits };
}

/** Drops what is above (towards the root of) the root-most match of every stack, and samples without a match. */
export function showFrom(p: Profile, matcher: Matcher): { profile: Profile; matched: boolean } {
  const matches = new NameMatches(p, matcher);
  const keepLine = new Uint8Array(p.lineFunctions.length).fill(1);
  const hit = new Uint8Array(p.locationCount);
  let matched = false;
  for (let l = 0; l < p.locationCount; l++) {
    if (matches.mapping(l)) hit[l] = 1;
    else {
      for (let i = p.lineStarts[l + 1]! - 1; i >= p.lineStarts[l]!; i--) {
        if (!matches.line(i)) continue;
        keepLine.fill(0, i + 1, p.lineStarts[l + 1]!);
        hit[l] = 1;
        break;
      }
    }
    if (hit[l] === 1) matched = true;
  }
  const profile = rewriteStacks(p, (_, from, to, out) => {
    for (let i = to - 1; i >= from; i--) {
      if (hit[p.stackLocations[i]!] === 0) continue;
      appendStack(p, out, from, i + 1);
      return true;
    }
    return false;
  });
  return { profile: selectLines(profile, keepLine), matched };
}
