import { TidemarkError } from '@tidemark/model';
import type { Granularity, ReportFormat, ReportOptions } from '@tidemark/pprof';
import type { ParsedFlags } from './flags.js';

const FORMATS: readonly [string, ReportFormat][] = [
  ['top', 'text'],
  ...(['text', 'tree', 'peek', 'traces', 'raw', 'list', 'tags', 'comments', 'dot'] as const).map(
    (f) => [f, f] as [string, ReportFormat],
  ),
  ...(['callgrind', 'proto', 'topproto', 'collapsed'] as const).map((f) => [f, f] as [string, ReportFormat]),
];
const GRANULARITIES: readonly Granularity[] = ['functions', 'filefunctions', 'files', 'lines', 'addresses'];
/** Old words for a sample index; the first that is given wins. */
const OLD_INDEXES: readonly [string, string][] = [
  ['total_delay', 'delay'],
  ['mean_delay', 'delay'],
  ['contentions', 'contentions'],
  ['inuse_space', 'inuse_space'],
  ['inuse_objects', 'inuse_objects'],
  ['alloc_space', 'alloc_space'],
  ['alloc_objects', 'alloc_objects'],
];

/** Flags → options of a report. Throws TM_USAGE for none or several formats and for flags that exclude each other. */
export function reportOptions(flags: ParsedFlags, warn: (message: string) => void): ReportOptions {
  const formats = FORMATS.filter(
    ([name]) => (flags.text(name) ?? false) !== false && (flags.text(name) as unknown) !== '',
  );
  if (formats.length > 1) throw new TidemarkError('TM_USAGE', 'must set at most one output format');
  if (formats.length === 0) {
    throw new TidemarkError('TM_USAGE', 'no output format: there is no interactive shell here', {
      advice: 'Choose one, e.g. -top, -tree, -peek NAME, -list NAME, -traces, -dot. See tidemark pprof --help.',
    });
  }
  const [name, format] = formats[0]!;
  let sampleIndex = flags.text('sample_index') ?? '';
  for (const [flag, type] of OLD_INDEXES) {
    if (!flags.bool(flag)) continue;
    if (sampleIndex === '') sampleIndex = type;
    else warn(`Multiple value selections, ignoring -${flag}`);
  }
  const sort = oneOf(flags, ['cum', 'flat']);
  const granularity = oneOf(flags, GRANULARITIES);
  const symbol = format === 'peek' || format === 'list' ? flags.text(name) : undefined;
  const given = <T>(key: string, value: T | undefined) => (value === undefined ? {} : { [key]: value });
  return {
    format,
    sampleIndex,
    mean: (flags.bool('mean') ?? false) || (flags.bool('mean_delay') ?? false),
    ...given('symbol', symbol),
    ...given('sort', sort),
    ...given('granularity', granularity),
    ...given('unit', flags.text('unit')),
    ...given('divideBy', flags.number('divide_by')),
    ...given('noInlines', flags.bool('noinlines')),
    ...given('showColumns', flags.bool('showcolumns')),
    ...given('compactLabels', flags.bool('compact_labels')),
    ...given('relativePercentages', flags.bool('relative_percentages')),
    ...given('callTree', flags.bool('call_tree')),
    ...given('dropNegative', flags.bool('drop_negative')),
    ...given('nodeCount', flags.number('nodecount')),
    ...given('nodeFraction', flags.number('nodefraction')),
    ...given('edgeFraction', flags.number('edgefraction')),
    ...given('trim', flags.bool('trim')),
    ...given('focus', flags.text('focus')),
    ...given('ignore', flags.text('ignore')),
    ...given('hide', flags.text('hide')),
    ...given('show', flags.text('show')),
    ...given('showFrom', flags.text('show_from')),
    ...given('pruneFrom', flags.text('prune_from')),
    ...given('tagFocus', flags.text('tagfocus')),
    ...given('tagIgnore', flags.text('tagignore')),
    ...given('tagShow', flags.text('tagshow')),
    ...given('tagHide', flags.text('taghide')),
    ...given('tagRoot', flags.text('tagroot')),
    ...given('tagLeaf', flags.text('tagleaf')),
    ...given('sourcePath', flags.text('source_path')),
    ...given('trimPath', flags.text('trim_path')),
  };
}

function oneOf<T extends string>(flags: ParsedFlags, names: readonly T[]): T | undefined {
  const set = names.filter((n) => flags.bool(n));
  if (set.length > 1) throw new TidemarkError('TM_USAGE', `conflicting options set: [${set.join(' ')}]`);
  return set[0];
}

/** Every pattern of a call, to know whether the RE2 engine must be loaded. */
export function patternsOf(o: ReportOptions): string[] {
  const tag = (filter: string | undefined) => (filter ?? '').replace(/^[^=]*=/, '').split(',');
  return [o.symbol, o.focus, o.ignore, o.hide, o.show, o.showFrom, o.pruneFrom, o.tagShow, o.tagHide]
    .concat(tag(o.tagFocus), tag(o.tagIgnore))
    .filter((p): p is string => p !== undefined && p !== '');
}
