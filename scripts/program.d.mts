import type { ChildProcess } from 'node:child_process';

export interface RunningProgram {
  readonly address: string;
  /** Where go/tidemark answers: with --sdk among the arguments. */
  readonly sdk: string | null;
  readonly child: ChildProcess;
  stop(): void;
}
export function startProgram(
  binary: string,
  args: readonly string[],
  options?: { stderr?: 'ignore' | 'inherit' },
): Promise<RunningProgram>;
