import type { Profile } from '../profile.js';
import type { Granularity } from '../report/options.js';

/**
 * Forgets what a granularity does not tell apart: addresses, lines, columns, files, functions, and with noInlines
 * the frames that were inlined.
 */
export function coarsen(
  p: Profile,
  granularity: Granularity,
  options: { noInlines: boolean; showColumns: boolean },
): Profile {
  const inlines = !options.noInlines;
  if (granularity === 'addresses' && inlines) return p;
  const functions = granularity !== 'files';
  const files = granularity !== 'functions';
  const lines = granularity === 'lines' || granularity === 'addresses';
  const addresses = granularity === 'addresses';
  let out = p.with({
    mappings: p.mappings.map((m) => ({
      ...m,
      hasInlineFrames: m.hasInlineFrames && inlines,
      hasFunctions: m.hasFunctions && functions,
      hasFilenames: m.hasFilenames && files,
      hasLineNumbers: m.hasLineNumbers && lines,
    })),
  });
  const none = () => new Uint32Array(p.functionCount);
  if (!functions) out = out.with({ functionNames: none(), functionSystemNames: none() });
  if (!files) out = out.with({ functionFiles: none() });
  if (!addresses) out = out.with({ locationAddresses: new BigUint64Array(p.locationCount) });
  if (!inlines) out = callersOnly(out);
  const count = out.lineFunctions.length;
  if (!lines) out = out.with({ lineNumbers: new Float64Array(count), lineColumns: new Float64Array(count) });
  else if (!options.showColumns) out = out.with({ lineColumns: new Float64Array(count) });
  return out;
}

/** Keeps the last line of every location: the function that was really called. */
function callersOnly(p: Profile): Profile {
  const starts = new Uint32Array(p.locationCount + 1);
  const kept: number[] = [];
  for (let l = 0; l < p.locationCount; l++) {
    starts[l] = kept.length;
    if (p.lineStarts[l + 1]! > p.lineStarts[l]!) kept.push(p.lineStarts[l + 1]! - 1);
  }
  starts[p.locationCount] = kept.length;
  return p.with({
    lineStarts: starts,
    lineFunctions: Uint32Array.from(kept, (i) => p.lineFunctions[i]!),
    lineNumbers: Float64Array.from(kept, (i) => p.lineNumbers[i]!),
    lineColumns: Float64Array.from(kept, (i) => p.lineColumns[i]!),
  });
}
