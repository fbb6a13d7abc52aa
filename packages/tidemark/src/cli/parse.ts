import { TidemarkError } from '@tidemark/model';
import { Command, CommanderError, Option } from 'commander';
import type { Io } from '../base/io.js';
import {
  type Call,
  type CommandEntry,
  type CommandSpec,
  convert,
  type OptionSpec,
  type OptionValue,
} from './command.js';
import { type Config, loadConfig } from './config.js';

/** Flags > TIDEMARK_* > tidemark.yaml > defaults; `origin` remembers which of them spoke. */
export async function parseCall(
  spec: CommandSpec,
  argv: readonly string[],
  io: Io,
  commands: readonly CommandEntry[],
): Promise<Call | 'help'> {
  const program = new Command(spec.name)
    .exitOverride()
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'show this help')
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .argument('[arguments...]');
  for (const option of spec.options) program.addOption(toCommander(option));
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed' || error.code === 'commander.help') return 'help';
    throw new TidemarkError('TM_USAGE', error.message.replace(/^error: /, ''), {
      advice: `Run: tidemark ${spec.name} --help`,
    });
  }
  const args = program.args;
  const { min, max } = spec.arguments;
  if (args.length < min || args.length > max) {
    const wants = min === max ? `${min}` : max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`;
    throw new TidemarkError(
      'TM_USAGE',
      `tidemark ${spec.name} takes ${wants} argument${wants === '1' ? '' : 's'}, not ${args.length}`,
      {
        advice: `Usage: tidemark ${spec.name} ${spec.usage}`,
      },
    );
  }
  return { ...(await resolveOptions(spec, args, program.opts(), io)), commands };
}

function toCommander(option: OptionSpec): Option {
  const short = option.short ? `-${option.short}, ` : '';
  const value = option.type === 'flag' ? '' : ` <${option.value ?? option.type}>`;
  // `--no-x` is a flag of that name with us, not commander's negation, so its attribute is renamed.
  const out = new Option(`${short}--${option.name}${value}`, option.summary);
  out.attributeName = () => option.name;
  out.negate = false;
  if (option.type === 'list') out.argParser((raw: string, before: string[] | undefined) => [...(before ?? []), raw]);
  return out;
}

/** What an option is set to where no flag says it, and who says so: environment, then the file, then the default. */
export function settingOf(
  option: OptionSpec,
  env: Io['env'],
  config: Config,
): { readonly raw: unknown; readonly from: string } {
  const variable = `TIDEMARK_${option.name.toUpperCase().replaceAll('-', '_')}`;
  if (env[variable] !== undefined) return { raw: env[variable], from: variable };
  const inFile = config.values[option.name];
  if (inFile !== undefined) return { raw: inFile, from: config.path ?? 'tidemark.yaml' };
  return { raw: option.default, from: option.default === undefined ? 'not set' : 'default' };
}

async function resolveOptions(
  spec: CommandSpec,
  args: readonly string[],
  flags: Record<string, unknown>,
  io: Io,
): Promise<Omit<Call, 'commands'>> {
  const config = await loadConfig(io.cwd, spec.name);
  const values = new Map<string, OptionValue>();
  const origin: Record<string, string> = {};
  for (const option of spec.options) {
    const given = flags[option.name];
    const { raw, from } =
      given !== undefined ? { raw: given, from: `--${option.name}` } : settingOf(option, io.env, config);
    if (raw === undefined) continue;
    origin[option.name] = from;
    if (option.type === 'list') values.set(option.name, (Array.isArray(raw) ? raw : [raw]).map(String));
    else values.set(option.name, raw === true || raw === false ? raw : convert(option, String(raw)));
  }
  const get = <T extends OptionValue>(name: string): T | undefined => {
    if (!spec.options.some((o) => o.name === name)) throw new Error(`tidemark ${spec.name} has no option --${name}`);
    return values.get(name) as T | undefined;
  };
  return {
    io: values.get('no-color') === true ? { ...io, color: false } : io,
    args,
    origin,
    has: (name) => get(name) !== undefined,
    flag: (name) => get<boolean>(name) === true,
    text: (name) => get<string>(name),
    list: (name) => get<readonly string[]>(name) ?? [],
    number: (name) => get<number>(name),
    bytes: (name) => get<number>(name),
    duration: (name) => get<number>(name),
  };
}
