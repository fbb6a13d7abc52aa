import { readSyncFacts } from '../src/diagnose/facts/index.js';
import { SourceFacts } from '../src/diagnose/goroutine/source-facts.js';

/** Facts of a program `shop` whose section `sync` knows these functions and objects, read as a facts file is. */
export function syncFacts(functions: readonly object[], objects: readonly object[]): SourceFacts {
  const document = {
    format: 'tidemark-facts',
    version: 1,
    build: { module: 'shop', main: 'shop', dirty: false, goVersion: 'go1.26.8', goos: 'linux', goarch: 'amd64' },
    sections: {
      sync: {
        ...{ version: 1, importersNotSeen: false, packages: [{ path: 'shop' }] },
        ...{ functions, objects, lockOrder: [], lockCycles: [] },
      },
    },
  };
  return new SourceFacts(readSyncFacts(JSON.stringify(document), 'facts.json'));
}
