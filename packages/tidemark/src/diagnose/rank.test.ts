import type { Finding } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { join, rank } from './rank.js';

const finding = (
  rule: string,
  verdict: Finding['verdict'],
  name: string,
  value: number,
  more: Partial<Finding> = {},
): Finding => ({
  fingerprint: `${rule} ${name}`,
  rule,
  verdict,
  title: '',
  subject: { service: 's', instance: null, build: null },
  site: { function: name, file: 'a.go', line: 7 },
  quantity: { unit: rule.startsWith('heap/') ? 'bytes' : 'goroutines', value },
  errorChance: null,
  evidence: [{ text: `${rule} ${name}`, values: {}, sources: [] }],
  chain: [],
  stack: [],
  related: [],
  cause: null,
  fix: null,
  unknown: [],
  moreSeconds: null,
  proof: null,
  ...more,
});

describe('rank', () => {
  it('puts verdicts before amounts, and amounts in bytes', () => {
    const list = [
      finding('heap/site-grows', 'suspect', 'a', 1e9),
      finding('goroutine/site-grows', 'leak', 'b', 50),
      finding('heap/site-grows', 'leak', 'c', 1e6),
      finding('heap/site-grows', 'clear', 'd', 1e12),
    ];
    expect(rank(list).map((f) => f.site?.function)).toEqual(['c', 'b', 'a', 'd']);
  });
});

describe('join', () => {
  it('keeps one finding a fingerprint, the worse one', () => {
    const joined = join([
      finding('heap/site-grows', 'undecided', 'a', 1),
      finding('heap/site-grows', 'suspect', 'a', 1),
    ]);
    expect(joined.map((f) => f.verdict)).toEqual(['suspect']);
  });

  it('folds what goroutines hold into their finding, but nothing else', () => {
    const held = finding('heap/site-grows', 'suspect', 'shop.(*Gateway).charge', 5e6);
    const other = finding('heap/site-grows', 'suspect', 'shop.remember', 5e6);
    const waiting = finding('goroutine/site-grows', 'leak', 'shop.(*Gateway).charge.func1', 100);
    const joined = join([held, other, waiting]);
    expect(joined.map((f) => f.site?.function)).toEqual(['shop.(*Gateway).charge.func1', 'shop.remember']);
    expect(joined[0]!.evidence.at(-1)?.text).toContain('shop.(*Gateway).charge');
    const made = finding('heap/site-grows', 'undecided', 'runtime.malg', 3e6);
    expect(join([made, waiting])).toHaveLength(1);
    expect(join([made, other])).toHaveLength(2);
    const clear = join([held, { ...waiting, verdict: 'clear' }]);
    expect(clear).toHaveLength(2);
  });

  it('makes growth and its explanation one finding: the cause in words, the growth in numbers', () => {
    const growth = finding('goroutine/site-grows', 'leak', 'shop.wait', 100);
    const cause = finding('goroutine/holder-gone', 'suspect', 'shop.wait', 3, { cause: 'lock-not-released-return' });
    const joined = join([growth, cause]);
    expect(joined).toHaveLength(1);
    expect(joined[0]).toMatchObject({ rule: 'goroutine/holder-gone', verdict: 'leak', quantity: { value: 100 } });
    expect(joined[0]!.evidence).toHaveLength(2);
    const elsewhere = join([growth, { ...cause, site: { function: 'shop.wait', file: 'a.go', line: 9 } }]);
    expect(elsewhere).toHaveLength(2);
  });
});
