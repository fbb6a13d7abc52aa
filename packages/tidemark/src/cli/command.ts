import { TidemarkError } from '@tidemark/model';
import type { Io } from '../base/io.js';
import { parseBytes, parseDuration } from '../base/units.js';

/** How an option's text becomes a value; the names are also what help and completion show. */
export type OptionType = 'flag' | 'text' | 'list' | 'number' | 'bytes' | 'duration' | 'file' | 'directory';

/**
 * One option of a command. This table drives the parser, --help, completion, docs/commands and the
 * configuration file, so an option is written once.
 */
export interface OptionSpec {
  /** Long name without dashes: `for`, `no-color`. Also its key in tidemark.yaml and TIDEMARK_<NAME>. */
  readonly name: string;
  readonly type: OptionType;
  readonly summary: string;
  /** What stands for the value in help: `DURATION`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly short?: string;
}

export interface CommandSpec {
  readonly name: string;
  /** Positional arguments as help shows them: `<url|file…>`. */
  readonly usage: string;
  readonly summary: string;
  readonly description?: string;
  readonly arguments: { readonly min: number; readonly max: number; readonly type?: 'file' | 'url' | 'text' };
  readonly options: readonly OptionSpec[];
  readonly examples: readonly { readonly command: string; readonly says: string }[];
  run(call: Call): Promise<number>;
}

/** One line of the top-level help and how to load what stands behind it. Nothing is loaded to print help. */
export interface CommandEntry {
  readonly name: string;
  readonly usage: string;
  readonly group: 'Look' | 'Source' | 'Prove' | 'Run' | 'Help' | 'hidden';
  readonly load: () => Promise<LoadedCommand>;
}

/** A command described by a table of options, or one that reads its own argv (pprof speaks Go's flag grammar). */
export type LoadedCommand =
  | { readonly spec: CommandSpec }
  | { readonly runRaw: (argv: readonly string[], io: Io) => Promise<number>; readonly options: readonly string[] };

export type OptionValue = string | number | boolean | readonly string[];

/** A parsed call. Getters name the type, so that a command reads `call.duration('for')`. */
export interface Call {
  readonly io: Io;
  readonly args: readonly string[];
  readonly origin: Readonly<Record<string, string>>;
  /** Every command there is, for those that speak about the others. */
  readonly commands: readonly CommandEntry[];
  has(name: string): boolean;
  flag(name: string): boolean;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  number(name: string): number | undefined;
  /** In bytes. */
  bytes(name: string): number | undefined;
  /** In milliseconds. */
  duration(name: string): number | undefined;
}

/** One raw value → its type; TM_USAGE with the option's name where it does not fit. */
export function convert(option: OptionSpec, raw: string): OptionValue {
  const what = `--${option.name}`;
  if (option.choices && !option.choices.includes(raw)) {
    throw new TidemarkError('TM_USAGE', `${what}: "${raw}" is not one of ${option.choices.join(', ')}`);
  }
  switch (option.type) {
    case 'flag': {
      if (/^(?:1|true|yes|on)$/i.test(raw)) return true;
      if (/^(?:0|false|no|off|)$/i.test(raw)) return false;
      throw new TidemarkError('TM_USAGE', `${what}: "${raw}" is neither true nor false`);
    }
    case 'number': {
      const value = Number(raw);
      if (raw.trim() === '' || !Number.isFinite(value)) {
        throw new TidemarkError('TM_USAGE', `${what}: "${raw}" is no number`);
      }
      return value;
    }
    case 'bytes':
      return parseBytes(raw, what);
    case 'duration':
      return parseDuration(raw, what);
    default:
      return raw;
  }
}
