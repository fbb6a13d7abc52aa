import { TidemarkError } from '@tidemark/model';

/** One flag of `tidemark pprof`, in the spelling of `go tool pprof`. This table drives parser, help and completion. */
export interface PprofFlag {
  readonly name: string;
  readonly type: 'bool' | 'int' | 'float' | 'text' | 'list';
  readonly group: 'Formats' | 'Sources' | 'Values' | 'Filters' | 'Display' | 'Refused';
  readonly summary: string;
  /** Why a flag that the reference has is not here; such a flag is refused by name. */
  readonly refused?: string;
}

const flags = (
  group: PprofFlag['group'],
  rows: readonly (readonly [string, PprofFlag['type'], string])[],
): PprofFlag[] => rows.map(([name, type, summary]) => ({ name, type, group, summary }));

const refused = (names: string, type: PprofFlag['type'], reason: string): PprofFlag[] =>
  names.split(' ').map((name) => ({ name, type, group: 'Refused', summary: reason, refused: reason }));

export const PPROF_FLAGS: readonly PprofFlag[] = [
  ...flags('Formats', [
    ['top', 'bool', 'top entries, as text'],
    ['text', 'bool', 'the same as -top'],
    ['tree', 'bool', 'call graph as text: callers above, callees below'],
    ['peek', 'text', 'callers and callees of the functions that match'],
    ['traces', 'bool', 'all samples with their stacks'],
    ['raw', 'bool', 'everything the profile holds, as text'],
    ['list', 'text', 'annotated source of the functions that match'],
    ['tags', 'bool', 'labels and how much carries them'],
    ['comments', 'bool', 'comments of the profile'],
    ['dot', 'bool', 'call graph for Graphviz'],
    ['callgrind', 'bool', 'call graph for KCachegrind'],
    ['proto', 'bool', 'the profile, compressed'],
    ['topproto', 'bool', 'top entries as a profile, compressed'],
    ['collapsed', 'bool', 'one line a stack, for flame graph scripts'],
  ]),
  ...flags('Sources', [
    ['base', 'list', 'profile to subtract; may be given again'],
    ['diff_base', 'list', 'profile to compare with: percentages are of it'],
    ['normalize', 'bool', "scale to the base profile's total first"],
    ['seconds', 'int', 'length of what is fetched from a URL'],
    ['timeout', 'int', 'seconds to wait for a URL'],
    ['buildid', 'text', 'build id of the first mapping, where it has none'],
    ['add_comment', 'text', 'comment to add to the profile'],
    ['symbolize', 'text', 'only none: profiles are read with the symbols that they carry'],
    ['output', 'text', 'file to write instead of stdout'],
    ['tls_ca', 'text', 'file of a certificate authority for https'],
    ['tls_cert', 'text', 'client certificate file for https'],
    ['tls_key', 'text', 'client key file for https'],
  ]),
  ...flags('Values', [
    ['sample_index', 'text', 'value to report: name or 0-based number'],
    ['inuse_space', 'bool', '-sample_index=inuse_space'],
    ['inuse_objects', 'bool', '-sample_index=inuse_objects'],
    ['alloc_space', 'bool', '-sample_index=alloc_space'],
    ['alloc_objects', 'bool', '-sample_index=alloc_objects'],
    ['total_delay', 'bool', '-sample_index=delay'],
    ['contentions', 'bool', '-sample_index=contentions'],
    ['mean_delay', 'bool', '-mean -sample_index=delay'],
    ['mean', 'bool', 'average over the first value (count)'],
    ['unit', 'text', 'unit to show: auto, minimum, MB, ms …'],
    ['divide_by', 'float', 'divide all values'],
  ]),
  ...flags('Filters', [
    ['focus', 'text', 'only samples through a match'],
    ['ignore', 'text', 'no samples through a match'],
    ['hide', 'text', 'leave out matching frames'],
    ['show', 'text', 'only matching frames'],
    ['show_from', 'text', 'nothing above the highest match'],
    ['prune_from', 'text', 'nothing below the match'],
    ['tagfocus', 'text', 'only samples with a label in range or matching'],
    ['tagignore', 'text', 'no samples with a label in range or matching'],
    ['tagshow', 'text', 'only labels whose key matches'],
    ['taghide', 'text', 'no labels whose key matches'],
    ['tagroot', 'text', 'labels (comma-separated keys) as frames at the root'],
    ['tagleaf', 'text', 'labels as frames at the leaf'],
    ['nodecount', 'int', 'at most so many nodes'],
    ['nodefraction', 'float', 'leave out nodes below this share'],
    ['edgefraction', 'float', 'leave out edges below this share'],
    ['trim', 'bool', 'honour the three above (default true)'],
    ['drop_negative', 'bool', 'leave out negative differences'],
    ['noinlines', 'bool', 'count inlined functions to their caller'],
  ]),
  ...flags('Display', [
    ['flat', 'bool', 'sort by own value (default)'],
    ['cum', 'bool', 'sort by cumulative value'],
    ['functions', 'bool', 'a node is a function (default)'],
    ['filefunctions', 'bool', 'a node is a function of a file'],
    ['files', 'bool', 'a node is a file'],
    ['lines', 'bool', 'a node is a line'],
    ['addresses', 'bool', 'a node is an address'],
    ['showcolumns', 'bool', 'columns with lines'],
    ['call_tree', 'bool', 'a tree of calls instead of a graph (-dot, -callgrind)'],
    ['relative_percentages', 'bool', 'percentages of what the filters left'],
    ['compact_labels', 'bool', 'short header'],
    ['source_path', 'text', 'where to look for source files'],
    ['trim_path', 'text', 'prefix to cut from source files first'],
  ]),
  ...refused(
    'gif pdf png ps svg eog evince gv web kcachegrind',
    'bool',
    'pictures are not drawn here: pipe -dot into Graphviz, or open an HTML report',
  ),
  ...refused('weblist disasm', 'text', 'it needs the binary and a disassembler: use go tool pprof'),
  ...refused('http', 'text', 'there is no viewer here: open an HTML report, or use go tool pprof'),
  ...refused('no_browser intel_syntax', 'bool', 'it belongs to a form that is not here'),
  ...refused('tools', 'text', 'binaries are not read here'),
];

