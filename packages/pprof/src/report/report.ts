import { TidemarkError } from '@tidemark/model';
import { truncateToInt64 } from '../formats/lines.js';
import type { Profile } from '../profile.js';
import { filterByName, showFrom } from '../transform/by-name.js';
import { compileTagFilter, filterByTag, filterTagNames } from '../transform/by-tag.js';
import { coarsen } from '../transform/granularity.js';
import { labelUnits } from '../transform/label-groups.js';
import { pruneFrom } from '../transform/prune.js';
import { addTagFrames } from '../transform/tag-frames.js';
import { trimFilePaths } from '../transform/trim-path.js';
import { basePath } from './go-format.js';
import { type Graph, type SampleValues, sampleValues } from './graph.js';
import { abs, add, divide, type Int, multiply } from './int.js';
import type { Granularity, Matcher, ReportFormat, ReportHost, ReportOptions } from './options.js';
import { scaledLabel, scaleUnit } from './units.js';

/** Options with what the format forces and defaults filled in. */
interface Resolved {
  readonly granularity: Granularity;
  readonly noInlines: boolean;
  readonly nodeCount: number;
  readonly nodeFraction: number;
  readonly edgeFraction: number;
}

/** A profile made ready for one report, with the numbers that its header and its columns need. */
export class Report {
  readonly options: ReportOptions;
  readonly host: ReportHost;
  /** Filtered and coarsened. */
  readonly profile: Profile;
  readonly sample: SampleValues;
  readonly total: Int;
  readonly sampleType: string;
  readonly sampleUnit: string;
  readonly labelUnits: ReadonlyMap<string, string>;
  readonly title: string;
  readonly nodeCount: number;
  readonly nodeFraction: number;
  readonly edgeFraction: number;
  /** Starts as asked for; `minimum` becomes a unit when the nodes are known. */
  outputUnit: string;
  private readonly ratio: number;

  /** Throws TM_USAGE for a sample type, pattern or divisor that cannot be. */
  constructor(p: Profile, options: ReportOptions, host: ReportHost) {
    this.options = options;
    this.host = host;
    const warn = host.warn ?? (() => {});
    const units = labelUnits(p);
    for (const [key, others] of units.ignored) {
      warn(`For tag ${key} used unit ${units.units.get(key)}, also encountered unit(s) ${others.join(', ')}`);
    }
    this.labelUnits = units.units;
    const resolved = resolve(options);
    this.nodeCount = resolved.nodeCount;
    this.nodeFraction = resolved.nodeFraction;
    this.edgeFraction = resolved.edgeFraction;
    this.outputUnit = options.unit ?? 'minimum';
    let q = withTagFrames(p, options, warn);
    if (options.relativePercentages) q = applyFilters(q, options, host, units.units);
    if (q.sampleTypes.length === 0) throw new TidemarkError('TM_USAGE', 'profile has no samples');
    const type = sampleIndexByName(q, options.sampleIndex ?? '');
    const valueType = q.sampleTypes[type]!;
    const isMean = options.mean ?? false;
    this.sampleType = (isMean ? 'mean_' : '') + valueType.type;
    this.sampleUnit = valueType.unit;
    const divideBy = options.divideBy ?? 1;
    if (divideBy === 0) throw new TidemarkError('TM_USAGE', 'zero divisor specified');
    this.ratio = 1 / divideBy;
    const main = q.mappings[0]?.file ?? '';
    this.title = main === '' ? '' : basePath(main);
    // The total is of everything; percentages are of it unless they were asked to be relative.
    const measured = q;
    const before = sampleValues(q, type, isMean);
    this.total = computeTotal(q, before);
    if (!options.relativePercentages) q = applyFilters(q, options, host, units.units);
    q = coarsen(q, resolved.granularity, {
      noInlines: resolved.noInlines,
      showColumns: options.showColumns ?? false,
    });
    if (usesGraph(options.format)) q = trimFilePaths(q, options.trimPath ?? '', options.sourcePath ?? '');
    this.profile = q;
    this.sample = q.values === measured.values ? before : sampleValues(q, type, isMean, before.exact);
  }

  /** A value in the output unit. */
  format(value: Int): string {
    const scaled = this.ratio > 0 && this.ratio !== 1 ? truncateToInt64(Number(value) * this.ratio) : value;
    return scaledLabel(scaled, this.sampleUnit, this.outputUnit);
  }

