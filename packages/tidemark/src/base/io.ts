/** Where a command reads and writes, so that it runs the same in a terminal, a pipe and a test. */
export interface Io {
  readonly stdout: { write(chunk: string | Uint8Array): unknown };
  readonly stderr: { write(chunk: string | Uint8Array): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether stderr is a terminal: progress is redrawn in place only there. */
  readonly interactive: boolean;
  /** Whether stdout takes colours (a terminal, no NO_COLOR, no --no-color). */
  readonly color: boolean;
  /** Width of the terminal in characters; 100 where there is none. */
  readonly columns: number;
  /** Aborted by the first Ctrl-C: a command then ends early and judges what it has. */
  readonly signal: AbortSignal;
}

/** The real terminal. The first SIGINT or SIGTERM aborts `signal`, the second one ends the process. */
export function terminalIo(): Io {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  // A reader that went away (`tidemark … | head`) is no error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const { env } = process;
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env,
    cwd: process.cwd(),
    interactive: process.stderr.isTTY === true && env['CI'] === undefined,
    color: !env['NO_COLOR'] && (forced || (process.stdout.isTTY === true && env['TERM'] !== 'dumb')),
    columns: process.stdout.columns ?? 100,
    signal: controller.signal,
  };
}
