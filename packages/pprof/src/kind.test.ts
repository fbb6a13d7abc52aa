import { describe, expect, it } from 'vitest';
import { readText } from '../test/support.js';
import { encodeProfile } from './encode.js';
import { decodeProto } from './formats/proto.js';
import { type ProfileKind, profileKind } from './kind.js';
import { parseTextProfile } from './text-columns.js';

const kindOf = (types: string, ...samples: string[]) => profileKind(parseTextProfile([types, ...samples].join('\n')));

describe('by sample types', () => {
  it.each<[string, ProfileKind]>([
    ['alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes', 'heap'],
    ['alloc_space/bytes', 'heap'],
    ['inuse_space/bytes', 'heap'],
    // heapz and growthz of gperftools, and Java agents.
    ['objects/count space/bytes', 'heap'],
    ['goroutine/count', 'goroutine'],
    ['goroutineleak/count', 'goroutine'],
    ['threadcreate/count', 'threadcreate'],
    ['samples/count cpu/nanoseconds', 'cpu'],
    ['contentions/count delay/nanoseconds', 'block'],
    // One alone of what comes in pairs is something else.
    ['contentions/count', 'other'],
    ['delay/nanoseconds', 'other'],
    ['objects/count', 'other'],
    ['space/bytes', 'other'],
    ['wall/nanoseconds', 'other'],
  ])('%s is %s', (types, kind) => expect(kindOf(types)).toBe(kind));

  it('takes what a period of CPU time says where types say nothing', () => {
    const p = parseTextProfile('events/count\n1 f').with({ periodType: { type: 'cpu', unit: 'nanoseconds' } });
    expect(profileKind(p)).toBe('cpu');
  });

  it('of a profile without types is no kind', () => {
    expect(profileKind(parseTextProfile('v/count').with({ sampleTypes: [], periodType: { type: '', unit: '' } }))).toBe(
      'other',
    );
  });
});

describe('block or mutex', () => {
  const DELAY = 'contentions/count delay/nanoseconds';
  it.each<[string, string[], ProfileKind]>([
    ['ends in Unlock', ['1 5 main;sync.(*Mutex).Unlock'], 'mutex'],
    ['ends in RUnlock', ['1 5 main;sync.(*RWMutex).RUnlock'], 'mutex'],
    ['ends in Unlock of a RWMutex', ['1 5 main;sync.(*RWMutex).Unlock'], 'mutex'],
    ['ends in a lock of the runtime', ['1 5 main;runtime.unlock2'], 'mutex'],
    ['ends in what the runtime lost', ['1 5 runtime._LostContendedRuntimeLock'], 'mutex'],
    ['ends in Lock', ['1 5 main;sync.(*Mutex).Lock'], 'block'],
    ['ends in a channel', ['1 5 main;runtime.chanrecv1'], 'block'],
    // A method of somebody's own type says nothing.
    ['ends in a method called Unlock', ['1 5 main;app.(*Store).Unlock'], 'block'],
    ['has Unlock in the middle', ['1 5 main;sync.(*Mutex).Unlock;runtime.gopark'], 'block'],
    ['has Unlock inlined at the end', ['1 5 main;f;+sync.(*Mutex).Unlock'], 'mutex'],
    [
      'is mostly unlocks',
      ['1 5 a;sync.(*Mutex).Unlock', '1 5 b;sync.(*Mutex).Unlock', '1 5 c;runtime.chanrecv1'],
      'mutex',
    ],
    ['is half unlocks', ['1 5 a;sync.(*Mutex).Unlock', '1 5 c;runtime.chanrecv1'], 'block'],
    ['has empty stacks', ['1 5 -', '1 5 -'], 'block'],
  ])('what %s', (_, samples, kind) => expect(kindOf(DELAY, ...samples)).toBe(kind));

  it('is what the header of a text says, whatever its leaves, and also after a merge', () => {
    const lines = [
      'cycles/second=1000000000',
      'sampling period=1',
      '5 1 @ 0x10',
      '#\t0xf\tsync.(*Mutex).Unlock+0x1\t/a.go:1',
    ];
    expect(profileKind(readText('--- contention:', ...lines))).toBe('block');
    expect(profileKind(readText('--- mutex:', ...lines))).toBe('mutex');
  });

  it('is found again by the leaves once the header is lost', () => {
    const p = readText('--- mutex:', 'cycles/second=1', '5 1 @ 0x10', '#\t0xf\tsync.(*Mutex).Unlock+0x1\t/a.go:1');
    expect(profileKind(decodeProto(encodeProfile(p)))).toBe('mutex');
  });
});
