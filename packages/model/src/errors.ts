/**
 * The one catalogue of known errors. It lives in `model` because the engines throw from it too and may
 * import nothing else. Codes are never reused; docs/errors.md is generated from this table.
 *
 * `exit` is the process exit code that the command line answers with (docs/exit-codes.md).
 */
export interface ErrorEntry {
  readonly title: string;
  /** What the user can do about it: one sentence, imperative. */
  readonly advice: string;
  readonly exit: 2 | 4;
}

export const ERRORS = {
  TM_USAGE: {
    title: 'The command was called in a way that it does not know',
    advice: 'Run the command with --help: it lists every option with an example.',
    exit: 2,
  },
  TM_FILE_NOT_FOUND: {
    title: 'A file or directory does not exist or cannot be read',
    advice: 'Check the path and its permissions.',
    exit: 2,
  },
  TM_FILE_EMPTY: {
    title: 'A file is empty',
    advice: 'Capture it again: an interrupted download often leaves an empty file.',
    exit: 2,
  },
  TM_NOT_A_PROFILE: {
    title: 'The input is no profile, goroutine dump or other form that Tidemark reads',
    advice: 'Save it with: curl -o heap.pb.gz http://HOST:PORT/debug/pprof/heap',
    exit: 2,
  },
  TM_PROFILE_CORRUPT: {
    title: 'The profile is damaged: it ends early or contradicts itself',
    advice: 'Capture it again; a connection that broke in the middle leaves such a file.',
    exit: 2,
  },
  TM_LIMIT: {
    title: 'The input is larger than a limit allows',
    advice: 'Raise the limit that the message names if you trust the input.',
    exit: 2,
  },
  TM_SERIES_MALFORMED: {
    title: 'A line or document of measured series cannot be read',
    advice: 'Compare it with the form that docs/growth.md shows; other lines are judged all the same.',
    exit: 2,
  },
  TM_WRONG_PROFILE_TYPE: {
    title: 'The profile is of another type than the command needs',
    advice: 'Give a heap profile (/debug/pprof/heap) or a goroutine profile (/debug/pprof/goroutine).',
    exit: 2,
  },
  TM_ONE_SNAPSHOT: {
    title: 'One snapshot cannot show growth',
    advice: 'Give a second snapshot of the same process, taken later, or the address of the live service.',
    exit: 2,
  },
  TM_DIFFERENT_PROGRAMS: {
    title: 'The snapshots come from different programs',
    advice: 'Compare snapshots of one program; check which file came from where.',
    exit: 2,
  },
  TM_UNREACHABLE: {
    title: 'The target does not answer',
    advice: 'Check host and port, and that the service runs and listens there.',
    exit: 4,
  },
  TM_TIMEOUT: {
    title: 'The target did not answer in time',
    advice: 'Give it longer with --timeout, or look at whether the service is stalled.',
    exit: 4,
  },
  TM_AUTH_REQUIRED: {
    title: 'The target wants authentication',
    advice: 'Pass a header: --header "Authorization: Bearer TOKEN".',
    exit: 4,
  },
  TM_TLS_UNTRUSTED: {
    title: "The target's TLS certificate is not trusted",
    advice: 'Pass its authority with --ca FILE; --insecure skips the check for a test.',
    exit: 4,
  },
  TM_PPROF_ABSENT: {
    title: 'The target answers, but has no pprof handlers',
    advice: 'Add import _ "net/http/pprof" to the service, or give the address where they are served.',
    exit: 4,
  },
  TM_NOT_GO: {
    title: 'The target does not look like a Go service',
    advice: 'Give the address of the pprof handlers of a Go program, e.g. http://127.0.0.1:6060.',
    exit: 4,
  },
  TM_RESPONSE_CUT: {
    title: 'The answer of the target ended in the middle',
    advice: 'Try again; if it repeats, look for a proxy with a size or time limit in between.',
    exit: 4,
  },
  TM_TARGET_ERROR: {
    title: 'The target answered with an error',
    advice: 'The message holds its status and first line: look into the log of the service.',
    exit: 4,
  },
  TM_TARGET_GONE: {
    title: 'The target went away while it was watched',
    advice: 'What was captured is kept and judged; look at why the service ended.',
    exit: 4,
  },
  TM_TARGET_REFUSED: {
    title: 'The address of the target is not allowed',
    advice: 'Only http and https addresses are read; see --help for what can be given.',
    exit: 4,
  },
  TM_SCHEMA_NEWER: {
    title: 'A document was written by a newer Tidemark',
    advice: 'Update Tidemark, or write the document again with this version.',
    exit: 2,
  },
  TM_CONFIG: {
    title: 'The configuration is not valid',
    advice: 'Correct the key that the message names; `tidemark config --origin` shows where values come from.',
    exit: 2,
  },
  TM_WRITE_FAILED: {
    title: 'A file could not be written',
    advice: 'Check permissions and free space; nothing half-written is left behind.',
    exit: 2,
  },
  TM_TOOL_MISSING: {
    title: 'A tool that this command needs is not installed',
    advice: 'Run `tidemark doctor`: it names what is missing and how to get it.',
    exit: 2,
  },
  TM_SOURCE_BROKEN: {
    title: 'No Go package could be read: the source does not compile',
    advice: 'Make `go build` pass; packages that compile are read even where others do not.',
    exit: 2,
  },
  TM_NO_MODULE: {
    title: 'The folder belongs to no Go module',
    advice: 'Work in the folder of a module, or name its packages; go mod init makes one.',
    exit: 2,
  },
  TM_NO_PACKAGES: {
    title: 'No Go package matches',
    advice:
      'Check the packages that were named, and that build tags, GOOS, GOARCH and CGO_ENABLED leave files to read.',
    exit: 2,
  },
  TM_MODULE_INCOMPLETE: {
    title: 'The go command cannot find all modules that the source imports',
    advice: 'Run `go mod tidy`, or `go mod vendor` where modules are vendored, until `go build` passes.',
    exit: 2,
  },
  TM_GO_VERSION: {
    title: 'The module needs another version of Go than the one that is installed',
    advice: 'Install that version, or let the go command fetch it: GOTOOLCHAIN=auto.',
    exit: 2,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** A known error: printed without a stack, as `message (code)` and the catalogue's advice. */
export class TidemarkError extends Error {
  readonly code: ErrorCode;
  /** Advice for this very case, where it is better than the catalogue's. */
  readonly advice: string;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; advice?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TidemarkError';
    this.code = code;
    this.advice = options.advice ?? ERRORS[code].advice;
  }

  get exitCode(): 2 | 4 {
    return ERRORS[this.code].exit;
  }
}

/** True for a known error; unknown ones are rethrown by whoever catches. */
export function isTidemarkError(error: unknown, code?: ErrorCode): error is TidemarkError {
  return error instanceof TidemarkError && (code === undefined || error.code === code);
}
