import type { HeldPlace, LockPlace, SourceKnowledge } from '@tidemark/goroutine';
import { type Frame, normaliseFile, normaliseFunction, packageOf } from '@tidemark/model';
import type { SyncFactsFile } from '../facts/file.js';
import type { FactFunction, FactHeld, FactObject, FactOp, FactUse } from './sync-section.js';

const ASKING = new Set(['lock', 'rlock', 'wg-wait', 'cond-wait', 'once-do']);
const RELEASING = new Set(['unlock', 'runlock', 'defer-unlock', 'defer-runlock']);

/** The facts of a build, asked by the frames of a dump. */
export class SourceFacts implements SourceKnowledge {
  readonly importersNotSeen: boolean;
  /** Some function of the program recovers, so a panic need not have ended the process. */
  readonly anyRecovers: boolean;
  readonly #byName = new Map<string, FactFunction[]>();
  /** Functions by package and file name: closures that the compiler renamed while inlining are found by line. */
  readonly #byFile = new Map<string, FactFunction[]>();
  readonly #objects = new Map<string, FactObject>();
  readonly #packages: Set<string>;

  constructor(file: SyncFactsFile) {
    const { sync, build } = file;
    this.importersNotSeen = sync.importersNotSeen;
    this.anyRecovers = sync.functions.some((fn) => fn.recovers);
    this.#packages = new Set(sync.packages.filter((p) => !p.error).map((p) => p.path));
    if (build.main && this.#packages.has(build.main)) this.#packages.add('main');
    for (const fn of sync.functions) {
      push(this.#byName, normaliseFunction(fn.name), fn);
      push(this.#byFile, fileKey(packageOf(normaliseFunction(fn.name)), fn.file), fn);
    }
    for (const object of sync.objects) this.#objects.set(object.id, object);
  }

  object(id: string): FactObject | undefined {
    return this.#objects.get(id);
  }

  /** The package is in the facts, so the function's silence means that it does nothing of interest. */
  knows(frame: Frame): boolean {
    return this.#packages.has(packageOf(frame.function));
  }

  /** The function of a frame: by name, else the innermost one around the line in that file of the package. */
  functionAt(frame: Frame): FactFunction | null {
    const around = (fn: FactFunction) => fn.line <= frame.line && frame.line <= fn.endLine;
    const named = this.#byName.get(frame.function)?.filter((fn) => baseName(fn.file) === baseName(frame.file)) ?? [];
    const sure = named.find(around);
    if (sure) return sure;
    const inFile = this.#byFile.get(fileKey(packageOf(frame.function), frame.file)) ?? [];
    let best: FactFunction | null = null;
    for (const fn of inFile) {
      if (around(fn) && (!best || fn.endLine - fn.line < best.endLine - best.line)) best = fn;
    }
    return best;
  }

  /** What the function does at the frame's line, of those kinds; what it deferred is done where it returns. */
  opsAt(frame: Frame, kinds: ReadonlySet<string>): readonly FactOp[] {
    const fn = this.functionAt(frame);
    const here = (op: FactOp) => op.line === frame.line || (op.runsAt?.includes(frame.line) ?? false);
    return fn?.ops?.filter((op) => here(op) && kinds.has(op.op)) ?? [];
  }

  asksAt(frame: Frame): readonly LockPlace[] {
    return this.opsAt(frame, ASKING).map((op) => this.#place(op.objects ?? [], op.path ?? '', op));
  }

  /** Locks that the frame's line asks for. */
  locksAsked(frame: Frame): readonly string[] {
    return objectsOf(this.opsAt(frame, ASKING));
  }

  /** Locks that the frame's line lets go; a line that only returns lets go what its function deferred. */
  locksReleased(frame: Frame): readonly string[] {
    const here = objectsOf(this.opsAt(frame, RELEASING));
    if (here.length > 0) return here;
    return objectsOf(this.functionAt(frame)?.ops?.filter((op) => op.deferred && RELEASING.has(op.op)) ?? []);
  }

  heldAt(frame: Frame): readonly HeldPlace[] {
    const fn = this.functionAt(frame);
    if (!fn) return [];
    const found = new Map<string, HeldPlace>();
    const take = (held: FactHeld) => {
      const key = `${held.path} ${held.line} ${held.mode}`;
      const before = found.get(key);
      if (before && !before.maybe) return;
      found.set(key, {
        ...this.#place(held.objects ?? [], held.path, held),
        mode: held.mode === 'rlock' ? 'rlock' : 'lock',
        acquired: { function: normaliseFunction(fn.name), file: normaliseFile(fn.file), line: held.line },
        maybe: held.maybe ?? false,
      });
    };
    const here = [...(fn.ops ?? []), ...(fn.calls ?? [])].filter((site) => site.line === frame.line);
    for (const site of here) for (const held of site.held ?? []) take(held);
    if (here.length === 0) for (const held of heldByOrder(fn, frame.line)) take(held);
    return [...found.values()];
  }

  /** What is done with an object: senders, receivers, closers, lockers, unlockers, adds, dones, signalers, cancels … */
  uses(id: string, group: string): readonly FactUse[] {
    return this.#objects.get(id)?.uses?.[group] ?? [];
  }

  /** As a reader names an object: `Server.mu`, `results (pay.go:55)`, `main.registry`. */
  nameOf(id: string): string {
    const object = this.#objects.get(id);
    if (!object) return id;
    const short = (path: string) => path.slice(path.lastIndexOf('/') + 1);
    if (object.struct && object.name) return `${short(object.struct).replace(/^[^.]*\./, '')}.${object.name}`;
    const field = object.fields?.[0];
    if (field) return short(field);
    if (object.function) return object.name ?? short(id);
    return short(id);
  }

  #place(
    objects: readonly string[],
    path: string,
    { base, static: variable }: Pick<FactHeld, 'base' | 'static'>,
  ): LockPlace {
    const classes = objects.filter((id) => this.#objects.has(id));
    const only = classes.length === 1 ? this.#objects.get(classes[0]!) : undefined;
    return {
      classes,
      name: only ? this.nameOf(only.id) : path,
      path,
      base: base ? { word: base.word, offset: base.offset } : null,
      instance: variable ?? (only && !only.struct && !only.function && !only.id.endsWith('[]') ? only.id : null),
    };
  }
}

/**
 * A line at which the function neither asks nor calls anything of note (it computes): a lock taken above it is
 * perhaps still held, when its unlock is deferred or stands below.
 */
function heldByOrder(fn: FactFunction, line: number): FactHeld[] {
  const ops = fn.ops ?? [];
  return ops
    .filter((op) => (op.op === 'lock' || op.op === 'rlock') && op.line < line)
    .filter((op) => {
      const unlocks = ops.filter((o) => /unlock$/.test(o.op) && !o.deferred && o.path === op.path && o.line > op.line);
      return op.deferUnlock || unlocks.length === 0 || unlocks.some((o) => o.line >= line);
    })
    .map((op) => ({
      objects: op.objects ?? [],
      path: op.path ?? '',
      base: op.base ?? null,
      ...(op.static === undefined ? {} : { static: op.static }),
      mode: op.op,
      line: op.line,
      maybe: true,
    }));
}

const objectsOf = (ops: readonly FactOp[]) => [...new Set(ops.flatMap((op) => op.objects ?? []))];

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** The folder differs between builds (-trimpath, vendored, checked out elsewhere); package and file name do not. */
function fileKey(packagePath: string, file: string): string {
  return `${packagePath} ${baseName(file)}`;
}
