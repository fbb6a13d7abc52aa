import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { encodeProfile, type Profile, parseTextProfile } from '@tidemark/pprof';
import { generate, type Shape } from './generated.js';
import { legacyTexts } from './legacy.js';

/** A file to compare, and what can be asked of it. */
export interface Subject {
  readonly name: string;
  readonly path: string;
  /** An earlier profile of the same kind, for -base and -diff_base. */
  readonly base?: string;
  readonly hasLabels?: boolean;
  /** Values of both signs: the reference itself is not deterministic for some reports. */
  readonly signed?: boolean;
  readonly large?: boolean;
  readonly legacy?: boolean;
}

const CPU: readonly [string, string][] = [
  ['samples', 'count'],
  ['cpu', 'nanoseconds'],
];
const DELAY: readonly [string, string][] = [
  ['contentions', 'count'],
  ['delay', 'nanoseconds'],
];

const SHAPES: Readonly<Record<string, Shape>> = {
  tiny: { seed: 1, stacks: 3, functions: 4, depth: 3 },
  small: { seed: 2, stacks: 60, functions: 20, depth: 8 },
  labels: { seed: 3, stacks: 300, functions: 60, depth: 12, labels: true },
  inline: { seed: 4, stacks: 300, functions: 60, depth: 12, inline: true },
  recursion: { seed: 5, stacks: 200, functions: 30, depth: 20, recursion: true, inline: true },
  mappings: { seed: 6, stacks: 300, functions: 80, depth: 10, mappings: 5, inline: true },
  negative: { seed: 7, stacks: 300, functions: 80, depth: 10, negative: true },
  huge: { seed: 8, stacks: 200, functions: 40, depth: 8, huge: true },
  columns: { seed: 9, stacks: 200, functions: 40, depth: 8, columns: true, inline: true },
  unsymbolised: { seed: 10, stacks: 200, functions: 40, depth: 8, unsymbolised: true, mappings: 4 },
  dropped: { seed: 11, stacks: 200, functions: 40, depth: 10, inline: true, dropFrames: 'runtime\\..*|net/http\\..*' },
  cpp: { seed: 12, stacks: 200, functions: 60, depth: 10, names: 'cpp', types: CPU },
  java: { seed: 13, stacks: 200, functions: 60, depth: 10, names: 'java', types: CPU },
  odd: { seed: 14, stacks: 200, functions: 60, depth: 10, names: 'odd', types: CPU, labels: true },
  cpu: { seed: 15, stacks: 800, functions: 200, depth: 25, types: CPU, labels: true, inline: true },
  delay: { seed: 16, stacks: 300, functions: 80, depth: 12, types: DELAY },
  ties: { seed: 17, stacks: 300, functions: 80, depth: 8, sameValues: true },
  count: { seed: 18, stacks: 200, functions: 50, depth: 10, types: [['goroutine', 'count']] },
  gcu: {
    seed: 19,
    stacks: 200,
    functions: 50,
    depth: 10,
    types: [
      ['samples', 'count'],
      ['gcu', 'milligcu'],
    ],
  },
  everything: {
    ...{ seed: 20, stacks: 600, functions: 150, depth: 20, labels: true, inline: true, recursion: true },
    ...{ mappings: 4, columns: true, unsymbolised: true },
  },
  'stacks-5k': { seed: 21, stacks: 5000, functions: 1500, depth: 40, inline: true, labels: true },
  'stacks-50k': { seed: 22, stacks: 50000, functions: 6000, depth: 60, inline: true },
};

export function writeProfile(path: string, p: Profile): string {
  writeFileSync(path, gzipSync(encodeProfile(p), { level: 1 }));
  return path;
}

/** Makes all subjects below `dir`: from a running Go program, from the Go command itself, and generated. */
export function makeSubjects(dir: string, go: string, here: string): Subject[] {
  const subjects: Subject[] = [];
  const live = join(dir, 'live');
  mkdirSync(live, { recursive: true });
  const program = join(dir, 'subject');
  execFileSync(go, ['build', '-o', program, '.'], { cwd: join(here, 'subject'), stdio: 'inherit' });
  execFileSync(program, [live], { stdio: 'inherit' });
  for (const kind of ['heap', 'allocs', 'goroutine', 'block', 'mutex', 'threadcreate', 'cpu']) {
    for (const round of [1, 3]) {
      subjects.push({
        name: `go-${kind}-${round}`,
        path: join(live, `${kind}${round}.pb.gz`),
        ...(round === 3 && kind !== 'threadcreate' ? { base: join(live, `${kind}1.pb.gz`) } : {}),
        hasLabels: kind === 'cpu' || kind === 'goroutine' || kind === 'heap',
      });
    }
  }
  for (const [name, path] of compilerProfiles(dir, go)) subjects.push({ name, path });
  for (const [name, shape] of Object.entries(SHAPES)) {
    const path = writeProfile(join(dir, `${name}.pb.gz`), generate(shape));
    const base = writeProfile(
      join(dir, `${name}-base.pb.gz`),
      generate({ ...shape, stacks: Math.ceil(shape.stacks / 2) }),
    );
    subjects.push({
      ...{ name, path, base, hasLabels: shape.labels ?? false, signed: shape.negative ?? false },
      large: shape.stacks >= 50000,
    });
  }
  const shop = parseTextProfile(readFileSync(join(here, '../../packages/pprof/testdata/shop.txt'), 'utf8'));
  subjects.push({ name: 'shop', path: writeProfile(join(dir, 'shop.pb.gz'), shop), hasLabels: true });
  const bare = join(dir, 'bare.pb');
  writeFileSync(bare, gunzipSync(readFileSync(join(live, 'heap3.pb.gz'))));
  subjects.push({ name: 'bare', path: bare });
  for (const [name, bytes] of legacyTexts()) {
    const path = join(dir, `legacy-${name}`);
    writeFileSync(path, bytes);
    subjects.push({ name: `legacy-${name}`, path, legacy: true });
  }
  return subjects;
}

/** CPU and memory profiles of the Go compiler at work: a large program that was not made for this. */
function compilerProfiles(dir: string, go: string): [string, string][] {
  const cpu = join(dir, 'compile-cpu.pb.gz');
  const mem = join(dir, 'compile-mem.pb.gz');
  const cache = join(dir, 'gocache');
  // A cache of its own, so that the compiler really runs.
  const result = spawnSync(
    go,
    ['build', `-gcflags=-cpuprofile=${cpu} -memprofile=${mem} -memprofilerate=4096`, '-o', '/dev/null', 'regexp'],
    {
      env: { ...process.env, GOCACHE: cache, GOFLAGS: '-p=1' },
    },
  );
  rmSync(cache, { recursive: true, force: true });
  if (result.status !== 0) return [];
  // The compiler writes its memory profile as text with symbols, which the reference cannot read: take them away.
  const text = readFileSync(mem, 'utf8');
  if (text.startsWith('heap profile:')) writeFileSync(mem, text.replace(/^#\t.*\n/gm, ''));
  return [
    ['go-compile-cpu', cpu],
    ['go-compile-mem', mem],
  ];
}
