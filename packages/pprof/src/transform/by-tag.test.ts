import { describe, expect, it } from 'vitest';
import { nodesOf, testHost } from '../../test/render.js';
import type { ReportOptions } from '../report/options.js';

// The leaf names the sample.
const PROFILE = `cpu/count
1 small size=#512bytes zone=east
1 kilo size=#1024bytes zone=west tier=gold
1 mega size=#1048576bytes zone=east tier=gold
1 late wait=#1500ms
1 plain n=#7
1 bare`;

function kept(options: Partial<ReportOptions>, warnings: string[] = []): string {
  const names = nodesOf(PROFILE, options, testHost(warnings)).map((row) => row.split(' ')[2]);
  return names.sort().join(' ');
}

describe('tagfocus by range', () => {
  it.each([
    ['1kb', 'kilo'],
    ['1024', ''],
    ['1024b', 'kilo'],
    // A number without a unit takes that of the range: 7 is 7kb.
    ['1kb:', 'kilo mega plain'],
    [':1kb', 'kilo small'],
    ['1kb:1mb', 'kilo mega plain'],
    ['600b:1mb', 'kilo mega'],
    ['size=:512b', 'small'],
    ['wait=:512b', ''],
    ['1s:2s', 'late'],
    ['1500ms', 'late'],
    ['7', 'plain'],
    ['-1:7', 'plain'],
  ])('%s', (tagFocus, names) => expect(kept({ tagFocus })).toBe(names));

  it('says that it took the pattern as a range', () => {
    const warnings: string[] = [];
    kept({ tagFocus: 'size=1kb:' }, warnings);
    expect(warnings).toEqual(["tagfocus:Interpreted '1kb:' as range, not regexp"]);
  });

  it('refuses a number beyond 64 bits', () => {
    expect(() => kept({ tagFocus: '9223372036854775808:' })).toThrow('failed to parse int');
  });
});

describe('tagfocus and tagignore by pattern', () => {
  it.each([
    [{ tagFocus: 'east' }, 'mega small'],
    [{ tagFocus: 'zone:east' }, 'mega small'],
    [{ tagFocus: 'zone' }, 'kilo mega small'],
    // Without a key all patterns have to match, with one any of them.
    [{ tagFocus: 'east,gold' }, 'mega'],
    [{ tagFocus: 'zone=east,west' }, 'kilo mega small'],
    [{ tagFocus: 'zone=gold' }, ''],
    [{ tagFocus: 'none=east' }, ''],
    [{ tagIgnore: 'east' }, 'bare kilo late plain'],
    [{ tagIgnore: 'size=1kb:' }, 'bare late plain small'],
    [{ tagFocus: 'gold', tagIgnore: 'west' }, 'mega'],
  ])('%j', (options, names) => expect(kept(options)).toBe(names));

  it.each([
    [{ tagFocus: 'nowhere' }, ['TagFocus']],
    [{ tagIgnore: 'nowhere', tagHide: 'nowhere' }, ['TagIgnore', 'TagHide']],
    [{ tagShow: 'nowhere' }, ['TagShow']],
    [{ tagFocus: 'east', tagShow: 'zone', tagHide: 'size' }, []],
  ])('%j warns of %j', (options, names) => {
    const warnings: string[] = [];
    kept(options, warnings);
    expect(warnings).toEqual(names.map((n) => `${n} expression matched no samples`));
  });
});
