#!/usr/bin/env node
/** The entry of the command line: small, so that --help and --version load nothing else (docs/decisions/cli-chunks.md). */
import { terminalIo } from '../base/io.js';
import { VERSION } from '../base/version.js';
import { COMMANDS } from './table.js';

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const { commandHelp, mainHelp } = await import('./help.js');
    const entry = name === 'help' ? COMMANDS.find((c) => c.name === rest[0]) : undefined;
    const loaded = await entry?.load();
    if (loaded && 'runRaw' in loaded) return loaded.runRaw(['--help'], terminalIo());
    process.stdout.write(loaded ? commandHelp(loaded.spec) : mainHelp());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v' || name === 'version') {
    process.stdout.write(`tidemark ${VERSION}\n`);
    return 0;
  }
  const { runCommand } = await import('./run.js');
  return runCommand(name, rest, terminalIo());
}

// exitCode instead of exit(): a pipe's last bytes are still on their way.
main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error);
    process.exitCode = 2;
  },
);
