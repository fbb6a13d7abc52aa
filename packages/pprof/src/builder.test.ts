import { describe, expect, it } from 'vitest';
import { readText, rows } from '../test/support.js';
import { ProfileBuilder } from './builder.js';
import { encodeProfile } from './encode.js';
import { decodeProto } from './formats/proto.js';

function builder(...types: string[]): ProfileBuilder {
  const b = new ProfileBuilder('proto');
  b.sampleTypes = types.map((type) => ({ type, unit: 'count' }));
  return b;
}

describe('rows', () => {
  it('have ids from one on and answer their index', () => {
    const b = builder('v');
    expect([b.addFunction('f'), b.addFunction('f'), b.addFunction('g')]).toEqual([0, 1, 2]);
    expect([b.addLocation(1n), b.addLocation(1n)]).toEqual([0, 1]);
    expect([b.addSample([], [1]), b.addSample([], [1])]).toEqual([0, 1]);
    const p = b.build();
    expect([p.functionId(2), p.locationId(1), p.functionCount, p.locationCount]).toEqual([3n, 2n, 3, 2]);
    expect([p.functionIds, p.locationIds]).toEqual([null, null]);
  });

  it('keep every part of a function', () => {
    const b = builder('v');
    b.addFunction('main.f', '/src/f.go', 'main.f.abi0', 17);
    b.addFunction('plain');
    const p = b.build();
    const text = (column: Uint32Array) => Array.from(column, (i) => p.strings.get(i));
    expect(text(p.functionNames)).toEqual(['main.f', 'plain']);
    // Without a system name of its own a function has its name twice.
    expect(text(p.functionSystemNames)).toEqual(['main.f.abi0', 'plain']);
    expect(text(p.functionFiles)).toEqual(['/src/f.go', '']);
    expect([...p.functionStartLines]).toEqual([17, 0]);
  });

  it('keep every part of a location, with its lines innermost first', () => {
    const b = builder('v');
    const [f, g] = [b.addFunction('f'), b.addFunction('g')];
    b.addLocation(
      2n ** 64n - 1n,
      [
        { fn: f, line: 3, column: 9 },
        { fn: g, line: 4 },
      ],
      1,
      true,
    );
    b.addLocation(0n);
    const p = b.build();
    expect([...p.locationAddresses]).toEqual([2n ** 64n - 1n, 0n]);
    expect([...p.lineStarts]).toEqual([0, 2, 2]);
    expect([[...p.lineFunctions], [...p.lineNumbers], [...p.lineColumns]]).toEqual([
      [0, 1],
      [3, 4],
      [9, 0],
    ]);
    expect([[...p.locationMappings], [...p.locationFolded]]).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('take a mapping that is only known later', () => {
    const b = builder('v');
    const [first, second] = [b.addLocation(0x10n), b.addLocation(0x20n)];
    b.setLocationMapping(second, 3);
    expect([b.locationAddress(first), b.locationAddress(second)]).toEqual([0x10n, 0x20n]);
    expect([...b.build().locationMappings]).toEqual([0, 3]);
  });

  it('grow far beyond the first arrays', () => {
    const b = builder('v');
    const count = 5000;
    for (let i = 0; i < count; i++) {
      const l = b.addLocation(BigInt(i), [{ fn: b.addFunction(`f${i}`), line: i }]);
      b.addSample([l, 0], [i]);
      b.addNumberLabel('n', i, 'bytes');
    }
    const p = b.build();
    expect(rows(p)[count - 1]).toBe(`4999 | f4999 f0 | n=#4999bytes`);
    expect([p.stackStarts.length, p.labelStarts.length, p.lineStarts.length]).toEqual([
      count + 1,
      count + 1,
      count + 1,
    ]);
    expect(p.stackStarts[count]).toBe(p.stackLocations.length);
  });
});

describe('labels', () => {
  it('belong to the sample before them', () => {
    const b = builder('v');
    const l = b.addLocation(1n, [{ fn: b.addFunction('f'), line: 0 }]);
    b.addSample([l], [1]);
    b.addSample([l], [2]);
    b.addTextLabel('k', 'v');
    b.addNumberLabel('n', 5n);
    b.addSample([l], [3]);
    b.addNumberLabel('n', 2n ** 62n, 'ns');
    expect(rows(b.build())).toEqual(['1 | f', '2 | f | k=v n=#5', `3 | f | n=#${Number(2n ** 62n)}ns`]);
    expect(b.build().labelNumbers[2]).toBe(2n ** 62n);
  });

  it('of an empty text are left out: the proto cannot tell them from a number', () => {
    const b = builder('v');
    b.addSample([], [1]);
    b.addTextLabel('k', '');
    b.addTextLabel('k', 'x');
    expect(b.build().labels(0)).toEqual([{ key: 'k', text: 'x' }]);
  });
});

describe('values', () => {
  it('of all types stand side by side, and stay doubles while they fit', () => {
    const b = builder('a', 'b');
    b.addSample([], [1, -2]);
    b.addSample([], [3n, 4n]);
    expect(b.build().values).toEqual(Float64Array.of(1, -2, 3, 4));
  });

  it('become 64-bit integers, all of them, with the first that does not fit', () => {
    const b = builder('a', 'b');
    b.addSample([], [1, -2]);
    b.addSample([], [2n ** 53n + 1n, 4]);
    expect(b.build().values).toEqual(BigInt64Array.of(1n, -2n, 2n ** 53n + 1n, 4n));
  });

  it('may come from any array', () => {
    const b = builder('a', 'b');
    b.addLocation(1n);
    b.addSample(Uint32Array.of(0, 0), BigInt64Array.of(1n, 2n));
    b.addSample([0], Float64Array.of(3, 4));
    const p = b.build();
    expect([[...p.values], [...p.stackLocations]]).toEqual([
      [1, 2, 3, 4],
      [0, 0, 0],
    ]);
  });
});

describe('the header', () => {
  it('is empty unless it is set', () => {
    expect(builder().build()).toMatchObject({
      ...{ form: 'proto', defaultSampleType: '', dropFrames: '', keepFrames: '', comments: [], docUrl: '' },
      ...{ timeNanos: 0n, durationNanos: 0n, period: 0n, periodType: { type: '', unit: '' }, mappings: [] },
      ...{ memStats: null, total: null, declaredKind: null, sampleCount: 0 },
    });
  });

  it('is written as it was set', () => {
    const b = builder('v');
    const header = {
      ...{ defaultSampleType: 'v', dropFrames: 'd.*', keepFrames: 'k', comments: ['one', 'two'], docUrl: 'https://x' },
      ...{ timeNanos: 2n ** 62n, durationNanos: -1n, period: 7n, periodType: { type: 'cpu', unit: 'ns' } },
    };
    Object.assign(b, header);
    expect(decodeProto(encodeProfile(b.build()))).toMatchObject(header);
  });

  it('of what only texts tell comes through a merge of none and is not written', () => {
    const p = readText('heap profile: 1: 2 [1: 2] @ heap/2', '1: 2 [1: 2] @ 0x10', '# runtime.MemStats', '# NumGC = 3');
    expect(p.memStats).toEqual({ NumGC: 3 });
    expect(decodeProto(encodeProfile(p)).memStats).toBeNull();
  });
});
