import { enclosingFunction, packageOf, type Site } from '@tidemark/model';
import type { LinesSection } from './file.js';

/** The section `lines` of a facts file: where a stack can stand in the program's own code. */
export class CodeLines {
  readonly #packages = new Map<string, ReadonlyMap<string, ReadonlySet<number>>>();
  readonly #files = new Map<string, Set<number>>();
  /** Import paths of commands: a profile calls each of them `main`. */
  readonly #commands: readonly string[];

  constructor(section: LinesSection, main: string | undefined) {
    for (const { path, files } of section.packages) {
      const functions = new Map<string, Set<number>>();
      this.#packages.set(path, functions);
      for (const { file, functions: listed } of files) {
        const inFile = setOf(this.#files, file);
        for (const { name, lines } of listed) {
          const known = setOf(functions, name);
          let line = 0;
          for (const step of lines) {
            line += step;
            known.add(line);
            inFile.add(line);
          }
        }
      }
    }
    const commands = section.packages.filter((p) => p.main).map((p) => p.path);
    this.#commands = main !== undefined && commands.includes(main) ? [main] : commands;
  }

  /** Whether the build has code in this function on this line. */
  has({ function: name, file, line }: Site): boolean {
    const path = packageOf(name);
    const declared = enclosingFunction(name);
    const key = initialises(declared.slice(path.length + 1)) ? 'init' : declared.slice(path.length + 1);
    const homes = path === 'main' ? this.#commands : [path];
    if (homes.some((home) => this.#packages.get(home)?.get(key)?.has(line))) return true;
    // A closure of an inlined function is called after the caller, wherever that is: `G.F.func1` stands in F's file.
    return declared !== name && !!this.#files.get(file.slice(file.lastIndexOf('/') + 1))?.has(line);
  }
}

/** What fills package variables: `init`, the parts of it for large maps, and the closures of older versions of Go. */
const initialises = (name: string) => name === 'init' || name === 'map.init' || name === 'glob.';

function setOf(map: Map<string, Set<number>>, key: string): Set<number> {
  const known = map.get(key) ?? new Set<number>();
  map.set(key, known);
  return known;
}
