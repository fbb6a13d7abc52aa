import { type FlameGraph, flameGraph } from '@tidemark/pprof';
import { decode, type Watch } from '../capture/index.js';

/** Boxes below this share of the whole are summed up: nobody sees them. */
const MIN_FRACTION = 0.0005;

/** The difference flame graph of live bytes between the first and the last heap profile of the process that was judged. */
export function heapFlame(watch: Watch): FlameGraph | undefined {
  const last = watch.looks.findLast((look) => look.heap);
  const first = watch.looks.find((look) => look.heap && look.incarnation === last?.incarnation);
  if (!first?.heap || !last?.heap || first === last) return undefined;
  const profile = decode(last.heap);
  if (profile.typeIndex('inuse_space') < 0) return undefined;
  return flameGraph(profile, { base: decode(first.heap), type: 'inuse_space', minFraction: MIN_FRACTION });
}
