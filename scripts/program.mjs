// Starts a Go program of this repository that says where it listens, and ends it for certain.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Resolves when the program has printed `listening http://…` and, with --sdk among its arguments, where go/tidemark answers
 * (`tidemark http://…`). Its stdin is a pipe that we hold: programs started with
 * --parent-watch end with it, should we die before we stop them.
 */
export function startProgram(binary, args, { stderr = 'ignore' } = {}) {
  const child = spawn(binary, args, { stdio: ['pipe', 'pipe', stderr] });
  const stop = () => {
    child.stdin.end();
    child.kill();
  };
  return new Promise((resolve, reject) => {
    const found = {};
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^(listening|tidemark) (http:\S+)/.exec(line);
      if (!match) return;
      found[match[1]] = match[2];
      if (!found.listening || (args.includes('--sdk') && !found.tidemark)) return;
      resolve({ address: found.listening, sdk: found.tidemark ?? null, child, stop });
    });
    child.on('error', reject);
    child.on('close', (code) => reject(new Error(`${binary} ended with ${code} before it listened`)));
  });
}
