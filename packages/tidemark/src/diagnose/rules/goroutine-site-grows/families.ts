import type { Frame } from '@tidemark/model';

/**
 * What it means when goroutines gather inside a library: the place where they wait says nothing about who is to
 * blame, but which library it is says what was forgotten. `entry` matches the library's functions that the
 * program called to get there; the program's own frame above it is the place to change.
 */
export interface Family {
  readonly id: string;
  readonly waits: RegExp;
  /** Stacks of allocations that belong to the same leak. */
  readonly allocates: RegExp;
  readonly entry: RegExp;
  /** Whether those that wait by design count too: an idle connection is healthy, an idle opener of a DB is one DB more. */
  readonly countsIdle: boolean;
  readonly cause: string;
  readonly fix: string;
}

export const FAMILIES: readonly Family[] = [
  {
    id: 'http-response-body',
    waits:
      /^net\/http\.(?:\(\*persistConn\)\.(?:readLoop|writeLoop)|\(\*http2ClientConn\)\.readLoop|\(\*http2clientConnReadLoop\))/,
    allocates: /^net\/http\.\(\*(?:Transport\)\.dialConn|persistConn\)|http2Transport\))/,
    entry: /^net\/http\.(?:\(\*Client\)\.|\(\*Transport\)\.RoundTrip|Get$|Post$|Head$|PostForm$)/,
    countsIdle: false,
    cause:
      'each HTTP client connection keeps two goroutines until its response body is closed; they gather when bodies are not closed, or when every request has a Transport of its own',
    fix: 'defer resp.Body.Close() after every successful request, read the body to its end, and share one http.Client',
  },
  {
    id: 'sql-rows',
    waits: /^database\/sql\.\(\*(?:Rows|Tx)\)\.awaitDone/,
    allocates: /^database\/sql\./,
    entry: /^database\/sql\.\(\*(?:DB|Conn|Tx|Stmt)\)\.(?:Query|Begin)/,
    countsIdle: true,
    cause: 'database/sql starts a goroutine for every Rows or Tx whose context can end; it stays until that is closed',
    fix: 'defer rows.Close() after every query, and end every transaction with Commit or Rollback',
  },
  {
    id: 'sql-open',
    waits: /^database\/sql\.\(\*DB\)\.connection(?:Opener|Cleaner)/,
    allocates: /^database\/sql\.Open/,
    entry: /^database\/sql\.Open/,
    countsIdle: true,
    cause: 'every sql.DB keeps a goroutine that opens connections; a DB is opened again and again and never closed',
    fix: 'open one sql.DB for the life of the program, or close each one',
  },
  {
    id: 'exec-wait',
    waits: /^os\/exec\.\(\*Cmd\)\./,
    allocates: /^os\/exec\./,
    entry: /^os\/exec\.\(\*Cmd\)\.(?:Start|Run|Output)/,
    countsIdle: true,
    cause: 'goroutines that copy a command’s output, or watch its context, stay until Wait is called',
    fix: 'call cmd.Wait() after every cmd.Start()',
  },
];

/** The family that a stack waits in; only stacks without code of the program itself are asked. */
export function familyOf(stack: readonly Frame[]): Family | undefined {
  return FAMILIES.find((family) => stack.some((frame) => family.waits.test(frame.function)));
}
