import type { Case } from './matrix.js';

/** A difference from the reference that stays, with its reason. */
export interface Exception {
  readonly name: string;
  readonly reason: string;
  applies(c: Case): boolean;
}

export const EXCEPTIONS: readonly Exception[] = [];

export function explain(c: Case): Exception | undefined {
  return EXCEPTIONS.find((e) => e.applies(c));
}
