import type { Finding } from '@tidemark/model';
import { parseTextProfile } from '@tidemark/pprof';
import { describe, expect, it } from 'vitest';
import { stated } from './finding.js';
import { joinProfile } from './profile-join.js';
import { joinSarif, readSarif } from './sarif-join.js';

function finding(name: string, verdict: 'leak' | 'suspect', file = 'pay/pay.go', line = 6): Finding {
  return stated({
    ...{ rule: 'resource/file', verdict, title: name, service: 's', anchor: 'a', evidence: [] },
    site: { function: name, file, line },
  });
}

const HEAP = `alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes
2 200 1 100   main.main@main.go:3;example.com/pay.Small@pay.go:5;example.com/pay.read@pay.go:9
4 8000 3 7000   main.main@main.go:4;example.com/pay.Big.func1@pay.go:40
`;

describe('joinProfile', () => {
  const profile = () => parseTextProfile(HEAP);

  it('puts bytes beside findings, and the big ones first of their verdict', () => {
    const list = joinProfile(
      [
        finding('example.com/pay.None', 'suspect'),
        finding('example.com/pay.Small', 'suspect'),
        finding('example.com/pay.Big', 'suspect'),
        finding('example.com/pay.Idle', 'leak'),
      ],
      profile(),
      'heap.pb.gz',
    )!;
    expect(list.map((one) => [one.title.slice(16), one.quantity?.value ?? null])).toEqual([
      ['Idle', null],
      ['Big', 7000],
      ['Small', 100],
      ['None', null],
    ]);
    expect(list[1]!.evidence[0]!.text).toMatch(/^heap\.pb\.gz has .* in use below example\.com\/pay\.Big, 99 %/);
    expect(list[3]!.evidence).toEqual([]);
  });

  it('refuses a profile of anything else', () => {
    const cpu = parseTextProfile('samples/count cpu/nanoseconds\n1 10  main.main@main.go:1\n');
    expect(joinProfile([], cpu, 'x')).toBeNull();
  });
});

function sarif(uri: string, startLine: number, more: object = {}) {
  return JSON.stringify({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'golangci-lint' } },
        results: [
          {
            ruleId: 'bodyclose',
            message: { text: 'response body must be closed' },
            locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine } } }],
            ...more,
          },
        ],
      },
    ],
  });
}

describe('SARIF of other tools', () => {
  const ours = [finding('example.com/pay.Charge', 'leak')];

  it('becomes evidence of the finding in the same line, however long the path is', () => {
    for (const uri of ['pay/pay.go', './pay/pay.go', 'file:///src/shop/pay/pay.go', 'pay.go']) {
      const joined = joinSarif(ours, readSarif(sarif(uri, 6), 'x.sarif'), 's');
      expect(joined).toHaveLength(1);
      expect(joined[0]!.evidence[0]!.text).toBe(
        'golangci-lint says the same of this line: response body must be closed (bodyclose).',
      );
    }
    expect(ours[0]!.evidence).toEqual([]);
  });

  it('becomes a suspicion of its own elsewhere', () => {
    for (const text of [sarif('pay/pay.go', 7), sarif('refund/pay.go', 6)]) {
      const joined = joinSarif(ours, readSarif(text, 'x.sarif'), 's');
      expect(joined.map((one) => [one.rule, one.verdict])).toEqual([
        ['resource/file', 'leak'],
        ['sarif/bodyclose', 'suspect'],
      ]);
    }
  });

  it('leaves out what is suppressed or passed', () => {
    expect(readSarif(sarif('a.go', 1, { suppressions: [{ kind: 'inSource' }] }), 'x')).toEqual([]);
    expect(readSarif(sarif('a.go', 1, { kind: 'pass' }), 'x')).toEqual([]);
    expect(readSarif(sarif('', 1), 'x')).toEqual([]);
  });

  it('refuses what is no SARIF', () => {
    expect(() => readSarif('{', 'x')).toThrow(/x is no JSON/);
    expect(() => readSarif('{"version": "1.0", "runs": []}', 'x')).toThrow(/x is no SARIF 2\.1 log: version/);
    expect(() => readSarif('{"version": "2.1.0", "runs": [{}]}', 'x')).toThrow(/runs\.0\.tool/);
  });
});
