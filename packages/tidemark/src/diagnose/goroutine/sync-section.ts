import { z } from 'zod';

/**
 * Section `sync` of a facts file (docs/facts.md): who locks, sends, receives, closes, adds and waits where, and on
 * which paths that does not happen. Only what the join with a dump reads is described; the rest passes.
 */
const Exit = z.object({
  /** How it leaves: return, panic, goexit, break. */
  kind: z.string(),
  line: z.number(),
  /** Only if the call at that line does so, which the source does not tell. */
  possible: z.boolean().optional(),
  callee: z.string().optional(),
});
export type FactExit = z.infer<typeof Exit>;

const Base = z.object({ param: z.number(), word: z.number(), offset: z.number() });

const Held = z.object({
  objects: z.array(z.string()).nullish(),
  path: z.string(),
  base: Base.nullish(),
  mode: z.string(),
  line: z.number(),
  /** Names the one instance, where the lock is (in) a package variable. */
  static: z.string().optional(),
  maybe: z.boolean().optional(),
});
export type FactHeld = z.infer<typeof Held>;

const SelectCase = z.object({
  line: z.number(),
  op: z.string(),
  objects: z.array(z.string()).nullish(),
  path: z.string().optional(),
  /** Out of the function (`return`), again (`loop`), `return or loop`, or behind the select (`on`). */
  leads: z.string().optional(),
  exits: z.array(Exit).nullish(),
});

const Op = z.object({
  line: z.number(),
  op: z.string(),
  objects: z.array(z.string()).nullish(),
  static: z.string().optional(),
  path: z.string().optional(),
  base: Base.nullish(),
  deferred: z.boolean().optional(),
  /** Lines of the returns at which a deferred op runs: the runtime shows those. */
  runsAt: z.array(z.number()).nullish(),
  cases: z.array(SelectCase).nullish(),
  hasDefault: z.boolean().optional(),
  select: z.number().optional(),
  inLoop: z.boolean().optional(),
  deferUnlock: z.boolean().optional(),
  returnsHeld: z.boolean().optional(),
  leaksOn: z.array(Exit).nullish(),
  held: z.array(Held).nullish(),
});
export type FactOp = z.infer<typeof Op>;

const CallSite = z.object({
  line: z.number(),
  kind: z.string(),
  callee: z.string().optional(),
  callees: z.array(z.string()).nullish(),
  held: z.array(Held).nullish(),
});

const FactFunctionSchema = z.object({
  key: z.string(),
  name: z.string(),
  file: z.string(),
  line: z.number(),
  endLine: z.number(),
  ops: z.array(Op).nullish(),
  calls: z.array(CallSite).nullish(),
  recovers: z.boolean().optional(),
  goroutines: z.array(z.string()).nullish(),
});
export type FactFunction = z.infer<typeof FactFunctionSchema>;

const Use = z.object({
  function: z.string(),
  file: z.string(),
  line: z.number(),
  op: z.string(),
  deferred: z.boolean().optional(),
  delta: z.number().nullish(),
  inLoop: z.boolean().optional(),
  select: z.number().optional(),
  hasDefault: z.boolean().optional(),
  otherCases: z.number().optional(),
  otherExits: z.array(Exit).nullish(),
  loopExits: z.array(Exit).nullish(),
  skippedBy: z.array(Exit).nullish(),
  /** Callers of the function that has the use, with the ways out on which they do not call it. */
  callers: z
    .array(z.object({ function: z.string(), file: z.string(), line: z.number(), skippedBy: z.array(Exit).nullish() }))
    .nullish(),
  leaksOn: z.array(Exit).nullish(),
  goroutines: z.array(z.string()).nullish(),
  ambiguous: z.boolean().optional(),
});
export type FactUse = z.infer<typeof Use>;

const FactObjectSchema = z.object({
  id: z.string(),
  /** mutex, rwmutex, waitgroup, cond, once, chan, context, timer, ticker. */
  kind: z.string(),
  name: z.string().optional(),
  /** The function that makes it; absent for fields and package variables. */
  function: z.string().optional(),
  file: z.string().optional(),
  line: z.number().optional(),
  /** Constant capacity of a channel; absent where it is not constant. */
  capacity: z.number().nullish(),
  struct: z.string().optional(),
  offset: z.number().nullish(),
  /** Which function of context or time made it. */
  from: z.string().optional(),
  /** Fields and package variables that hold it. */
  fields: z.array(z.string()).nullish(),
  escapes: z.boolean().optional(),
  parentObjects: z.array(z.string()).nullish(),
  uses: z.record(z.string(), z.array(Use)).nullish(),
});
export type FactObject = z.infer<typeof FactObjectSchema>;

export const SyncSection = z.object({
  version: z.literal(1),
  /** A library's facts: whoever imports it was not seen. */
  importersNotSeen: z.boolean(),
  packages: z.array(z.object({ path: z.string(), error: z.string().optional() })),
  functions: z.array(FactFunctionSchema),
  objects: z.array(FactObjectSchema),
});
export type SyncSection = z.infer<typeof SyncSection>;
