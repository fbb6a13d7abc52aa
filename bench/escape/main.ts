import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Frame } from '@tidemark/model';
import { readProfile } from '@tidemark/pprof';
import { nodeCodec } from '../../packages/tidemark/src/base/codec.js';
import {
  AllocationIndex,
  allocationOf,
  reasonInWords,
} from '../../packages/tidemark/src/diagnose/facts/allocations.js';
import { readFacts } from '../../packages/tidemark/src/diagnose/facts/index.js';
import { SERVERS, type Server } from './servers.js';

interface Settings {
  readonly root: string;
  readonly cache: string;
  readonly seconds: number;
  readonly top: number;
  readonly only: string | undefined;
}

/** So many of the lines must get a reason. */
const GOAL = 0.9;

/** Measures every server and prints its lines and the share; 1 where one misses the goal. */
export async function main(settings: Settings): Promise<number> {
  const facts = join(settings.cache, 'facts');
  go(['build', '-o', facts, '.'], join(settings.root, 'go/facts'));
  let missed = 0;
  for (const server of SERVERS.filter((s) => !settings.only || s.name === settings.only)) {
    const share = await measure(server, facts, settings);
    if (share < GOAL) missed++;
  }
  return missed === 0 ? 0 : 1;
}

async function measure(server: Server, facts: string, { cache, seconds, top }: Settings): Promise<number> {
  const folder = join(cache, server.name);
  mkdirSync(folder, { recursive: true });
  const { Dir } = JSON.parse(go(['mod', 'download', '-json', server.module], folder, { GOFLAGS: '-mod=mod' }));
  const binary = join(folder, server.name);
  go(['build', '-o', binary, server.package], Dir);
  const file = join(folder, 'facts.json.gz');
  const started = performance.now();
  const made = spawnSync(facts, ['build', '-C', Dir, '-binary', binary, '-o', file, server.package], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`facts build: ${made.stderr}`);
  const factsSeconds = (performance.now() - started) / 1000;
  const bytes = readFileSync(file);
  const { escape: section, build } = readFacts(gunzipSync(bytes).toString(), file);
  if (!section) throw new Error('the facts have no section `escape`');
  const index = new AllocationIndex(section, build.main);

  const lines = hottest(await allocations(server, binary, seconds));
  const all = lines.reduce((sum, line) => sum + line.bytes, 0);
  let explained = 0;
  let explainedBytes = 0;
  console.log(`\n${server.module}`);
  for (const line of lines.slice(0, top)) {
    const [reason, ...more] = allocationOf(line.stack, index);
    if (reason) {
      explained++;
      explainedBytes += line.bytes;
    }
    const frame = line.stack.find((f) => !/^(?:runtime|internal\/runtime\/[^.]+)\./.test(f.function)) ?? line.stack[0]!;
    const words = reason
      ? `${reasonInWords(reason)}${more.length > 0 ? ` (or ${more.length} more on this line)` : ''}`
      : 'NO REASON';
    console.log(
      `${(line.bytes / 1e6).toFixed(1).padStart(9)} MB  ${frame.file.split('/').slice(-2).join('/')}:${frame.line}  ${words}`,
    );
  }
  const shown = lines.slice(0, top);
  const topBytes = shown.reduce((sum, line) => sum + line.bytes, 0);
  const share = explained / shown.length;
  console.log(
    `${server.name}: ${explained} of the top ${shown.length} lines explained (${((100 * explainedBytes) / topBytes).toFixed(1)} % of their ${(topBytes / 1e6).toFixed(0)} MB; ` +
      `${(all / 1e6).toFixed(0)} MB in all); facts ${(bytes.length / 1e6).toFixed(2)} MB, made in ${factsSeconds.toFixed(0)} s`,
  );
  return share;
}

/** Runs the server under load and answers its allocs profile. */
async function allocations(server: Server, binary: string, seconds: number): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-escape-'));
  const { args, pprofPort, load } = await server.prepare(folder);
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const child: ChildProcess = spawn(binary, args, { cwd: folder, env, stdio: 'ignore' });
  try {
    const address = `http://127.0.0.1:${pprofPort}/debug/pprof/allocs`;
    await answers(address, child);
    await load(Date.now() + seconds * 1000);
    return new Uint8Array(await (await fetch(address)).arrayBuffer());
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function answers(address: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    try {
      if ((await fetch(address)).ok) return;
    } catch {
      // not listening yet
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`nothing answers at ${address}`);
}

interface Line {
  readonly stack: readonly Frame[];
  bytes: number;
}

/** Allocated bytes by the line of the first frame above the runtime, most first, each with its heaviest stack. */
function hottest(profile: Uint8Array): Line[] {
  const read = readProfile(profile, nodeCodec);
  const type = read.typeIndex('alloc_space');
  const lines = new Map<string, Line & { most: number; stack: readonly Frame[] }>();
  for (let sample = 0; sample < read.sampleCount; sample++) {
    const stack = read.sites(sample);
    const frame = stack.find((f) => !/^(?:runtime|internal\/runtime\/[^.]+)\./.test(f.function)) ?? stack[0];
    if (!frame) continue;
    const bytes = read.value(sample, type);
    const key = `${frame.file}:${frame.line}`;
    const known = lines.get(key);
    if (!known) lines.set(key, { stack, bytes, most: bytes });
    else {
      known.bytes += bytes;
      if (bytes > known.most) Object.assign(known, { stack, most: bytes });
    }
  }
  return [...lines.values()].sort((a, b) => b.bytes - a.bytes);
}

function go(args: string[], cwd: string, env: Record<string, string> = {}): string {
  const done = spawnSync('go', args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (done.status !== 0) throw new Error(`go ${args.join(' ')}: ${done.error?.message ?? done.stderr}`);
  return done.stdout;
}
