import type { Frame } from '@tidemark/model';

/** A lock as the source of a function names it. */
export interface LockPlace {
  /** Which locks of the program it can be: fields and variables by id, equal for all instances of a type. */
  readonly classes: readonly string[];
  /** As a reader names it: `Server.mu`, `main.registry`. */
  readonly name: string;
  /** As the function writes it: `from.mu`, `forks[j]`. Different words in one frame are taken for different locks. */
  readonly path: string;
  /** Its address is that word of the function's frame plus `offset`; null where no argument leads to it. */
  readonly base: { readonly word: number; readonly offset: number } | null;
  /** The package variable that it is, or lies in: equal names are the same lock, others are not. Null: not told. */
  readonly instance: string | null;
}

/** A lock that a function holds at a line. */
export interface HeldPlace extends LockPlace {
  readonly mode: 'lock' | 'rlock';
  /** Where it was taken. */
  readonly acquired: Frame;
  /** Held on some paths to that line, not on all. */
  readonly maybe: boolean;
}

/** What a build's facts tell about the frames of a stack. Frames are normalised as every Site. */
export interface SourceKnowledge {
  /** False for functions that the facts do not cover: nothing follows from their silence. */
  knows(frame: Frame): boolean;
  /** The lock, group or condition that the function waits for at that line. */
  asksAt(frame: Frame): readonly LockPlace[];
  /** The locks that the function holds while it stands at that line. */
  heldAt(frame: Frame): readonly HeldPlace[];
}