  get zero(): Int {
    return this.sample.exact ? 0n : 0;
  }

  get divideRatio(): number {
    return this.ratio;
  }

  /**
   * Settles `minimum` on one unit for the whole report: that of the smallest value shown; where the largest has
   * another unit and is more than 100 times as much, the unit of 100 times the smallest, shown as 0.01.
   */
  settleUnit(graph: Graph): void {
    if (this.outputUnit !== 'minimum' || graph.nodes.length === 0) return;
    let smallest: Int = 0;
    for (const n of graph.nodes) {
      const flat = abs(n.flatDiv ? divide(n.flat, n.flatDiv) : n.flat);
      const amount = flat ? flat : abs(n.cumDiv ? divide(n.cum, n.cumDiv) : n.cum);
      if (amount > 0 && (!smallest || amount < smallest)) smallest = amount;
    }
    let min = smallest ? smallest : this.total;
    let max = this.total;
    if (this.ratio > 0 && this.ratio !== 1) {
      min = truncateToInt64(Number(min) * this.ratio);
      max = truncateToInt64(Number(max) * this.ratio);
    }
    const minUnit = scaleUnit(min, this.sampleUnit, 'minimum').unit;
    const maxUnit = scaleUnit(max, this.sampleUnit, 'minimum').unit;
    let unit = minUnit;
    // Wraps around at 64 bits, as in Go.
    const hundredfold = multiply(min, 100);
    if (minUnit !== maxUnit && hundredfold < max && this.options.format !== 'callgrind') {
      unit = scaleUnit(hundredfold, this.sampleUnit, 'minimum').unit;
    }
    this.outputUnit = unit !== '' ? unit : this.sampleUnit;
  }
}

function usesGraph(format: ReportFormat): boolean {
  return ['text', 'tree', 'peek', 'dot', 'topproto', 'callgrind', 'list'].includes(format);
}

function resolve(options: ReportOptions): Resolved {
  const { format } = options;
  let trim = options.trim ?? true;
  let granularity = options.granularity ?? 'functions';
  let nodeCount = options.nodeCount ?? -1;
  if (format === 'peek') trim = false;
  else if (format === 'list') {
    trim = false;
    granularity = 'lines';
  } else if (nodeCount === -1) nodeCount = format === 'text' || format === 'topproto' ? 0 : 80;
  if (format === 'proto' || format === 'raw' || format === 'callgrind') {
    trim = false;
    granularity = 'addresses';
  }
  return {
    granularity,
    noInlines: options.noInlines ?? false,
    nodeCount: trim ? nodeCount : 0,
    nodeFraction: trim ? (options.nodeFraction ?? 0.005) : 0,
    edgeFraction: trim ? (options.edgeFraction ?? 0.001) : 0,
  };
}

/**
 * The column that a name or number means; '' is the profile's default, else the last one. `inuse_` in front is
 * forgiven, for old heap profiles. Throws TM_USAGE.
 */
export function sampleIndexByName(p: Profile, name: string): number {
  const types = p.sampleTypes.map((t) => t.type);
  if (name === '') {
    const index = p.defaultSampleType === '' ? -1 : types.indexOf(p.defaultSampleType);
    return index >= 0 ? index : types.length - 1;
  }
  if (/^[-+]?\d+$/.test(name)) {
    const index = Number(name);
    if (index < 0 || index >= types.length) {
      throw new TidemarkError('TM_USAGE', `sample_index ${name} is outside the range [0..${types.length - 1}]`);
    }
    return index;
  }
  const stripped = name.replace(/^inuse_/, '');
  const index = types.findIndex((t) => t === name || t === stripped);
  if (index >= 0) return index;
  throw new TidemarkError('TM_USAGE', `sample_index "${name}" must be one of: [${types.join(' ')}]`);
}

function withTagFrames(p: Profile, options: ReportOptions, warn: (m: string) => void): Profile {
  const keys = (list: string | undefined) => (list ?? '').split(',').filter((k) => k !== '');
  const { profile, rootHit, leafHit } = addTagFrames(
    p,
    keys(options.tagRoot),
    keys(options.tagLeaf),
    options.unit ?? 'minimum',
  );
  if (options.tagRoot && !rootHit) warn('TagRoot expression matched no samples');
  if (options.tagLeaf && !leafHit) warn('TagLeaf expression matched no samples');
  return profile;
}

