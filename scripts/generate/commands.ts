import type { CommandSpec } from '../../packages/tidemark/src/cli/command.js';
import { COMMANDS } from '../../packages/tidemark/src/cli/table.js';

/** docs/commands/<name>.md for every command that is described by a table; the others write their own page. */
export async function commandPages(): Promise<Record<string, string>> {
  const pages: Record<string, string> = {};
  for (const entry of COMMANDS) {
    const loaded = await entry.load();
    if ('spec' in loaded) pages[`docs/commands/${entry.name}.md`] = page(loaded.spec);
  }
  return pages;
}

function page(spec: CommandSpec): string {
  const lines = [
    `# tidemark ${spec.name}`,
    '',
    spec.summary,
    '',
    '```',
    `tidemark ${spec.name} [options] ${spec.usage}`.trimEnd(),
    '```',
    '',
  ];
  if (spec.description) lines.push(spec.description, '');
  if (spec.examples.length > 0) {
    lines.push('## Examples', '');
    for (const example of spec.examples) lines.push(`    ${example.command}    # ${example.says}`);
    lines.push('');
  }
  if (spec.options.length > 0) {
    lines.push('## Options', '', '| option | meaning | default |', '| --- | --- | --- |');
    for (const option of spec.options) {
      const value = option.type === 'flag' ? '' : ` ${option.value ?? option.type.toUpperCase()}`;
      const choices = option.choices ? ` One of: ${option.choices.join(', ')}.` : '';
      lines.push(`| \`--${option.name}${value}\` | ${option.summary}.${choices} | ${option.default ?? ''} |`);
    }
    lines.push('');
  }
  lines.push('Every option can also be set as `TIDEMARK_<NAME>` in the environment or in `tidemark.yaml`;');
  lines.push('`tidemark config` shows where a value comes from. Generated from the command’s option table.', '');
  return lines.join('\n');
}
