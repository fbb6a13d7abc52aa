import { PPROF_FLAGS, type PprofFlag } from './flags.js';

const GROUPS: readonly [PprofFlag['group'], string][] = [
  ['Formats', 'Formats (exactly one)'],
  ['Sources', 'Sources'],
  ['Values', 'Values'],
  ['Filters', 'Filters'],
  ['Display', 'Display'],
];

/** The help of `tidemark pprof`, from the table of flags. */
export function pprofHelp(): string {
  const lines = [
    'Reports of profiles in the words of go tool pprof, without Go.',
    '  tidemark pprof -top heap.pb.gz',
    "  tidemark pprof -peek 'cache' -sample_index=alloc_space http://127.0.0.1:6060/debug/pprof/heap",
    '  tidemark pprof -top -diff_base before.pb.gz after.pb.gz',
    '',
    'Usage: tidemark pprof <format> [flags] <profile|url>…      several profiles are added up',
  ];
  for (const [group, title] of GROUPS) {
    lines.push('', title);
    for (const f of PPROF_FLAGS.filter((flag) => flag.group === group)) {
      const value = { bool: '', int: ' N', float: ' F', text: ' S', list: ' SOURCE' }[f.type];
      lines.push(`  ${`-${f.name}${value}`.padEnd(24)} ${f.summary}`);
    }
  }
  const absent = PPROF_FLAGS.filter((f) => f.refused).map((f) => `-${f.name}`);
  lines.push('', `Not here, and refused by name: ${absent.join(' ')}, and the interactive shell.`, '');
  return lines.join('\n');
}

/** For completion: every flag that works. */
export const PPROF_OPTION_NAMES: readonly string[] = PPROF_FLAGS.filter((f) => !f.refused).map((f) => `-${f.name}`);
