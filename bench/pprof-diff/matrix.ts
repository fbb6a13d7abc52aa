import type { Subject } from './profiles.js';

/** How two outputs are compared. */
export type Comparison = 'bytes' | 'proto' | 'canonical';

export interface Case {
  readonly subject: Subject;
  readonly flags: readonly string[];
  readonly sources: readonly string[];
  readonly comparison: Comparison;
}

/** Reports that the reference writes in the same way every time. */
const PLAIN: readonly (readonly string[])[] = [
  ['-top'],
  ['-text', '-cum'],
  ['-tree'],
  ['-traces'],
  ['-raw'],
  ['-tags'],
  ['-comments'],
  ['-dot'],
  ['-callgrind'],
  ['-proto'],
  ['-topproto'],
  ['-peek', '.*e.*'],
  ['-list', 'main[.]|Method1|a.*b'],
  ['-list', 'spin|hold|Cart', '-noinlines'],
  ['-top', '-lines'],
  ['-top', '-files'],
  ['-top', '-addresses', '-nodecount=50'],
  ['-top', '-filefunctions', '-nodefraction=0'],
  ['-top', '-noinlines', '-lines'],
  ['-top', '-trim=false'],
  ['-top', '-sample_index=0'],
  ['-top', '-unit=auto', '-nodecount=20'],
  ['-tree', '-nodecount=15', '-edgefraction=0.02'],
  ['-dot', '-nodecount=12'],
  ['-dot', '-lines', '-nodefraction=0.02'],
];

const FILTERS: readonly (readonly string[])[] = [
  ['-focus', '[13579]$'],
  ['-ignore', 'runtime|Method1'],
  ['-hide', '^(runtime|sync)[.]'],
  ['-show', 'main|shop|Class'],
  ['-show_from', 'main|serve|Method'],
  ['-prune_from', 'Method|handler|alloc'],
  ['-focus', 'main', '-relative_percentages'],
  ['-focus', '(?i)MAIN|[[:digit:]]{2}', '-ignore', 'x\\z'],
  ['-compact_labels'],
  ['-mean', '-sample_index=1'],
  ['-divide_by=7'],
  ['-noinlines', '-showcolumns', '-lines'],
  ['-drop_negative'],
];

const LABELS: readonly (readonly string[])[] = [
  ['-tagfocus', 's1|shard:2|round'],
  ['-tagfocus', 'request=1kb:64kb'],
  ['-tagignore', 'tenant=acme'],
  ['-tagshow', 'shard|phase'],
  ['-taghide', 'bytes'],
  ['-tagroot', 'shard,tenant'],
  ['-tagleaf', 'tenant,latency'],
  ['-tagfocus', 'bytes=1kb:', '-taghide', 'shard'],
];

const DIFFS: readonly (readonly string[])[] = [
  ['-top'],
  ['-text', '-cum', '-lines'],
  ['-top', '-drop_negative'],
  ['-top', '-normalize'],
  ['-traces'],
  ['-raw'],
  ['-proto'],
  ['-tree'],
  ['-dot'],
  ['-tree', '-drop_negative'],
  ['-tree', '-nodecount=10'],
  ['-peek', '.*e.*'],
  ['-callgrind'],
  ['-topproto'],
  ['-tags'],
];

const protoFormats = new Set(['-proto', '-topproto']);

/** Every comparison of one subject. */
export function casesOf(subject: Subject): Case[] {
  const cases: Case[] = [];
  const add = (flags: readonly string[], comparison?: Comparison, sources = [subject.path]) => {
    const isProto = flags.some((f) => protoFormats.has(f));
    // With values of both signs the order of equal amounts is left to chance in the reference.
    // So it is with -files, which splits a file by its functions' first lines without naming them.
    const graph = flags.some((f) => f === '-tree' || f === '-dot' || f === '-callgrind' || f === '-peek');
    const byChance = (subject.signed && graph) || flags.includes('-files');
    cases.push({
      subject,
      flags,
      sources,
      comparison: comparison ?? (isProto ? 'proto' : byChance ? 'canonical' : 'bytes'),
    });
  };
  if (subject.large) {
    for (const flags of [['-top'], ['-top', '-cum', '-lines'], ['-tree'], ['-dot'], ['-proto']]) add(flags);
    return cases;
  }
  for (const flags of PLAIN) add(flags);
  for (const flags of subject.legacy ? FILTERS.slice(0, 1) : FILTERS) {
    add(['-top', ...flags]);
    if (flags[0] !== '-compact_labels') add(['-traces', ...flags]);
  }
  if (!subject.legacy) {
    add(['-tree', '-focus', 'main']);
    // Which of several calls with one name are the top ones is left to chance as well: all are asked for.
    add(['-dot', '-call_tree', '-trim=false'], 'canonical');
    add(['-proto', '-focus', 'main|shop|1']);
    add(['-raw', '-noinlines']);
    add(['-top', '-add_comment=hello world', '-buildid=feedbeef']);
  }
  if (subject.hasLabels) {
    for (const flags of LABELS) {
      add(['-top', ...flags]);
      add(['-tags', ...flags]);
    }
    add(['-traces', '-tagroot', 'shard']);
  }
  if (subject.base) {
    for (const how of ['-base', '-diff_base']) {
      for (const flags of DIFFS) {
        const byChance = ['-tree', '-dot', '-peek', '-callgrind'].includes(flags[0]!);
        add([...flags, how, subject.base], byChance ? 'canonical' : undefined);
      }
    }
    add(['-top'], undefined, [subject.path, subject.base]);
    add(['-raw'], undefined, [subject.path, subject.base]);
    add(['-proto'], undefined, [subject.base, subject.path, subject.base]);
  }
  return cases;
}