function applyFilters(
  p: Profile,
  options: ReportOptions,
  host: ReportHost,
  units: ReadonlyMap<string, string>,
): Profile {
  const warn = host.warn ?? (() => {});
  const compile = (name: string, pattern: string | undefined): Matcher | undefined => {
    if (!pattern) return undefined;
    try {
      return host.compile(pattern);
    } catch (error) {
      throw new TidemarkError('TM_USAGE', `parsing ${name} regexp: ${(error as Error).message}`);
    }
  };
  const told = (pattern: unknown, hit: boolean, name: string) => {
    if (pattern && !hit) warn(`${name} expression matched no samples`);
  };
  const focus = compile('focus', options.focus);
  const ignore = compile('ignore', options.ignore);
  const hide = compile('hide', options.hide);
  const show = compile('show', options.show);
  const from = compile('show_from', options.showFrom);
  const tagFilter = (name: string, value: string | undefined) =>
    value ? compileTagFilter(name, value, units, host.compile, warn) : null;
  const tagFocus = tagFilter('tagfocus', options.tagFocus);
  const tagIgnore = tagFilter('tagignore', options.tagIgnore);
  const prune = compile('prune_from', options.pruneFrom);
  const tagShow = compile('tagshow', options.tagShow) ?? null;
  const tagHide = compile('taghide', options.tagHide) ?? null;
  const named = filterByName(p, { focus, ignore, hide, show });
  let q = named.profile;
  told(focus, named.hits.focus, 'Focus');
  told(ignore, named.hits.ignore, 'Ignore');
  told(hide, named.hits.hide, 'Hide');
  told(show, named.hits.show, 'Show');
  if (from) {
    const shown = showFrom(q, from);
    q = shown.profile;
    told(from, shown.matched, 'ShowFrom');
  }
  if (tagFocus || tagIgnore) {
    const tagged = filterByTag(q, tagFocus, tagIgnore);
    q = tagged.profile;
    told(tagFocus, tagged.focusHit, 'TagFocus');
    told(tagIgnore, tagged.ignoreHit, 'TagIgnore');
  }
  if (tagShow || tagHide) {
    const tags = filterTagNames(q, tagShow, tagHide);
    q = tags.profile;
    told(tagShow, tags.showHit, 'TagShow');
    told(tagHide, tags.hideHit, 'TagHide');
  }
  return prune ? pruneFrom(q, prune) : q;
}

/** Sum of the amounts; only of samples marked as a diff's base when there are such with any amount. */
function computeTotal(p: Profile, sample: SampleValues): Int {
  const zero: Int = sample.exact ? 0n : 0;
  let [total, divisor, baseTotal, baseDivisor]: Int[] = [zero, zero, zero, zero];
  const isBase = baseTest(p);
  if (isBase === null && sample.divisors === null && sample.values instanceof Float64Array) {
    return sample.values.reduce((sum, v) => sum + Math.abs(v), 0);
  }
  for (let s = 0; s < p.sampleCount; s++) {
    const v = abs(sample.values[s]!);
    const d = sample.divisors ? sample.divisors[s]! : zero;
    total = add(total!, v);
    divisor = add(divisor!, d);
    if (isBase?.(s)) {
      baseTotal = add(baseTotal!, v);
      baseDivisor = add(baseDivisor!, d);
    }
  }
  if (baseTotal! > 0) {
    total = baseTotal;
    divisor = baseDivisor;
  }
  return divisor ? divide(total!, divisor) : total!;
}

/** Whether a sample carries the mark of a diff's base; null where no sample does. */
function baseTest(p: Profile): ((sample: number) => boolean) | null {
  const keys = new Set<number>();
  let last = 0;
  for (const key of p.labelKeys) {
    // Mostly the same key again.
    if (key !== last && p.strings.get(key) === 'pprof::base') keys.add(key);
    last = key;
  }
  if (keys.size === 0) return null;
  return (s) => {
    for (let i = p.labelStarts[s]!; i < p.labelStarts[s + 1]!; i++) {
      if (keys.has(p.labelKeys[i]!) && p.labelTexts[i] !== 0 && p.strings.get(p.labelTexts[i]!) === 'true') return true;
    }
    return false;
  };
}
