import type { GoroutineGroup } from '@tidemark/model';

/** Why goroutines that wait in this way do not go on, as far as the wait alone tells. */
export function causeOf(group: GoroutineGroup): string {
  switch (group.waitsIn) {
    case 'chan send':
      return 'they wait to send, and nobody has received from them so far';
    case 'chan receive':
      return 'they wait to receive, and nothing was sent to them or closed so far';
    case 'select':
      return 'none of the cases they wait for comes';
    case 'mutex':
    case 'rwmutex-r':
    case 'rwmutex-w':
      return 'they wait for a lock that is not given back, or is held for long';
    case 'waitgroup':
      return 'they wait for a WaitGroup whose Done is not called often enough';
    case 'cond':
      return 'they wait for a Signal or Broadcast that does not come';
    case 'io':
      return 'they wait for a peer that neither sends nor leaves';
    case 'sleep':
      return 'they sleep in a loop that has no end';
    default:
      return 'they do not end';
  }
}

/** What to change about it. */
export function fixOf(group: GoroutineGroup): string {
  switch (group.waitsIn) {
    case 'chan send':
      return 'give the channel room for the result (make(chan T, 1)), or select on ctx.Done() beside the send';
    case 'chan receive':
      return 'close the channel on every path of the sender, or select on ctx.Done() beside the receive';
    case 'select':
      return 'add a case that ends it: <-ctx.Done()';
    case 'mutex':
    case 'rwmutex-r':
    case 'rwmutex-w':
      return 'defer the Unlock right after the Lock; do slow work outside of the lock';
    case 'io':
      return 'set deadlines on connections, and close them when their owner ends';
    case 'sleep':
      return 'use a ticker and select on ctx.Done() beside it';
    default:
      return 'give the goroutine a way to end: a context that is cancelled, or a channel that is closed';
  }
}
