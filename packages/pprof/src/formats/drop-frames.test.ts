import { describe, expect, it } from 'vitest';
import { dropFramesOf } from './drop-frames.js';

const HEAP = 'alloc_objects alloc_space inuse_objects inuse_space';
/** Names match as a whole, as reports use the patterns. */
const matches = (pattern: string, name: string) => new RegExp(`^(${pattern})$`).test(name);

describe('dropFramesOf', () => {
  it.each([
    [HEAP, 'runtime.mallocgc', true],
    [HEAP, 'malloc', true],
    [HEAP, 'tcmalloc::Allocate', true],
    [HEAP, 'operator new[]', true],
    [HEAP, '__posix_memalign', true],
    [HEAP, 'main.malloc', false],
    [HEAP, 'mallocs', false],
    ['objects space', 'tc_new', true],
    ['inuse_objects inuse_space', 'simple_alloc::allocate', true],
    ['contentions delay', 'base::Mutex::Unlock', true],
    ['contentions delay', 'SpinLockHolder::~SpinLockHolder', true],
    ['contentions delay', 'runtime.mallocgc', false],
    ['samples cpu', '__restore', true],
    ['samples cpu', 'ProfileData::Add', true],
    ['samples cpu', 'malloc', false],
  ])('of %s: %s is dropped: %s', (types, name, dropped) => {
    expect(matches(dropFramesOf(types)[0], name)).toBe(dropped);
  });

  it.each([
    [HEAP, 'runtime.panic', true],
    [HEAP, 'runtime.call32', true],
    [HEAP, 'runtime.mallocgc', false],
    ['samples cpu', 'runtime.panic', false],
  ])('of %s: %s is kept: %s', (types, name, kept) => {
    expect(matches(dropFramesOf(types)[1], name)).toBe(kept);
  });
});
