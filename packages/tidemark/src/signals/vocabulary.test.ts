import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clientGolangName, definitionOfForeign } from './names.js';
import { VOCABULARY } from './vocabulary.js';

describe('the vocabulary', () => {
  it('says the unit in every name, or counts things', () => {
    const endings: Record<string, RegExp> = {
      bytes: /_bytes$/,
      seconds: /_seconds$/,
      ratio: /_ratio$/,
      'timestamp-ms': /_ms$/,
      count: /^(?!.*_(?:bytes|seconds|ratio|ms)$)/,
      boolean: /./,
    };
    for (const { name, unit } of VOCABULARY) expect(name).toMatch(endings[unit]!);
    expect(new Set(VOCABULARY.map(({ name }) => name)).size).toBe(VOCABULARY.length);
  });

  it('never gives one foreign name two meanings', () => {
    const seen = new Map<string, string>();
    for (const d of VOCABULARY) {
      const names = [
        ...(d.prometheus ?? []),
        ...(d.runtime ? [d.runtime, clientGolangName(d.runtime, d.kind === 'counter')] : []),
      ];
      for (const name of names) {
        expect([name, seen.get(name)]).toEqual([name, undefined]);
        seen.set(name, d.name);
        expect(definitionOfForeign(name)?.name).toBe(d.name);
      }
    }
  });

  it('makes the names of client_golang', () => {
    expect(clientGolangName('/gc/heap/live:bytes', false)).toBe('go_gc_heap_live_bytes');
    expect(clientGolangName('/gc/cycles/total:gc-cycles', true)).toBe('go_gc_cycles_total_gc_cycles_total');
    expect(clientGolangName('/cgo/go-to-c-calls:calls', true)).toBe('go_cgo_go_to_c_calls_calls_total');
  });

  it('is what docs/signals.md says', () => {
    const page = readFileSync(new URL('../../../../docs/signals.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| ([\w-]+) \| (\w+) \|/gm)].map(([, ...cells]) => cells.join(' '));
    expect(rows).toEqual(VOCABULARY.map(({ name, unit, kind }) => `${name} ${unit} ${kind}`));
  });
});
