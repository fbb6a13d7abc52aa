import type { ExpositionSample } from './exposition.js';
import { parseExposition } from './exposition.js';
import { definitionOfForeign, PARTS } from './names.js';
import { type Readings, ReadingsBuilder } from './readings.js';

/** What one scrape of /metrics tells about the process that answers. */
export interface Scrape {
  readonly readings: Readings;
  readonly goVersion: string | null;
  /** What was wrong with the exposition, in words. */
  readonly problems: readonly string[];
}

/** The Go module for services tells the states of goroutines apart by a label. */
const BY_STATE = 'tidemark_goroutines_by_state';
const EXTRA = new Set(['go_info', 'tidemark_build_info', BY_STATE]);

/** Most samples of one name: a service's own metrics by handler are not ours to read. */
const MAX_SAME_NAME = 50;

/**
 * Reads the numbers of the vocabulary from an exposition. Only samples that speak of the process as a whole count:
 * those with labels (a container, a job, a GC type) are of something else, save where their sum is meant.
 */
export function readScrape(text: string): Scrape {
  const counts = new Map<string, number>();
  const exposition = parseExposition(text, {
    wanted: (name) => {
      if (!EXTRA.has(name) && !definitionOfForeign(name) && !PARTS.has(name)) return false;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return count <= MAX_SAME_NAME;
    },
  });
  const builder = new ReadingsBuilder();
  const problems: string[] = [];
  const byName = new Map<string, ExpositionSample[]>();
  for (const sample of exposition.samples) {
    const list = byName.get(sample.name) ?? [];
    byName.set(sample.name, list);
    list.push(sample);
  }
  for (const [name, samples] of byName) {
    if (name === 'go_info' || name === 'tidemark_build_info') continue;
    if (name === BY_STATE) {
      for (const { labels, value } of samples) builder.add(`goroutines_${labels['state']}`, value);
      continue;
    }
    const sum = overLabels(samples);
    if (sum === null) problems.push(`${name} has ${samples.length} samples: it is not known which is the process`);
    else if (Number.isNaN(sum)) problems.push(`${name} is NaN`);
    else builder.add(name, sum);
  }
  if (exposition.malformed > 0)
    problems.push(`${exposition.malformed} malformed lines, the first is ${exposition.firstMalformed}`);
  if (exposition.complete === false) problems.push('the exposition ends before its # EOF');
  const info =
    byName.get('go_info')?.[0]?.labels['version'] ?? byName.get('tidemark_build_info')?.[0]?.labels['go_version'];
  const version = info ?? '';
  return {
    readings: builder.build(),
    goVersion: /^go\d+\.\d+[\w.]*$/.test(version) ? version : null,
    problems,
  };
}

/** Labels by which OpenTelemetry splits a number whose sum is the process's. */
const PARTITIONS = new Set(['go_memory_type', 'otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url']);

function overLabels(samples: readonly ExpositionSample[]): number | null {
  if (samples.length === 1) return samples[0]!.value;
  const own = samples.filter((sample) => Object.keys(sample.labels).length === 0);
  if (own.length === 1) return own[0]!.value;
  const split = samples.every((sample) => Object.keys(sample.labels).every((label) => PARTITIONS.has(label)));
  return split ? samples.reduce((sum, sample) => sum + sample.value, 0) : null;
}
