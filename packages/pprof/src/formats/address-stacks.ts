import { ProfileBuilder } from '../builder.js';
import type { Profile, ProfileForm } from '../profile.js';
import { dropFramesOf } from './drop-frames.js';
import type { Lines } from './lines.js';
import { assignMappings, isMemoryMapStart, readMemoryMap, tidyMappings } from './memory-map.js';
import type { SymbolLine } from './symbols.js';

interface Row {
  addresses: bigint[];
  symbols: SymbolLine[];
  values: (number | bigint)[];
  bytes: number | bigint | null;
  labels: [string, string][];
}

/**
 * Collects the samples of a text or binary form, which name code by address, and makes a profile of them. Where
 * a sample carries symbol lines, these make its frames: the runtime leaves out its own leaf frames there.
 */
export class AddressStacks {
  readonly builder: ProfileBuilder;
  readonly rows: Row[] = [];
  /** Leaves that are there twice, from the unwinder (one below) and from the signal's context, become one. */
  dropDuplicateLeaves = false;

  constructor(form: ProfileForm) {
    this.builder = new ProfileBuilder(form);
  }

  add(addresses: bigint[], values: (number | bigint)[], bytes: number | bigint | null = null): void {
    this.rows.push({ addresses, symbols: [], values, bytes, labels: [] });
  }

  /** Symbols and labels belong to the sample before them. */
  addSymbol(symbol: SymbolLine): void {
    this.rows.at(-1)?.symbols.push(symbol);
  }

  addLabels(labels: [string, string][]): void {
    this.rows.at(-1)?.labels.push(...labels);
  }

  /** Skips to the memory map, when there is one, and builds. */
  finish(lines: Lines): Profile {
    let found = isMemoryMapStart(lines.current);
    while (!found && lines.next()) found = isMemoryMapStart(lines.current);
    return this.build(lines);
  }

  /** Builds with the memory map in the lines to come. */
  build(lines: Lines): Profile {
    const b = this.builder;
    const mappings = tidyMappings(readMemoryMap(lines));
    const byAddress = new Map<bigint, number>();
    const bySymbols = new Map<string, number>();
    const functions = new Map<string, number>();
    const functionOf = (symbol: SymbolLine): number => {
      const key = `${symbol.name}\n${symbol.file}`;
      let fn = functions.get(key);
      if (fn === undefined) {
        fn = b.addFunction(symbol.name, symbol.file);
        functions.set(key, fn);
      }
      return fn;
    };
    let symbolised = false;
    for (const row of this.rows) {
      const stack: number[] = [];
      if (row.symbols.some((s) => s.name !== '')) {
        symbolised = true;
        for (let i = 0; i < row.symbols.length; ) {
          // Lines of one address are one call with what was inlined into it, innermost first.
          let end = i + 1;
          while (end < row.symbols.length && row.symbols[end]!.address === row.symbols[i]!.address) end++;
          const group = row.symbols.slice(i, end);
          const key = group.map((s) => `${s.address}\n${s.name}\n${s.file}\n${s.line}`).join('\n');
          let location = bySymbols.get(key);
          if (location === undefined) {
            const lines = group.filter((s) => s.name !== '').map((s) => ({ fn: functionOf(s), line: s.line }));
            location = b.addLocation(group[0]!.address, lines);
            bySymbols.set(key, location);
          }
          stack.push(location);
          i = end;
        }
      } else {
        for (const address of row.addresses) {
          let location = byAddress.get(address);
          if (location === undefined) {
            location = b.addLocation(address);
            byAddress.set(address, location);
          }
          stack.push(location);
        }
        // The location stays in the profile, unused, as the reference leaves it.
        const [leaf, next] = row.addresses;
        if (this.dropDuplicateLeaves && next !== undefined && leaf === BigInt.asUintN(64, next + 1n))
          stack.splice(1, 1);
      }
      b.addSample(stack, row.values);
      for (const [key, text] of row.labels) b.addTextLabel(key, text);
      if (row.bytes !== null) b.addNumberLabel('bytes', row.bytes);
    }
    const addresses = Array.from({ length: b.locationCount }, (_, i) => b.locationAddress(i));
    assignMappings(mappings, addresses).forEach((mapping, i) => {
      b.setLocationMapping(i, mapping);
    });
    b.mappings = symbolised
      ? mappings.map((m) => ({
          ...m,
          hasFunctions: true,
          hasFilenames: true,
          hasLineNumbers: true,
          hasInlineFrames: true,
        }))
      : mappings;
    const types = b.sampleTypes.map((t) => t.type).join(' ');
    [b.dropFrames, b.keepFrames] = dropFramesOf(types);
    return b.build();
  }
}
