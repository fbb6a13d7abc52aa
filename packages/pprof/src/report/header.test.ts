import { describe, expect, it } from 'vitest';
import { render, testHost } from '../../test/render.js';
import type { ProfileColumns } from '../profile.js';
import { parseTextProfile } from '../text-columns.js';
import type { ReportHost, ReportOptions } from './options.js';

const [MAPPING] = parseTextProfile('v').mappings;

/** The lines of a -text header, above the names of its columns. */
function header(
  samples: string,
  columns: Partial<ProfileColumns> = {},
  options: Partial<ReportOptions> = {},
  host: Partial<ReportHost> = {},
): string[] {
  const text = render(parseTextProfile(samples).with(columns), { ...options, format: 'text' }, testHost([], host));
  return text.slice(0, text.indexOf('      flat')).split('\n').slice(0, -1);
}

const ONE = 'cpu/nanoseconds\n1000000000 f';
const SHOWN = 'Showing nodes accounting for 1s, 100% of 1s total';

describe('what a profile says of itself', () => {
  it.each<[string, Partial<ProfileColumns>, string[]]>([
    ['its file without the directory', {}, ['File: test', 'Type: cpu', SHOWN]],
    ['no file where none is known', { mappings: [], locationMappings: new Uint32Array(1) }, ['Type: cpu', SHOWN]],
    ['no file where the main one has no name', { mappings: [{ ...MAPPING!, file: '' }] }, ['Type: cpu', SHOWN]],
    [
      'its build id',
      { mappings: [{ ...MAPPING!, buildId: 'ab12' }] },
      ['File: test', 'Build ID: ab12', 'Type: cpu', SHOWN],
    ],
    [
      'comments, but not those behind a #',
      { comments: ['one', '#two', ' #three'] },
      ['File: test', 'one', ' #three', 'Type: cpu', SHOWN],
    ],
    ['where it is documented', { docUrl: 'https://x' }, ['File: test', 'Type: cpu', 'Doc: https://x', SHOWN]],
    ['when it was taken', { timeNanos: 1n }, ['File: test', 'Type: cpu', 'Time: 1970-01-01 00:00:00 UTC', SHOWN]],
  ])('%s', (_, columns, lines) => expect(header(ONE, columns)).toEqual(lines));

  it('the time where the user is', () => {
    const timeZoneAt = () => ({ offsetMinutes: -420, name: 'PDT' });
    expect(header(ONE, { timeNanos: 1_790_000_000_000_000_000n }, {}, { timeZoneAt })).toContain(
      'Time: 2026-09-21 07:13:20 PDT',
    );
  });

  it.each<[string, string, bigint, string]>([
    ['and the share of it that was sampled', ONE, 4_000_000_000n, 'Duration: 4s, Total samples = 1s (25.00%)'],
    ['more than all of it, on several cores', ONE, 500_000_000n, 'Duration: 500ms, Total samples = 1s (200.00%)'],
    // What is no time has no share; the blank before it stays.
    ['without a share of counts', 'v/count\n7 f', 4_000_000_000n, 'Duration: 4s, Total samples = 7 '],
    ['without a share of bytes', 'v/bytes\n2048 f', 4_000_000_000n, 'Duration: 4s, Total samples = 2kB '],
    ['without a share of nothing', 'v/nanoseconds', 4_000_000_000n, 'Duration: 4s, Total samples = 0 '],
    ['in hours', ONE, 7_200_000_000_000n, 'Duration: 2hrs, Total samples = 1s (0.014%)'],
  ])('how long it took %s', (_, samples, durationNanos, line) => {
    expect(header(samples, { durationNanos })).toContain(line);
  });

  it('of a mean that it is one', () => {
    expect(header('n/count d/ns\n2 10 f', {}, { mean: true })).toContain('Type: mean_d');
  });
});

