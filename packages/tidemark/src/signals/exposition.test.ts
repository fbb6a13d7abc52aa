import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpositionReader, parseExposition } from './exposition.js';

const one = (line: string) => parseExposition(line).samples[0];

describe('expositions', () => {
  it.each([
    ['go_goroutines 42', 'go_goroutines', {}, 42, null],
    ['go_goroutines 4.2e+01', 'go_goroutines', {}, 42, null],
    ['  x{a="1",b="two"} 3 1764000000000', 'x', { a: '1', b: 'two' }, 3, 1_764_000_000_000],
    ['x{a="1",} 3', 'x', { a: '1' }, 3, null],
    ['x { a = "1" , b="2" } 3', 'x', { a: '1', b: '2' }, 3, null],
    ['x{a="q\\"\\\\\\n}, b"} 3', 'x', { a: 'q"\\\n}, b' }, 3, null],
    ['x{} NaN', 'x', {}, Number.NaN, null],
    ['x +Inf', 'x', {}, Number.POSITIVE_INFINITY, null],
    ['x -Inf', 'x', {}, Number.NEGATIVE_INFINITY, null],
    ['x 3 1764000000.123', 'x', {}, 3, 1_764_000_000_123],
    ['x_bucket{le="1"} 8 # {trace_id="abc"} 0.67 1764000000.1', 'x_bucket', { le: '1' }, 8, null],
    ['x{__proto__="p"} 1', 'x', { ['__proto__']: 'p' }, 1, null],
  ])('reads %s', (line, name, labels, value, atMs) => {
    expect(one(line)).toMatchObject({ name, value, atMs });
    expect(Object.entries(one(line)!.labels)).toEqual(Object.entries(labels));
  });

  it.each([
    'x',
    'x{',
    'x{a} 1',
    'x{a="1} 1',
    'x{a="1"',
    'x{a="1"} ',
    'x one',
    '9x 1',
    'x 1 2 3',
    'x 0x10',
    'x 1 later',
    '<html>',
  ])('counts %j as malformed and goes on', (line) => {
    const read = parseExposition(`# HELP y\ny 1\n${line}\nz 2\n`);
    expect(read.samples.map(({ name }) => name)).toEqual(['y', 'z']);
    expect([read.malformed, read.firstMalformed]).toEqual([1, 'line 3']);
  });

  it('knows whether an OpenMetrics exposition is whole', () => {
    expect(parseExposition('# UNIT x bytes\nx 1\n# EOF\n').complete).toBe(true);
    expect(parseExposition('# UNIT x bytes\nx 1\n').complete).toBe(false);
    expect(parseExposition('x 1\n').complete).toBeNull();
  });

  it('is bounded in samples, lines and labels', () => {
    const many = Array.from({ length: 100 }, (_, i) => `x{i="${i}"} 1`).join('\n');
    expect(parseExposition(many, { maxSamples: 10 })).toMatchObject({ left: 90, malformed: 0 });
    const long = `x{a="${'y'.repeat(100_000)}"} 1\nz 1\n`;
    const read = parseExposition(long);
    expect(read.samples.map(({ name }) => name)).toEqual(['z']);
    expect(read.firstMalformed).toBe('line 1 is too long');
  });

  it('does not read what nobody wants, however malformed', () => {
    const read = parseExposition('junk{{{ 1\ngo_goroutines 3\n', { wanted: (name) => name === 'go_goroutines' });
    expect([read.samples.length, read.malformed]).toEqual([1, 0]);
  });

  it('gives the same for every way of cutting it into pieces', () => {
    const text = 'a{l="ü→"} 1\r\nb 2\n# c\nd{x="\\n"} NaN\nbad\n';
    const bytes = new TextEncoder().encode(text);
    const whole = parseExposition(text);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const reader = new ExpositionReader();
        const places = [0, ...cuts.sort((x, y) => x - y), bytes.length];
        for (let i = 1; i < places.length; i++) reader.push(bytes.subarray(places[i - 1], places[i]));
        expect(reader.end()).toEqual(whole);
      }),
    );
  });

  it('survives any bytes, in linear time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        parseExposition(text);
      }),
    );
    // A regular expression that backtracks would not come back within the test's time.
    parseExposition(`x{${'a="\\'.repeat(4000)}\n`.repeat(50));
  });
});
