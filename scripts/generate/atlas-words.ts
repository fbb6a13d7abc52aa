/** What a reader has to know of a pattern beside its code. */
export interface Words {
  /** What runtime and process metrics do, in Prometheus' names. */
  readonly metrics: string;
  readonly why: string;
  readonly fix: string;
  /** Rules that tell it: ids of pages in docs/rules. */
  readonly rules: readonly string[];
}

const HEAP = '`go_memstats_heap_inuse_bytes` and the live heap after each collection rise with the requests';
const GOROUTINES = '`go_goroutines` rises with the requests and does not come back';

/** By name of a subject of go/leaky. */
export const SUBJECT_WORDS: Readonly<Record<string, Words>> = {
  'afterfunc-buffers': {
    metrics: HEAP,
    why: 'A timer keeps its function until it fires, and a function keeps every variable that it names, whole.',
    fix: 'Keep the timer and stop it when the work is done; capture only what is needed.',
    rules: ['heap/closure-retention', 'heap/site-grows'],
  },
  'body-not-closed': {
    metrics: `${GOROUTINES}, three a request; \`process_open_fds\` with it`,
    why: 'A response whose body is neither read to the end nor closed keeps its connection, and the two goroutines that serve it.',
    fix: '`defer resp.Body.Close()` right after the error check.',
    rules: ['resource/http-body', 'goroutine/site-grows'],
  },
  'conn-goroutine': {
    metrics: `${GOROUTINES}; ${HEAP}`,
    why: 'The writer of a connection waits for messages on a channel that nobody closes when the reader has gone.',
    fix: 'Close the channel, or a done channel, where the reader ends.',
    rules: ['goroutine/no-close', 'goroutine/site-grows'],
  },
  'conn-map': {
    metrics: `${HEAP}; \`process_open_fds\` with it`,
    why: 'A hub keeps each connection in a map, and the end of a connection does not take it out.',
    fix: '`defer hub.remove(id)` where the connection is served.',
    rules: ['heap/holder-only-added', 'heap/site-grows'],
  },
  'context-children': {
    metrics: HEAP,
    why: 'A child of a long-lived context stays in its list, with its values, until it is cancelled.',
    fix: '`defer cancel()` right after the context is made.',
    rules: ['resource/cancel', 'heap/site-grows'],
  },
  'file-goroutine': {
    metrics: `${GOROUTINES}; \`process_open_fds\` with it`,
    why: 'The reader of a file sends lines on a channel, and its only receiver took one and left.',
    fix: 'Send in a select with `ctx.Done()`, and cancel when enough was read.',
    rules: ['goroutine/no-receiver', 'goroutine/site-grows'],
  },
  'file-map': {
    metrics: `${HEAP}; \`process_open_fds\` with it`,
    why: 'A file that is kept in a map is never closed by the garbage collector either.',
    fix: 'Close and delete when the session ends.',
    rules: ['resource/file', 'heap/holder-only-added', 'heap/site-grows'],
  },
  'finalizer-cycle': {
    metrics: HEAP,
    why: 'Objects with finalizers that can be reached from themselves are never freed.',
    fix: '`runtime.AddCleanup` with what has to be released as its argument, or no cycle.',
    rules: ['heap/finalizer-cycle', 'heap/site-grows'],
  },
  'lock-held-long': {
    metrics: '`go_goroutines` rises while the holder waits, and falls when it goes on',
    why: 'A lock is held over a call to somebody who may not answer; everybody who wants it queues.',
    fix: 'Take what the call needs out of the locked part, and give the call a time limit.',
    rules: ['goroutine/slow-holder', 'goroutine/held-while-blocked'],
  },
  'lock-never-released': {
    metrics: GOROUTINES,
    why: 'One return forgets the unlock; every later request waits.',
    fix: '`defer mu.Unlock()` right after the lock.',
    rules: ['goroutine/holder-gone', 'goroutine/site-grows'],
  },
  'map-cache': {
    metrics: HEAP,
    why: 'A cache without a bound is a leak with a better name.',
    fix: 'An LRU, or a time to live.',
    rules: ['heap/holder-only-added', 'heap/site-grows'],
  },
  'metric-labels': {
    metrics: `${HEAP}; the number of series on /metrics with it`,
    why: 'A vector keeps a series for every value of a label that it ever saw.',
    fix: 'A label with few values; the id belongs into a log or a trace.',
    rules: ['heap/label-unbounded', 'heap/holder-only-added', 'heap/site-grows'],
  },
  'mmap-offheap': {
    metrics: '`process_resident_memory_bytes` rises, all `go_memstats_*` stay level',
    why: 'Mapped pages are outside of the Go heap: no heap profile has them.',
    fix: '`syscall.Munmap` when the tile is done with.',
    rules: ['process/outside-heap'],
  },
  'pool-huge-buffers': {
    metrics: HEAP,
    why: 'A pool keeps what is put back at the size that it has: one huge answer makes a small buffer huge for good.',
    fix: 'Do not put back what is bigger than a limit.',
    rules: ['heap/pool-oversized', 'heap/site-grows'],
  },
  'request-goroutine': {
    metrics: `${GOROUTINES}; ${HEAP}`,
    why: 'Each request starts a goroutine that waits for an answer that nobody sends.',
    fix: 'Close the channel on every path, or wait in a select with the context of the request.',
    rules: ['goroutine/no-sender', 'goroutine/site-grows'],
  },
  'slice-grows': {
    metrics: HEAP,
    why: 'A history that is only appended to grows for as long as the program runs.',
    fix: 'A ring, or cut what is old into a new array.',
    rules: ['heap/holder-only-added', 'heap/site-grows'],
  },
  'sql-rows': {
    metrics: `${GOROUTINES}; \`go_sql_open_connections\` with it`,
    why: 'Rows that are neither read to the end nor closed keep their connection out of the pool.',
    fix: '`defer rows.Close()` right after the error check.',
    rules: ['resource/sql-rows', 'goroutine/site-grows'],
  },
  'sql-rows-bounded': {
    metrics: '`go_sql_in_use_connections` reaches the limit, then `go_goroutines` rises',
    why: 'With a bounded pool the same mistake stops the service: every request waits for a connection.',
    fix: '`defer rows.Close()` right after the error check.',
    rules: ['resource/sql-rows', 'goroutine/site-grows'],
  },
  subslice: {
    metrics: HEAP,
    why: 'A slice points into the array that it was cut from, and keeps all of it.',
    fix: '`bytes.Clone` of the part.',
    rules: ['heap/subslice-retention', 'heap/site-grows'],
  },
  'syncmap-cache': {
    metrics: HEAP,
    why: 'As many entries as there are URLs, and whoever sends requests chooses them.',
    fix: 'A bound, and a key without the query.',
    rules: ['heap/holder-only-added', 'heap/site-grows'],
  },
  'ticker-loop': {
    metrics: GOROUTINES,
    why: 'A loop over a ticker has no end of its own, in any version of Go: Stop does not close the channel.',
    fix: 'A select with a done channel beside the ticker.',
    rules: ['goroutine/no-exit', 'goroutine/timer-never-fires', 'goroutine/site-grows'],
  },
  'worker-ignores-context': {
    metrics: GOROUTINES,
    why: 'A goroutine that is given a context and does not look at it outlives the request.',
    fix: 'Return when `ctx.Done()` is closed.',
    rules: ['goroutine/no-exit', 'goroutine/site-grows'],
  },
};

