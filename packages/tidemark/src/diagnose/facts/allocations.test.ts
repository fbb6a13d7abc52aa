import type { BuildFacts, Finding, Frame, HeapSite } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { AllocationIndex, allocationOf, allocationsNear, explainAllocations, reasonInWords } from './allocations.js';
import type { EscapeSection } from './file.js';

const at = (line: number, kind: string, what: string, why = '') => ({ line, kind, what, why });
const section: EscapeSection = {
  version: 1,
  incomplete: '',
  files: [
    {
      file: 'example.com/shop/cart/cart.go',
      sites: [
        at(10, 'literal', '&Item{...}', 'returned (10), so it outlives the call'),
        at(20, 'map-assign', 'm[k]'),
        at(20, 'box', 'k', 'passed to log.Print (20), which lets it escape'),
      ],
    },
    {
      file: 'example.com/shop/cmd/shop/main.go',
      sites: [
        at(7, 'literal', '&cart.Item{...}', 'assigned to all (7)'),
        at(9, 'closure', 'func literal', 'assigned to f (9)'),
      ],
    },
    { file: 'example.org/time/time.go', sites: [at(5, 'new', 'new(Clock)', 'returned (5), so it outlives the call')] },
    { file: 'time/time.go', sites: [at(5, 'new', 'new(Location)')] },
    { file: 'runtime/time.go', sites: [at(8, 'new', 'new(timeTimer)', 'returned (8), so it outlives the call')] },
  ],
};
const index = new AllocationIndex(section, 'example.com/shop/cmd/shop');
const frame = (name: string, file: string, line: number): Frame => ({ function: name, file, line });
const whats = (stack: Frame[]) => allocationOf(stack, index).map((one) => one.what);

describe('AllocationIndex', () => {
  it.each([
    ['a module built where it lies', 'example.com/shop/cart.New', '/home/ci/shop/cart/cart.go', 10, '&Item{...}'],
    ['a module from the cache', 'example.com/shop/cart.New', 'example.com/shop@v1.2.3/cart/cart.go', 10, '&Item{...}'],
    [
      'a vendored module',
      'example.com/shop/cart.New',
      '/src/app/vendor/example.com/shop/cart/cart.go',
      10,
      '&Item{...}',
    ],
    ['the main package', 'main.run', '/src/shop/cmd/shop/main.go', 9, 'func literal'],
    ['the library', 'time.LoadLocation', '/usr/local/go/src/time/time.go', 5, 'new(Location)'],
    [
      'a function that the runtime has for the library',
      'time.newTimer',
      '/usr/local/go/src/runtime/time.go',
      8,
      'new(timeTimer)',
    ],
    ['a package that ends like one of the library', 'example.org/time.New', '/src/x/time/time.go', 5, 'new(Clock)'],
  ])('finds the line of %s', (_, name, file, line, what) => {
    expect(index.at(frame(name, file, line)).map((one) => one.what)).toContain(what);
  });

  it('knows nothing of other lines, files and packages with a file of the same name', () => {
    expect(index.at(frame('example.com/shop/cart.New', '/x/cart/cart.go', 11))).toEqual([]);
    expect(index.at(frame('example.com/other/cart.New', '/x/other/cart.go', 10))).toEqual([]);
    expect(index.at(frame('example.com/shop/cart.New', '/x/cart/none.go', 10))).toEqual([]);
  });
});

describe('allocationOf', () => {
  const put = frame('example.com/shop/cart.Put', '/s/cart/cart.go', 20);

  it('says of an ambiguous line that there are several, and lets the runtime decide where it is on the stack', () => {
    expect(whats([put])).toEqual(['m[k]', 'k']);
    expect(whats([frame('runtime.mapassign_faststr', 'runtime/map.go', 1), put])).toEqual(['m[k]']);
  });

  it('takes the reason of what an inlined function returns from its caller', () => {
    const made = frame('example.com/shop/cart.New', '/s/cart/cart.go', 10);
    const [alone] = allocationOf([made], index);
    const [called] = allocationOf([made, frame('main.main', '/s/cmd/shop/main.go', 7)], index);
    expect(alone!.why).toBe('returned (10), so it outlives the call');
    expect(called!.why).toBe('returned (10), so it outlives the call; in main.main: assigned to all (7)');
  });

  it('names what the runtime does where the facts have no such line, and says nothing where nothing is known', () => {
    const other = frame('example.com/other.F', '/s/other.go', 1);
    const [grown] = allocationOf([frame('runtime.growslice', 'runtime/slice.go', 1), other], index);
    expect(reasonInWords(grown!)).toBe('append, which makes a larger array when the capacity is used up');
    expect(allocationOf([other], index)).toEqual([]);
    expect(allocationOf([], index)).toEqual([]);
  });
});

describe('explainAllocations', () => {
  const stack = [
    frame('example.com/shop/cart.Put', '/s/cart/cart.go', 20),
    frame('main.main', '/s/cmd/shop/main.go', 3),
  ];
  const site = { site: stack[0]!, stack } as unknown as HeapSite;
  const facts: BuildFacts = {
    ...{ kind: 'build-facts', matchedBy: 'build id', exact: true, importersNotSeen: false, holders: [], limits: [] },
    allocations: allocationsNear(index, [site, site]),
  };
  const finding = (rule: string, frames: Frame[]) => ({ rule, stack: frames, evidence: [] }) as unknown as Finding;

  it('adds why the bytes are on the heap to what is about the heap', () => {
    const [grows, other, goroutine] = explainAllocations(
      [
        finding('heap/site-grows', stack),
        finding('heap/site-grows', stack.slice(1)),
        finding('goroutine/no-close', stack),
      ],
      [facts],
    );
    expect(grows!.evidence.map((one) => one.text)).toEqual([
      'build facts: on the heap at cart.go:20 (or one of 1 more that allocate on this line): m[k]: the runtime grows the map as entries are added, and never makes it smaller',
      'build facts: on the heap at cart.go:20 (or one of 1 more that allocate on this line): a copy of k for an interface: passed to log.Print (20), which lets it escape',
    ]);
    expect(other!.evidence).toEqual([]);
    expect(goroutine!.evidence).toEqual([]);
  });
});