export interface ParsedFlags {
  readonly sources: readonly string[];
  readonly help: boolean;
  has(name: string): boolean;
  bool(name: string): boolean | undefined;
  number(name: string): number | undefined;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
}

/**
 * Reads argv in the grammar of Go's flag package: -f, --f, -f=v, -f v; a lone `--` ends flags. Unlike there, flags
 * may also follow the profiles. Throws TM_USAGE that names the flag.
 */
export function parseFlags(argv: readonly string[]): ParsedFlags {
  const byName = new Map(PPROF_FLAGS.map((f) => [f.name, f]));
  const values = new Map<string, (string | number | boolean)[]>();
  const sources: string[] = [];
  let help = false;
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') {
      sources.push(...argv.slice(i + 1));
      break;
    }
    if (arg.length < 2 || arg[0] !== '-') {
      sources.push(arg);
      continue;
    }
    const body = arg.startsWith('--') ? arg.slice(2) : arg.slice(1);
    if (body === '' || body[0] === '-' || body[0] === '=') throw usage(`bad flag syntax: ${arg}`);
    const equals = body.indexOf('=');
    const name = equals < 0 ? body : body.slice(0, equals);
    if (name === 'help' || name === 'h') {
      help = true;
      continue;
    }
    const flag = byName.get(name);
    if (!flag) throw usage(`flag provided but not defined: -${name}`);
    if (flag.refused) throw usage(`-${name} is not supported: ${flag.refused}`);
    let raw: string;
    if (equals >= 0) raw = body.slice(equals + 1);
    else if (flag.type === 'bool') raw = 'true';
    else {
      i++;
      if (i >= argv.length) throw usage(`flag needs an argument: -${name}`);
      raw = argv[i]!;
    }
    const value = convert(flag, raw);
    const known = values.get(name);
    if (known && flag.type === 'list') known.push(value);
    else values.set(name, [value]);
  }
  const last = <T>(name: string) => values.get(name)?.at(-1) as T | undefined;
  return {
    sources,
    help,
    has: (name) => values.has(name),
    bool: (name) => last<boolean>(name),
    number: (name) => last<number>(name),
    text: (name) => last<string>(name),
    list: (name) => (values.get(name) as string[] | undefined) ?? [],
  };
}

function convert(flag: PprofFlag, raw: string): string | number | boolean {
  const invalid = (what: string) => usage(`invalid ${what} value "${raw}" for flag -${flag.name}`);
  switch (flag.type) {
    case 'bool':
      if (/^(?:1|t|T|TRUE|true|True)$/.test(raw)) return true;
      if (/^(?:0|f|F|FALSE|false|False)$/.test(raw)) return false;
      throw invalid('boolean');
    case 'int': {
      const value = Number(raw.replace(/^\+/, ''));
      if (raw.trim() !== raw || raw === '' || !Number.isSafeInteger(value)) throw invalid('integer');
      return value;
    }
    case 'float': {
      const value = Number(raw.replace(/^\+/, ''));
      if (raw.trim() !== raw || raw === '' || Number.isNaN(value)) throw invalid('number');
      return value;
    }
    default:
      return raw;
  }
}

function usage(message: string): TidemarkError {
  return new TidemarkError('TM_USAGE', message, { advice: 'Run: tidemark pprof --help' });
}
