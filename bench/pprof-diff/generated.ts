import { type LineInput, type Profile, ProfileBuilder } from '@tidemark/pprof';

/** xorshift: the same numbers on every machine. */
function random(seed: number): (below: number) => number {
  let x = seed | 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return Math.floor(((x >>> 0) / 4294967296) * below);
  };
}

export interface Shape {
  readonly seed: number;
  readonly stacks: number;
  readonly functions: number;
  readonly depth: number;
  readonly types?: readonly [string, string][];
  /** A share of values is negative. */
  readonly negative?: boolean;
  /** Up to 2^62. */
  readonly huge?: boolean;
  readonly labels?: boolean;
  readonly inline?: boolean;
  readonly recursion?: boolean;
  readonly mappings?: number;
  readonly columns?: boolean;
  readonly unsymbolised?: boolean;
  readonly dropFrames?: string;
  readonly names?: 'go' | 'cpp' | 'java' | 'odd';
  readonly sameValues?: boolean;
  /** Stacks are walks through a call graph, where every place calls few others: as in real programs. */
  readonly walks?: boolean;
}

const HEAP: readonly [string, string][] = [
  ['alloc_objects', 'count'],
  ['alloc_space', 'bytes'],
  ['inuse_objects', 'count'],
  ['inuse_space', 'bytes'],
];

/** A profile of any shape, as like to a real one as numbers from a seed can be: most frames are shared. */
export function generate(shape: Shape): Profile {
  const next = random(shape.seed);
  const b = new ProfileBuilder('proto');
  b.sampleTypes = (shape.types ?? HEAP).map(([type, unit]) => ({ type, unit }));
  b.periodType = { type: b.sampleTypes.at(-1)!.type, unit: b.sampleTypes.at(-1)!.unit };
  b.period = 524288n;
  b.timeNanos = 1790000000123456789n + BigInt(shape.seed) * 1000000000n;
  b.durationNanos = shape.types ? 12_345_678_901n : 0n;
  b.dropFrames = shape.dropFrames ?? '';
  b.comments = shape.seed % 3 === 0 ? ['made by a generator', '# hidden in headers'] : [];
  const mappings = shape.mappings ?? 1;
  for (let m = 0; m < mappings; m++) {
    b.mappings.push({
      id: BigInt(m + 1),
      start: BigInt(0x400000 * (m + 1)),
      limit: BigInt(0x400000 * (m + 2)),
      offset: 0n,
      file: m === 0 ? '/srv/app/bin/shop' : m === 2 ? '' : `/usr/lib/lib${m}.so.1`,
      buildId: m === 1 ? 'abcdef0123456789' : '',
      hasFunctions: !shape.unsymbolised,
      hasFilenames: !shape.unsymbolised,
      hasLineNumbers: !shape.unsymbolised,
      hasInlineFrames: !shape.unsymbolised,
    });
  }
  for (let f = 0; f < shape.functions; f++) {
    const name = functionName(f, shape.names ?? 'go');
    const file = `/src/pkg${f % 23}/${f % 5 === 0 ? '../' : ''}file${f % 101}.go`;
    b.addFunction(name, file, f % 11 === 0 ? `${name}_sys` : name, 10 + (f % 400));
  }
  const locations: number[] = [];
  const made = shape.functions * 3;
  for (let l = 0; l < made; l++) {
    const lines: LineInput[] = [];
    const count = shape.unsymbolised && next(4) === 0 ? 0 : shape.inline && next(3) === 0 ? 1 + next(3) : 1;
    for (let i = 0; i < count; i++) {
      const fn = skewed(next, shape.functions);
      lines.push({ fn, line: 10 + (fn % 400) + next(30), column: shape.columns ? next(40) : 0 });
    }
    const mapping = 1 + next(mappings);
    locations.push(b.addLocation(BigInt(0x400000 * mapping + l * 16), lines, next(50) === 0 ? 0 : mapping));
  }
  const callees = shape.walks
    ? locations.map((_, l) =>
        Array.from({ length: 1 + next(4) }, () => locations[Math.min(made - 1, l + 1 + next(200))]!),
      )
    : null;
  for (let s = 0; s < shape.stacks; s++) {
    const stack: number[] = [];
    const depth = 1 + next(shape.depth);
    for (let d = 0, at = next(5); callees && d < depth; d++) {
      stack.unshift(at);
      at = callees[at]![next(callees[at]!.length)]!;
    }
    for (let d = 0; !callees && d < depth; d++) {
      // Near the root few locations, near the leaf many: stacks share their beginnings.
      const reach = Math.max(3, Math.floor((made * (depth - d)) / depth));
      stack.push(locations[skewed(next, reach)]!);
      if (shape.recursion && next(3) === 0) stack.push(stack.at(-1)!);
    }
    const values = b.sampleTypes.map((t) => value(next, shape, t.unit));
    b.addSample(stack, values);
    if (shape.labels && next(3) > 0) {
      b.addTextLabel('shard', `s${next(6)}`);
      if (next(2) === 0) b.addTextLabel('tenant', ['acme', 'b"c', 'd e', 'ümlaut'][next(4)]!);
      if (next(3) === 0) b.addNumberLabel('request', 1 << next(20));
      if (next(9) === 0) b.addNumberLabel('latency', 1000 * next(100000), 'nanoseconds');
    }
    if (!shape.types) b.addNumberLabel('bytes', 16 << next(12), 'bytes');
  }
  return b.build();
}

function value(next: (below: number) => number, shape: Shape, unit: string): number | bigint {
  if (shape.sameValues) return 1000 * (1 + next(3));
  if (shape.huge) return BigInt(next(1 << 30)) * BigInt(1 << 30) * 2n + BigInt(next(1000));
  const size = unit === 'count' ? next(100) : next(1 << (6 + next(20)));
  return shape.negative && next(3) === 0 ? -size : size;
}

function skewed(next: (below: number) => number, below: number): number {
  return Math.min(next(below), next(below), next(below));
}

function functionName(f: number, style: 'go' | 'cpp' | 'java' | 'odd'): string {
  switch (style) {
    case 'cpp':
      return `ns${f % 7}::(anonymous namespace)::Class${f % 13}<int, char>::method${f}(int, char const*)`;
    case 'java':
      return `com.acme.shop${f % 9}.Cart$Item.lambda$add$${f}(Ljava/lang/String;)V`;
    case 'odd':
      return ['', `"quoted ${f}"`, `back\\slash${f}`, `tab ${f}`, `ünïcode${f}`, `<svg>${f}`, `operator()${f}`][f % 7]!;
    default: {
      const kinds = [
        `example.com/shop/v2/internal/pkg${f % 19}.(*Type${f % 7}).Method${f}`,
        `main.handler${f}.func1`,
        `runtime.mallocgc${f}`,
        `net/http.(*conn).serve${f}`,
        `example.com/x/gen.Map[...].Get${f}`,
      ];
      return kinds[f % kinds.length]!;
    }
  }
}