describe('which filters are active', () => {
  it.each<[Partial<ReportOptions>, string]>([
    [{ focus: 'f' }, 'focus=f'],
    [{ ignore: 'x' }, 'ignore=x'],
    [{ hide: 'x' }, 'hide=x'],
    [{ show: 'f' }, 'show=f'],
    [{ showFrom: 'f' }, 'show_from=f'],
    [{ tagFocus: '1:2' }, 'tagfocus=1:2'],
    [{ tagIgnore: 'x' }, 'tagignore=x'],
    [{ tagShow: 'x' }, 'tagshow=x'],
    [{ tagHide: 'x' }, 'taghide=x'],
  ])('%j', (options, line) => {
    const lines = header(ONE, {}, options);
    expect(lines.slice(lines.indexOf('Active filters:') + 1)[0]).toBe(`   ${line}`);
  });

  // prune_from, tagroot and tagleaf are no filters in the reference's list.
  it.each<Partial<ReportOptions>>([{ pruneFrom: 'x' }, { tagRoot: 'x' }, { tagLeaf: 'x' }, { focus: '' }])(
    'not %j',
    (o) => {
      expect(header(ONE, {}, o)).not.toContain('Active filters:');
    },
  );

  it('are cut at 80 bytes, not characters', () => {
    const line = (pattern: string) => header(ONE, {}, { ignore: pattern }).find((l) => l.includes('ignore='))!;
    expect(line('x'.repeat(73))).toBe(`   ignore=${'x'.repeat(73)}`);
    expect(line('x'.repeat(74))).toBe(`   ignore=${'x'.repeat(73)}…`);
    expect(line('ü'.repeat(37))).toBe(`   ignore=${'ü'.repeat(36)}\ufffd…`);
  });

  it('stay with compact labels, which leave out what the profile says', () => {
    expect(header(ONE, { comments: ['c'] }, { compactLabels: true, focus: 'f' })).toEqual([
      'Active filters:',
      '   focus=f',
      SHOWN,
    ]);
  });
});

describe('what was left out', () => {
  const MANY = 'v/count\n1000 m;a\n8 m;b\n7 m;c\n2 m;d';

  it.each<[Partial<ReportOptions>, string[]]>([
    [{ nodeFraction: 0 }, ['Showing nodes accounting for 1017, 100% of 1017 total']],
    [{ nodeFraction: 0.003 }, ['Showing nodes accounting for 1015, 99.80% of 1017 total', 'Dropped 1 node (cum <= 3)']],
    [{}, ['Showing nodes accounting for 1015, 99.80% of 1017 total', 'Dropped 1 node (cum <= 5)']],
    [
      { nodeFraction: 0.0099 },
      ['Showing nodes accounting for 1000, 98.33% of 1017 total', 'Dropped 3 nodes (cum <= 10)'],
    ],
    [
      { nodeCount: 2, nodeFraction: 0 },
      ['Showing nodes accounting for 1008, 99.12% of 1017 total', 'Showing top 2 nodes out of 5'],
    ],
    [{ nodeCount: 9, nodeFraction: 0 }, ['Showing nodes accounting for 1017, 100% of 1017 total']],
    [
      { nodeCount: 1 },
      [
        'Showing nodes accounting for 1000, 98.33% of 1017 total',
        'Dropped 1 node (cum <= 5)',
        'Showing top 1 nodes out of 4',
      ],
    ],
    // The limit is of the whole profile, though less was left to be shown.
    [{ focus: '^b$' }, ['Active filters:', '   focus=^b$', 'Showing nodes accounting for 8, 0.79% of 1017 total']],
    [{ trim: false, nodeCount: 1 }, ['Showing nodes accounting for 1017, 100% of 1017 total']],
  ])('%j', (options, lines) => {
    expect(header(MANY, {}, { ...options, compactLabels: true })).toEqual(lines);
  });

  it('says nothing of limits where there is nothing', () => {
    expect(header('v/count\n0 f', {}, { compactLabels: true })).toEqual([
      'Showing nodes accounting for 0, 0% of 0 total',
    ]);
  });

  it('in a picture has edges as well, and a link', () => {
    const dot = (nodeCount: number) => render(MANY, { format: 'dot', nodeFraction: 0, edgeFraction: 0.008, nodeCount });
    expect(dot(0)).toContain('Dropped 2 edges (freq <= 8)\\l');
    expect(dot(0)).toContain('See https://git.io/JfYMW');
    // Edges that went before the top nodes were chosen are not counted: so it is in the reference.
    expect(dot(80)).not.toContain('Dropped');
  });
});
