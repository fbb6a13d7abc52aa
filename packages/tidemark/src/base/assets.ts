import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A file that ships beside the program: `docs/…`, `report.html`, `tidemark.schema.json`. In the package it lies
 * next to the bundle; run from sources it is looked up in the repository. Undefined where neither has it.
 */
export function findAsset(name: string): string | undefined {
  let at = dirname(fileURLToPath(import.meta.url));
  // The bundle's chunks lie in dist/ itself, the sources some levels deep in the repository.
  for (let depth = 0; depth < 6; depth++) {
    for (const folder of ['', 'packages/web/dist', 'packages/tidemark/dist']) {
      const path = join(at, folder, name);
      if (existsSync(path)) return path;
    }
    at = dirname(at);
  }
  return undefined;
}