const STUCK = '`go_goroutines` stays up by those that are stuck, once a time that it happens';

/** By cause of a case of go/leaky/goroutine. */
export const CAUSE_WORDS: Readonly<Record<string, Words>> = {
  'cond-no-signal': {
    metrics: STUCK,
    why: '`Wait` returns only after a Signal or Broadcast that comes after it.',
    fix: '`Broadcast` after every change that a waiter asks for.',
    rules: ['goroutine/cond-no-signal'],
  },
  'context-never-cancelled': {
    metrics: STUCK,
    why: 'Whoever waits for `ctx.Done()` waits until somebody cancels, and nobody does.',
    fix: 'Call the cancel function where the work ends.',
    rules: ['goroutine/context-never-cancelled', 'resource/cancel'],
  },
  'empty-select': {
    metrics: STUCK,
    why: '`select {}` never ends.',
    fix: 'Wait for what the program waits for: a signal, a context, a group.',
    rules: ['goroutine/empty-select'],
  },
  'lock-cycle': {
    metrics: STUCK,
    why: 'Each holds a lock and wants the one that the next holds.',
    fix: 'One order in which locks are taken, or one lock.',
    rules: ['goroutine/deadlock'],
  },
  'lock-held-while-blocked': {
    metrics: STUCK,
    why: 'The holder of a lock waits for something, and everybody else for the holder.',
    fix: 'Unlock before waiting.',
    rules: ['goroutine/held-while-blocked'],
  },
  'lock-not-released-goexit': {
    metrics: STUCK,
    why: '`runtime.Goexit` runs deferred calls alone: an unlock further down is left out.',
    fix: '`defer mu.Unlock()` right after the lock.',
    rules: ['goroutine/holder-gone'],
  },
  'lock-not-released-panic': {
    metrics: STUCK,
    why: 'A panic that is recovered above leaves the unlock out.',
    fix: '`defer mu.Unlock()` right after the lock.',
    rules: ['goroutine/holder-gone'],
  },
  'lock-not-released-return': {
    metrics: STUCK,
    why: 'One way out leaves the unlock out.',
    fix: '`defer mu.Unlock()` right after the lock.',
    rules: ['goroutine/holder-gone'],
  },
  'lock-recursive': {
    metrics: STUCK,
    why: 'Locks of package sync cannot be taken twice by one goroutine: it waits for itself.',
    fix: 'Split the function into one that locks and one that expects the lock.',
    rules: ['goroutine/recursive-lock'],
  },
  'nil-channel': {
    metrics: STUCK,
    why: 'Nothing is ever sent on a nil channel, nor received from it.',
    fix: 'Make the channel before whoever waits is started.',
    rules: ['goroutine/nil-channel'],
  },
  'no-close': {
    metrics: STUCK,
    why: 'A range over a channel ends only when it is closed.',
    fix: '`defer close(ch)` in the sender.',
    rules: ['goroutine/no-close'],
  },
  'no-receiver': {
    metrics: STUCK,
    why: 'A send waits for somebody who receives, and there is nobody.',
    fix: 'Receive from it, or send in a select with another way out.',
    rules: ['goroutine/no-receiver'],
  },
  'no-sender': {
    metrics: STUCK,
    why: 'A receive waits for a value that nobody sends any more.',
    fix: 'Send, or close, on every path.',
    rules: ['goroutine/no-sender'],
  },
  'receiver-returned': {
    metrics: STUCK,
    why: 'Who would receive has left: at an error, a time-out, or with the first answer.',
    fix: 'Room in the channel for all that is sent, or a send in a select with `ctx.Done()`.',
    rules: ['goroutine/no-receiver'],
  },
  'rlock-recursive': {
    metrics: STUCK,
    why: 'A second read lock waits for a writer that waits for the first.',
    fix: 'Take the read lock once.',
    rules: ['goroutine/recursive-lock', 'goroutine/deadlock'],
  },
  'select-no-exit': {
    metrics: STUCK,
    why: 'No case of the select leads out, or the one that does is never ready.',
    fix: 'A case for the end: `case <-ctx.Done(): return`.',
    rules: ['goroutine/select-no-exit'],
  },
  'slow-holder': {
    metrics: '`go_goroutines` rises while the holder is busy',
    why: 'The holder is not stuck, only slow: others queue.',
    fix: 'Do the slow part outside of the lock.',
    rules: ['goroutine/slow-holder'],
  },
  'timer-never-fires': {
    metrics: STUCK,
    why: '`Stop` does not close the channel of a timer or ticker: whoever receives waits for ever.',
    fix: 'A done channel beside the timer.',
    rules: ['goroutine/timer-never-fires'],
  },
  'waitgroup-count': {
    metrics: STUCK,
    why: 'The counter never comes back to zero: a Done was left out, or more was added than started.',
    fix: '`wg.Add(1)` right before each go statement, `defer wg.Done()` as its first line; or `wg.Go`.',
    rules: ['goroutine/waitgroup-count'],
  },
};

