import { TidemarkError } from '@tidemark/model';
import { type Call, type CommandSpec, convert } from '../command.js';
import { loadConfig } from '../config.js';
import { settingOf } from '../parse.js';

export const configCommand: CommandSpec = {
  name: 'config',
  usage: '[command]',
  summary: 'Show every option of a command, its value, and where the value comes from.',
  arguments: { min: 0, max: 1, type: 'text' },
  options: [{ name: 'origin', type: 'flag', summary: 'show where each value comes from' }],
  examples: [{ command: 'tidemark config diagnose --origin', says: 'values of diagnose with their sources' }],
  run: showConfig,
};

async function showConfig(call: Call): Promise<number> {
  const name = call.args[0] ?? 'diagnose';
  const loaded = await call.commands.find((c) => c.name === name)?.load();
  if (!loaded || !('spec' in loaded)) throw new TidemarkError('TM_USAGE', `"${name}" has no options to show`);
  const config = await loadConfig(call.io.cwd, name);
  for (const option of loaded.spec.options) {
    const { raw, from } = settingOf(option, call.io.env, config);
    const value = raw === undefined ? '' : String(raw);
    if (value !== '' && option.type !== 'list') convert(option, value); // a wrong value is told here as well
    call.io.stdout.write(`${option.name.padEnd(20)} ${value.padEnd(24)}${call.flag('origin') ? from : ''}`.trimEnd());
    call.io.stdout.write('\n');
  }
  return 0;
}
