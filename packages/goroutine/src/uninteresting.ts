import { isStandardLibrary, packageOf, type StackGroup } from '@tidemark/model';
import { type WaitKind, waitKind } from './wait.js';

/** A kind of goroutine that waits by design: it is counted, but no leak. */
export interface Uninteresting {
  readonly id: string;
  /** Said to whoever asks why these are not shown. */
  readonly why: string;
  /** All of these functions must be in the stack. */
  readonly has?: readonly string[];
  /** None of these may be. */
  readonly lacks?: readonly string[];
  /** What it must wait in. */
  readonly waits?: readonly WaitKind[];
  /** False: frames of other code than the standard library's may be in it (default: they make it interesting). */
  readonly standardOnly?: boolean;
}

/** Functions are named as Sites name them. Own entries can be given beside these. */
export const UNINTERESTING: readonly Uninteresting[] = [
  {
    id: 'http-server-idle',
    why: 'a connection of the HTTP server waits for its next request',
    has: ['net/http.(*conn).serve', 'bufio.(*Reader).Peek'],
    waits: ['io'],
  },
  {
    id: 'http-server-read',
    why: 'a connection of the HTTP server reads a request',
    has: ['net/http.(*conn).readRequest'],
    waits: ['io'],
  },
  {
    id: 'http-background-read',
    why: 'the HTTP server watches whether the client of a running handler leaves',
    has: ['net/http.(*connReader).backgroundRead'],
  },
  {
    id: 'http-client-idle',
    why: 'an idle connection in the pool of the HTTP client',
    has: ['net/http.(*persistConn).readLoop', 'bufio.(*Reader).Peek'],
    waits: ['io'],
  },
  {
    id: 'http-client-write-loop',
    why: 'the write side of a connection of the HTTP client; its read side says whether it is in use',
    has: ['net/http.(*persistConn).writeLoop'],
    waits: ['select'],
  },
  {
    id: 'accept',
    why: 'a listener waits for the next connection',
    has: ['net.(*netFD).accept'],
    waits: ['io'],
    standardOnly: false,
  },
  { id: 'signals', why: 'the loop of os/signal', has: ['os/signal.loop'] },
  {
    id: 'profile-request',
    why: 'the request that this very dump answers',
    has: ['runtime/pprof.writeGoroutineStacks'],
    standardOnly: false,
  },
  {
    id: 'profile-request',
    why: 'the request that this very profile answers',
    has: ['runtime/pprof.writeRuntimeProfile'],
    standardOnly: false,
  },
  { id: 'profile-request', why: 'the CPU profile that is being taken', has: ['runtime/pprof.profileWriter'] },
  {
    id: 'test-waits',
    why: 'a test waits for its parts',
    has: ['testing.(*T).Run'],
    waits: ['chan receive'],
    standardOnly: false,
  },
  {
    id: 'sql-opener',
    why: 'the connection opener of an open database pool',
    has: ['database/sql.(*DB).connectionOpener'],
  },
];

/** Why a group is uninteresting, or null: it is not. The runtime's own goroutines always are. */
export function uninteresting(
  group: StackGroup,
  list: readonly Uninteresting[] = UNINTERESTING,
): { readonly id: string; readonly why: string } | null {
  if (isRuntimeOwn(group)) return { id: 'runtime', why: 'a goroutine of the Go runtime itself' };
  const functions = new Set(group.frames.map((frame) => frame.function));
  const standard = group.frames.every((frame) => isStandardLibrary(frame.function));
  const kind = waitKind(group);
  for (const entry of list) {
    if ((entry.standardOnly ?? true) && !standard) continue;
    if (entry.waits && !entry.waits.includes(kind)) continue;
    if (entry.lacks?.some((name) => functions.has(name))) continue;
    if (entry.has?.every((name) => functions.has(name))) return entry;
  }
  return null;
}

/** All frames are the runtime's, and so is who started it. Goroutine 1 blocked for ever is `main.main`, not this. */
function isRuntimeOwn(group: StackGroup): boolean {
  if (group.creator && packageOf(group.creator.function) !== 'runtime') return false;
  return group.frames.length > 0 && group.frames.every((frame) => packageOf(frame.function) === 'runtime');
}
