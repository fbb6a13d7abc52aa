import { TidemarkError } from '@tidemark/model';
import type { Call, CommandSpec } from '../command.js';

export const completionCommand: CommandSpec = {
  name: 'completion',
  usage: '<bash|zsh|fish>',
  summary: 'Write a completion script for a shell, from the same table as the options.',
  arguments: { min: 1, max: 1, type: 'text' },
  options: [],
  examples: [
    { command: 'tidemark completion bash > ~/.local/share/bash-completion/completions/tidemark', says: 'bash' },
    { command: 'tidemark completion fish > ~/.config/fish/completions/tidemark.fish', says: 'fish' },
  ],
  run: completion,
};

interface Words {
  readonly name: string;
  readonly options: readonly string[];
}

async function completion(call: Call): Promise<number> {
  const commands: Words[] = [];
  for (const entry of call.commands.filter((c) => c.group !== 'hidden')) {
    const loaded = await entry.load();
    const options = 'spec' in loaded ? loaded.spec.options.map((o) => `--${o.name}`) : loaded.options;
    commands.push({ name: entry.name, options: [...options, '--help'] });
  }
  const writer = WRITERS[call.args[0] as keyof typeof WRITERS];
  if (!writer) {
    throw new TidemarkError('TM_USAGE', `no completion for "${call.args[0]}": bash, zsh and fish are known`);
  }
  call.io.stdout.write(writer(commands));
  return 0;
}

const WRITERS = {
  bash: (commands: readonly Words[]) => `_tidemark() {
  local current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map((c) => c.name).join(' ')}" -- "$current"))
    return
  fi
  case "$current" in
    -*) case "\${COMP_WORDS[1]}" in
${commands.map((c) => `      ${c.name}) COMPREPLY=($(compgen -W "${c.options.join(' ')}" -- "$current")) ;;`).join('\n')}
      esac ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _tidemark tidemark
`,
  zsh: (commands: readonly Words[]) => `#compdef tidemark
if (( CURRENT == 2 )); then
  compadd ${commands.map((c) => c.name).join(' ')}
elif [[ "\${words[CURRENT]}" == -* ]]; then
  case "\${words[2]}" in
${commands.map((c) => `    ${c.name}) compadd -- ${c.options.join(' ')} ;;`).join('\n')}
  esac
else
  _files
fi
`,
  fish: (commands: readonly Words[]) =>
    `${[
      ...commands.map((c) => `complete -c tidemark -n __fish_use_subcommand -a ${c.name}`),
      ...commands.flatMap((c) =>
        c.options.map(
          (o) => `complete -c tidemark -n '__fish_seen_subcommand_from ${c.name}' -l ${o.replace(/^--?/, '')}`,
        ),
      ),
    ].join('\n')}\n`,
};