const DESCRIPTORS = '`process_open_fds` rises';
const CLIENT = '`go_goroutines` and `process_open_fds` rise together, a few a call';

/** What metrics do, by rule, for patterns that are shown by source alone (go/facts/testdata/suite). */
export const SOURCE_METRICS: Readonly<Record<string, string>> = {
  'goroutine/cond-no-signal': STUCK,
  'goroutine/deadline-not-passed': '`go_goroutines` rises while the other side does not answer',
  'goroutine/empty-select': STUCK,
  'goroutine/holder-gone': STUCK,
  'goroutine/nil-channel': STUCK,
  'goroutine/no-close': STUCK,
  'goroutine/no-exit': STUCK,
  'goroutine/no-receiver': STUCK,
  'goroutine/no-sender': STUCK,
  'goroutine/recursive-lock': STUCK,
  'goroutine/select-no-exit': STUCK,
  'goroutine/waitgroup-count': STUCK,
  'heap/closure-retention': HEAP,
  'heap/collector-per-instance': 'the number of families on /metrics rises, and the heap with it',
  'heap/context-nested': `${HEAP}; lookups in the context take longer from pass to pass`,
  'heap/finalizer-cycle': HEAP,
  'heap/holder-only-added': HEAP,
  'heap/label-unbounded': 'the number of series on /metrics rises, and the heap with it',
  'heap/pool-oversized': HEAP,
  'heap/pool-unreset': HEAP,
  'heap/subslice-retention': HEAP,
  'resource/cancel': `${HEAP}, by contexts and their timers`,
  'resource/client': CLIENT,
  'resource/decompressor': HEAP,
  'resource/defer-in-loop': `${DESCRIPTORS} during one call, and falls when it returns`,
  'resource/file': `${DESCRIPTORS}, and falls at some collections`,
  'resource/http-body': CLIENT,
  'resource/io-pipe': STUCK,
  'resource/net-conn': `${DESCRIPTORS}, and falls at some collections`,
  'resource/net-listener': DESCRIPTORS,
  'resource/process': 'the number of zombie processes rises, and `process_open_fds` with it',
  'resource/signal-notify': HEAP,
  'resource/span': 'exported spans are fewer than started ones; the heap rises with those that are kept',
  'resource/sql-conn': '`go_sql_in_use_connections` rises to the limit',
  'resource/sql-rows': '`go_sql_in_use_connections` rises to the limit',
  'resource/sql-stmt': 'prepared statements in the database rise',
  'resource/sql-tx': '`go_sql_in_use_connections` rises to the limit; locks stay in the database',
  'resource/ticker': 'CPU and heap rise slowly, where the go line of the main module is below 1.23',
  'resource/transport-per-call': CLIENT,
  'resource/watch': `${GOROUTINES}; open streams at the API server with it`,
};
