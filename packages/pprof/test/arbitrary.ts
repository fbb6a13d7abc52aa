import fc from 'fast-check';
import { ProfileBuilder } from '../src/builder.js';
import type { Profile } from '../src/profile.js';

/** What decides a random profile; ids, files and lines follow from it. */
interface Shape {
  /** Locations, each with the numbers of its functions, innermost first; none means that it has no symbols. */
  readonly locations: readonly (readonly number[])[];
  /** Samples: numbers of locations, leaf first, two values, and texts and sizes as labels. */
  readonly samples: readonly {
    readonly stack: readonly number[];
    readonly values: readonly [number, number];
    readonly zone: string;
    readonly bytes: number;
  }[];
}

const FUNCTIONS = ['main.main', 'a', 'b', 'c', 'pkg.(*T).Do', 'ns::f(int)', 'ünï'];

function profileOf({ locations, samples }: Shape): Profile {
  const b = new ProfileBuilder('proto');
  b.sampleTypes = [
    { type: 'objects', unit: 'count' },
    { type: 'space', unit: 'bytes' },
  ];
  b.periodType = { type: 'space', unit: 'bytes' };
  b.period = 1n;
  const flags = { hasFunctions: true, hasFilenames: true, hasLineNumbers: true, hasInlineFrames: true };
  b.mappings = [{ id: 1n, start: 0x1000n, limit: 0x9000n, offset: 0n, file: '/bin/app', buildId: '', ...flags }];
  // Two functions of a name each: in one file and in another.
  for (const [i, name] of [...FUNCTIONS, ...FUNCTIONS].entries()) b.addFunction(name, `/src/${i % 3}.go`);
  for (const [l, functions] of locations.entries()) {
    const lines = functions.map((fn, i) => ({ fn, line: 1 + ((fn + i) % 4) }));
    b.addLocation(BigInt(0x1000 + l * 16), lines, 1);
  }
  for (const { stack, values, zone, bytes } of samples) {
    b.addSample(stack, values);
    if (zone !== '') b.addTextLabel('zone', zone);
    if (bytes > 0) b.addNumberLabel('bytes', bytes, 'bytes');
  }
  return b.build();
}

export interface ShapeOptions {
  /** Values may be negative; they are by default. */
  readonly signed?: boolean;
  /** A location may be without symbols; not by default. */
  readonly bare?: boolean;
}

/** Small random profiles with inlining, recursion, labels, empty stacks, zero values and names that share. */
export function anyProfile({ signed = true, bare = false }: ShapeOptions = {}): fc.Arbitrary<Profile> {
  const fn = fc.nat(FUNCTIONS.length * 2 - 1);
  const location = fc.array(fn, { minLength: bare ? 0 : 1, maxLength: 3 });
  const value = signed ? fc.integer({ min: -50, max: 100 }) : fc.nat(100);
  return fc
    .array(location, { minLength: 1, maxLength: 8 })
    .chain((locations) =>
      fc.record({
        locations: fc.constant(locations),
        samples: fc.array(
          fc.record({
            stack: fc.array(fc.nat(locations.length - 1), { maxLength: 7 }),
            values: fc.tuple(value, value),
            zone: fc.constantFrom('', '', 'east', 'west'),
            bytes: fc.constantFrom(0, 0, 16, 4096),
          }),
          { maxLength: 12 },
        ),
      }),
    )
    .map(profileOf);
}

/** The names on a sample's stack, leaf first: a function counts by its name alone. */
export const namesOf = (p: Profile, sample: number): string[] => p.frames(sample).map((f) => f.function);

/** The sum of amounts of a column, which is what the reports call their total. */
export function amount(p: Profile, type: number): number {
  let sum = 0;
  for (let s = 0; s < p.sampleCount; s++) sum += Math.abs(p.value(s, type));
  return sum;
}
