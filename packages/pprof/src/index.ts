export { type AggregateRow, aggregate } from './aggregate.js';
export { type LineInput, ProfileBuilder } from './builder.js';
export { combineProfiles, combineSources, markBase } from './combine.js';
export { encodeProfile } from './encode.js';
export { type FlameGraph, type FlameNode, type FlameOptions, flameGraph } from './flame-graph.js';
export { stackGroups } from './goroutines.js';
export { type ProfileKind, profileKind } from './kind.js';
export { assertCompatible, mergeProfiles, ProfileMerger } from './merge.js';
export {
  type Int64Column,
  type Label,
  type Mapping,
  Profile,
  type ProfileColumns,
  type ProfileForm,
  type SampleColumns,
  type ValueType,
} from './profile.js';
export { type Codec, DEFAULT_MAX_BYTES, openProfile, type ReadOptions, readProfile, tooLarge, unpack } from './read.js';
export { type CallGraph, type CallGraphEdge, type CallGraphNode, callGraph } from './report/call-graph.js';
export { profileReport, writeReport } from './report/generate.js';
export type { TimeZoneAt } from './report/go-format.js';
export type {
  CompileRegex,
  Granularity,
  Matcher,
  ReportFormat,
  ReportHost,
  ReportOptions,
} from './report/options.js';
export type { Write } from './report/sink.js';
export { scaledLabel, scaleUnit } from './report/units.js';
export { type DiffOptions, diffProfiles, normaliseTo, scale, scaleColumns, selectSamples } from './scale.js';
export { joinSeries, type ProfileSeries } from './series.js';
export { type ProfileSource, sourceOf } from './source.js';
export { StringTable } from './strings.js';
export { parseTextProfile } from './text-columns.js';
export { pruneUninteresting } from './transform/prune.js';
export { trimPath } from './transform/trim-path.js';
