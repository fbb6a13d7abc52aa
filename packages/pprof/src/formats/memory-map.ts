import type { Mapping } from '../profile.js';
import { corrupt } from '../wire.js';
import type { Lines } from './lines.js';

/** A mapping while the text form is read; addresses are changed by the heuristics below. */
export type DraftMapping = { -readonly [K in keyof Mapping]: Mapping[K] };

// Two numbers may follow each other without a blank; their bound keeps a line of nothing but digits from being split
// in all ways. An address has 16 digits.
const HEX_RANGE = /^\s*(?:0x)?([0-9a-fA-F]{1,64})[\s-]?\s*(?:0x)?([0-9a-fA-F]{1,64}):?/.source;
const PERMISSIONS = '(?:\\s+([-rwxp]+))?';
/** /proc/PID/maps: range, permissions, offset, device, inode, file. */
const PROC_MAPS = new RegExp(
  `${HEX_RANGE}${PERMISSIONS}(?:\\s+([0-9a-fA-F]+))?\\s+[0-9a-fA-F]+:[0-9a-fA-F]+\\s+[0-9]+(?:\\s+(\\S+))?`,
);
/** The short form: range, permissions, file, (@offset), build id. */
const BRIEF_MAPS = new RegExp(
  `${HEX_RANGE}${PERMISSIONS}(?:\\s+(\\S+))?(?:\\s+\\(@([0-9a-fA-F]+)\\))?(?:\\s+([0-9a-fA-F]+))?`,
);
/** What a logger writes before the text: `file:line] `. */
const LOG_PREFIX = /^[^[\]]+:[0-9]+]\s/;

/** Steps that replacing variables may take in one map: their values may name others, and double with every line. */
const MAX_STEPS = 1 << 25;

export function isMemoryMapStart(line: string): boolean {
  return line.includes('--- Memory map: ---') || line.includes('MAPPED_LIBRARIES:');
}

/** Reads the lines that follow the start of a memory map. `name=value` lines define $name for later ones. */
export function readMemoryMap(lines: Lines): DraftMapping[] {
  const mappings: DraftMapping[] = [];
  const variables: [string, string][] = [];
  let steps = 0;
  const spend = (more: number) => {
    steps += more;
    if (steps > MAX_STEPS) throw corrupt('the variables of its memory map replace each other without end');
  };
  while (lines.next()) {
    const prefix = LOG_PREFIX.exec(lines.current);
    const line = substitute(prefix ? lines.current.slice(prefix[0].length) : lines.current, variables, spend);
    const mapping = parseEntry(line);
    if (mapping === null) {
      const equals = line.indexOf('=');
      if (equals >= 0) variables.push([`$${line.slice(0, equals).trim()}`, line.slice(equals + 1).trim()]);
    } else if (mapping !== 'skip') mappings.push(mapping);
  }
  return mappings;
}

/** The first variable that fits at a position wins, as with Go's strings.Replacer. */
function substitute(line: string, variables: readonly [string, string][], spend: (steps: number) => void): string {
  if (variables.length === 0 || !line.includes('$')) return line;
  let out = '';
  for (let at = 0; at < line.length; ) {
    const next = line.indexOf('$', at);
    const plain = line.slice(at, next < 0 ? line.length : next);
    out += plain;
    at += plain.length;
    if (next < 0) break;
    const hit = variables.find(([name]) => line.startsWith(name, at));
    spend(variables.length + (hit?.[1].length ?? 0));
    out += hit ? hit[1] : '$';
    at += hit ? hit[0].length : 1;
  }
  return out;
}

function parseEntry(line: string): DraftMapping | 'skip' | null {
  let start: string | undefined;
  let limit: string | undefined;
  let permissions: string | undefined;
  let file: string | undefined;
  let offset: string | undefined;
  let buildId: string | undefined;
  const proc = PROC_MAPS.exec(line);
  if (proc) [, start, limit, permissions, offset, file] = proc;
  else {
    const brief = BRIEF_MAPS.exec(line);
    if (!brief) return null;
    [, start, limit, permissions, file, offset, buildId] = brief;
  }
  if (permissions && !permissions.includes('x')) return 'skip';
  const numbers = [start!, limit!, offset || '0'].map((hex) => BigInt(`0x${hex}`));
  if (numbers.some((n) => n > 0xffffffffffffffffn)) return null;
  return {
    id: 0n,
    start: numbers[0]!,
    limit: numbers[1]!,
    offset: numbers[2]!,
    file: file ?? '',
    buildId: buildId ?? '',
    hasFunctions: false,
    hasFilenames: false,
    hasLineNumbers: false,
    hasInlineFrames: false,
  };
}

const u64 = (value: bigint) => BigInt.asUintN(64, value);

/** Joins regions that were split, and moves what looks like the main binary to the front. */
export function tidyMappings(mappings: readonly DraftMapping[]): DraftMapping[] {
  const out: DraftMapping[] = [];
  for (const m of mappings) {
    const last = out.at(-1);
    if (last && adjacent(last, m)) {
      last.limit = m.limit;
      if (m.file !== '') last.file = m.file;
      if (m.buildId !== '') last.buildId = m.buildId;
    } else out.push(m);
  }
  const main = out.findIndex((m) => {
    const file = m.file.replaceAll('(deleted)', '').trim();
    return file !== '' && !/[.]so$|[.]so[._][0-9]+/.test(file) && file[0] !== '[';
  });
  if (main > 0) [out[0], out[main]] = [out[main]!, out[0]!];
  return out;
}

function adjacent(a: DraftMapping, b: DraftMapping): boolean {
  if (a.file !== '' && b.file !== '' && a.file !== b.file) return false;
  if (a.buildId !== '' && b.buildId !== '' && a.buildId !== b.buildId) return false;
  if (a.limit !== b.start) return false;
  return a.offset === 0n || b.offset === 0n || u64(a.offset + (a.limit - a.start)) === b.offset;
}

const EXPECTED_START = 0x400000n;

/**
 * Gives every address its mapping (1 + index; 0 stays for address 0) and makes one for all addresses that have
 * none. Mappings are changed in place and numbered.
 */
export function assignMappings(mappings: DraftMapping[], addresses: readonly bigint[]): number[] {
  const first = mappings[0];
  if (first?.file.startsWith('/anon_hugepage') && mappings.length > 1 && first.limit === mappings[1]!.start) {
    mappings.shift();
  }
  const main = mappings[0];
  if (main && u64(main.start - main.offset) === EXPECTED_START) {
    main.start = EXPECTED_START;
    main.offset = 0n;
  }
  let fake = 0;
  const assigned = addresses.map((address) => {
    if (address === 0n) return 0;
    const inside = mappings.findIndex((m) => m.start <= address && address < m.limit);
    if (inside >= 0) return inside + 1;
    // Some handlers leave out the first part of a mapping that was split.
    const before = mappings.findIndex(
      (m) => m.offset !== 0n && u64(m.start - m.offset) <= address && address < m.start,
    );
    if (before >= 0) {
      const m = mappings[before]!;
      m.start = u64(m.start - m.offset);
      m.offset = 0n;
      return before + 1;
    }
    if (fake === 0) fake = mappings.push(everything());
    return fake;
  });
  mappings.forEach((m, i) => {
    m.id = BigInt(i + 1);
  });
  return assigned;
}

function everything(): DraftMapping {
  return {
    id: 1n,
    start: 0n,
    limit: 0xffffffffffffffffn,
    offset: 0n,
    file: '',
    buildId: '',
    hasFunctions: false,
    hasFilenames: false,
    hasLineNumbers: false,
    hasInlineFrames: false,
  };
}
