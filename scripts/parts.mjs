// What this machine has beyond Node: tests that need a part ask here, and say by its name that they left something
// out. With TIDEMARK_REQUIRE_ALL=1 (.ci/run) nothing may be missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of these programs that exists, as an absolute path where it was found on the PATH. */
function find(...names) {
  for (const name of names) {
    if (name.startsWith('/')) {
      if (existsSync(name)) return name;
      continue;
    }
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      if (folder && existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return null;
}

/** `name`: what it is for, and the program that was found or null. */
export const parts = {
  go: {
    program: find('go', '/usr/local/go/bin/go'),
    from: 'Go 1.26 or newer',
    for: 'Go programs as subjects, Go modules',
  },
  chromium: {
    program: process.env.CHROMIUM_PATH ?? find('chromium', 'chromium-browser', 'google-chrome'),
    from: "Debian's package chromium",
    for: 'the HTML report and the browser worker',
  },
  prometheus: {
    program: find('prometheus'),
    from: "Debian's package prometheus",
    for: 'history from a Prometheus server',
  },
  promtool: { program: find('promtool'), from: "Debian's package prometheus", for: 'checks of every shipped query' },
  go119: {
    program: find('/usr/lib/go-1.19/bin/go'),
    from: "Debian's package golang-1.19-go",
    for: 'the oldest Go version of the module for services',
  },
};

/** True when the part is here; throws where CI demands it. */
export function has(name) {
  const part = parts[name];
  if (!part) throw new Error(`unknown part ${name}`);
  if (part.program) return true;
  if (process.env.TIDEMARK_REQUIRE_ALL === '1') throw new Error(`${name} is missing here: install ${part.from}`);
  return false;
}

/** Version of the local Go, as [major, minor], or null. */
export function goVersion() {
  if (!parts.go.program) return null;
  const out = spawnSync(parts.go.program, ['env', 'GOVERSION'], { encoding: 'utf8' }).stdout ?? '';
  const match = /go(\d+)\.(\d+)/.exec(out);
  return match ? [Number(match[1]), Number(match[2])] : null;
}
