import type { CommandEntry, CommandSpec, OptionSpec } from './command.js';
import { COMMANDS } from './table.js';

/** The page behind `tidemark --help`: one screen, grouped by what somebody wants to do. */
export function mainHelp(): string {
  const groups: CommandEntry['group'][] = ['Look', 'Source', 'Prove', 'Run', 'Help'];
  const rows = groups.flatMap((group) => {
    const commands = COMMANDS.filter((c) => c.group === group);
    if (commands.length === 0) return [];
    return wrap(
      commands.map((c) => `${c.name} ${c.usage}`.trim()),
      70,
    ).map((line, i) => `${(i === 0 ? group : '').padEnd(9)}${line}`);
  });
  return [
    'Tidemark finds memory and goroutine leaks in Go services, and proves the fix.',
    '  tidemark diagnose http://localhost:6060     watch a minute, name the line',
    '  tidemark <command> --help                   options and examples of a command',
    '',
    ...rows,
    'Output   --json  --html FILE  --quiet  --no-color',
    'Exit     0 clean · 1 findings · 2 usage or tool · 3 cannot tell yet · 4 unreachable',
    'No telemetry. Nothing leaves this machine unless you name a destination.',
    '',
  ].join('\n');
}

/** The page behind `tidemark <command> --help`. */
export function commandHelp(spec: CommandSpec): string {
  const lines = [spec.summary, '', `Usage: tidemark ${spec.name} [options] ${spec.usage}`.trimEnd()];
  if (spec.description) lines.push('', spec.description);
  if (spec.examples.length > 0) {
    const width = Math.max(...spec.examples.map((e) => e.command.length));
    lines.push('', 'Examples:', ...spec.examples.map((e) => `  ${e.command.padEnd(width)}   ${e.says}`));
  }
  if (spec.options.length > 0) {
    const heads = spec.options.map(optionHead);
    const width = Math.min(34, Math.max(...heads.map((h) => h.length)));
    lines.push('', 'Options:');
    spec.options.forEach((option, i) => {
      const extra = [
        option.choices ? `one of ${option.choices.join(', ')}` : '',
        option.default !== undefined ? `default ${option.default}` : '',
      ].filter(Boolean);
      lines.push(`  ${heads[i]!.padEnd(width)}  ${option.summary}${extra.length ? ` (${extra.join('; ')})` : ''}`);
    });
  }
  return `${lines.join('\n')}\n`;
}

function optionHead(option: OptionSpec): string {
  const short = option.short ? `-${option.short}, ` : '    ';
  return `${short}--${option.name}${option.type === 'flag' ? '' : ` ${option.value ?? option.type.toUpperCase()}`}`;
}

function wrap(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length + 3 <= width) lines[lines.length - 1] = `${last}   ${item}`;
    else lines.push(item);
  }
  return lines;
}
