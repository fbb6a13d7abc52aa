import type { Frame, HeapSite } from '@tidemark/model';

interface Pattern {
  /** The place, or a function between it and the leaf, that tells what is allocated. */
  readonly calls: RegExp;
  readonly cause: string;
  readonly fix: string;
}

/** What the runtime and the library allocate for tells which holder grows; the first that fits wins. */
const PATTERNS: readonly Pattern[] = [
  {
    calls: /^context\.(?:WithCancel|WithTimeout|WithDeadline|withCancel|\(\*cancelCtx\)\.propagateCancel)/,
    cause: 'contexts made here stay registered with their parent until they are cancelled',
    fix: 'call the cancel function on every path: defer cancel()',
  },
  {
    calls: /^time\.(?:AfterFunc|NewTimer|NewTicker)/,
    cause: 'timers made here keep what their function refers to until they fire or are stopped',
    fix: 'stop the timer when its work is obsolete, and let its function hold an id instead of the data',
  },
  {
    calls: /^sync\.\(\*(?:Map|HashTrieMap|Pool)|^internal\/sync\.\(\*HashTrieMap/,
    cause: 'entries of a sync.Map (or a Pool) are added here and not removed',
    fix: 'Delete entries when their owner ends, or bound the number of them',
  },
  {
    calls: /^(?:runtime\.mapassign|runtime\.growWork|internal\/runtime\/maps\.)/,
    cause: 'a map grows here; a map never gives its buckets back',
    fix: 'bound the map: an LRU with a size, a time to live, or delete when the owner ends',
  },
  {
    calls: /^runtime\.growslice/,
    cause: 'a slice grows here by append',
    fix: 'bound the slice: a ring buffer, or write out and start again',
  },
  {
    calls: /^(?:os\.(?:Open|OpenFile|Create|newFile)|net\.)/,
    cause: 'files or connections opened here are kept',
    fix: 'close them on every path, and remove them from what holds them',
  },
  {
    calls: /^runtime\.malg$/,
    cause: 'goroutines are made here; the runtime keeps as many as there ever were at once, for the next ones',
    fix: 'see which goroutines came (goroutine findings, tidemark goroutines); bound how many live at once',
  },
];

/** Cause and change as far as the stack alone can tell: what it says is what is allocated, not who holds it. */
export function adviceFor(site: HeapSite): { cause: string; fix: string } {
  const below = calledFrom(site.stack, site);
  const pattern = PATTERNS.find((p) => below.some((f) => p.calls.test(f.function)));
  return {
    cause: pattern?.cause ?? 'what is allocated here is kept by something that refers to it',
    fix:
      pattern?.fix ??
      'find what keeps it (a map, a slice, a goroutine, a callback) and remove it there when it is done with, or bound it',
  };
}

/** Frames from the leaf down to the place, which is the last of them. */
function calledFrom(stack: readonly Frame[], { site }: HeapSite): readonly Frame[] {
  const at = stack.findIndex((f) => f.function === site.function && f.line === site.line);
  return at < 0 ? [] : stack.slice(0, at + 1);
}
