import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Builds `go tool pprof` from the sources of the Go that is here. */
export function buildReference(dir: string, go = 'go'): string {
  const program = join(dir, 'pprof-reference');
  execFileSync(go, ['build', '-o', program, 'cmd/pprof'], { stdio: 'inherit' });
  return program;
}
