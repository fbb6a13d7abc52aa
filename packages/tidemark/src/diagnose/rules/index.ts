import type { Rule } from '@tidemark/model';
import { goroutineSiteGrows } from './goroutine-site-grows/rule.js';
import { heapSiteGrows } from './heap-site-grows/rule.js';
import { processOutsideHeap } from './process-outside-heap/rule.js';
// rules, by folder name

/** Every rule that ships, in no particular order: findings are ranked afterwards. */
export const RULES: readonly Rule[] = [
  goroutineSiteGrows,
  heapSiteGrows,
  processOutsideHeap,
];
