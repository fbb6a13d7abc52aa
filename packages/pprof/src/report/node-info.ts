import { compareUtf8 } from '../encode.js';
import type { Profile } from '../profile.js';
import { basePath, cleanPath } from './go-format.js';

/** What a node of a graph stands for; what the granularity forgot is empty or zero. */
export interface NodeInfo {
  readonly name: string;
  readonly address: bigint;
  readonly file: string;
  readonly startLine: number;
  readonly line: number;
  readonly column: number;
  readonly objfile: string;
}

/** The parts of a node's printed name: address, function, place; whatever is known. */
export function nameParts(info: NodeInfo): string[] {
  const parts: string[] = [];
  if (info.address !== 0n) parts.push(info.address.toString(16).padStart(16, '0'));
  if (info.name !== '') parts.push(info.name);
  if (info.line !== 0) {
    parts.push(`${info.file}:${info.line}${info.column !== 0 ? `:${info.column}` : ''}`);
  } else if (info.file !== '') parts.push(info.file);
  else if (info.name !== '') return parts;
  else if (info.objfile !== '') parts.push(`[${basePath(info.objfile)}]`);
  else parts.push('<unknown>');
  return parts;
}

export function printableName(info: NodeInfo): string {
  return nameParts(info).join(' ');
}

/** The last word in sorting: all attributes as Go's fmt.Sprint would print the struct. */
export function compareInfo(a: NodeInfo, b: NodeInfo): number {
  return compareUtf8(sprint(a), sprint(b));
}

function sprint(i: NodeInfo): string {
  return `{${i.name}  ${i.address} ${i.file} ${i.startLine} ${i.line} ${i.column} ${i.objfile}}`;
}

/** The node of a line of a location; `line` −1 for a location without lines. */
export function infoOf(p: Profile, location: number, line: number, objNames: boolean): NodeInfo {
  const mapping = p.locationMappings[location]!;
  const objfile = mapping === 0 ? '' : p.mappings[mapping - 1]!.file;
  const address = p.locationAddresses[location]!;
  if (line < 0) return { name: '', address, file: '', startLine: 0, line: 0, column: 0, objfile };
  const fn = p.lineFunctions[line]!;
  const name = p.strings.get(p.functionNames[fn]!);
  const file = p.strings.get(p.functionFiles[fn]!);
  const withObject = objNames || name === '';
  return {
    name,
    address,
    file: file === '' ? '' : cleanPath(file),
    startLine: withObject ? p.functionStartLines[fn]! : 0,
    line: p.lineNumbers[line]!,
    column: p.lineColumns[line]!,
    objfile: withObject ? objfile : '',
  };
}

/** One text that is equal exactly for equal nodes. */
export function infoKey(i: NodeInfo): string {
  return `${i.name}\u0000${i.file}\u0000${i.line}\u0000${i.column}\u0000${i.address}\u0000${i.startLine}\u0000${i.objfile}`;
}
