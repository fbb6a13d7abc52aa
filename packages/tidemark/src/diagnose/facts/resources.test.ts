import type { BuildFacts, Finding, GoroutineSeries, UnreleasedResource } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { explainByResources, resourcesNear } from './resources.js';

const body: UnreleasedResource = {
  rule: 'resource/http-body',
  verdict: 'leak',
  function: 'example.com/shop/pay.(*Gateway).charge',
  file: 'example.com/shop/pay/pay.go',
  line: 41,
  message: 'the response body from http.Get is not closed on the path that ends in line 47',
  fix: 'defer resp.Body.Close() right after the error check',
  related: [
    { file: 'example.com/shop/pay/pay.go', line: 41, message: 'taken here' },
    { file: 'example.com/shop/pay/pay.go', line: 47, message: 'returns here with it still open' },
  ],
};
const file: UnreleasedResource = { ...body, rule: 'resource/file', function: 'example.com/shop/log.open', line: 9 };

const frame = (name: string, line = 1) => ({ function: name, file: 'x.go', line });
const readLoop = [frame('net/http.(*persistConn).readLoop')];

function finding(stack: Finding['stack'], verdict: Finding['verdict'] = 'suspect'): Finding {
  return {
    ...{ fingerprint: '0', rule: 'goroutine/site-grows', verdict, title: '', quantity: null, errorChance: null },
    subject: { service: 's', instance: null, build: null },
    ...{ site: stack[0]!, evidence: [], chain: [], stack, related: [], cause: 'c', fix: 'f', unknown: [] },
    ...{ moreSeconds: null, proof: null },
  };
}

const facts = (resources: UnreleasedResource[]): BuildFacts => ({
  ...{ kind: 'build-facts', matchedBy: 'build id', exact: true, importersNotSeen: false, holders: [], limits: [] },
  resources,
});

describe('explainByResources', () => {
  it('joins a growing site with the resource that its function takes', () => {
    const seen = finding([
      frame('net/http.(*Transport).dialConn'),
      frame('example.com/shop/pay.(*Gateway).charge', 41),
    ]);
    const [joined] = explainByResources([seen], [facts([file, body])]);
    expect(joined!.evidence).toHaveLength(1);
    expect(joined!.evidence[0]!.text).toContain('not closed on the path that ends in line 47');
    expect(joined!.related.map((place) => place.line)).toEqual([41, 47]);
    expect(joined!.fix).toContain('pay/pay.go:41');
    expect(joined!.verdict).toBe('suspect');
  });

  it('finds the place of a goroutine of the library by what such goroutines are left by', () => {
    const [joined] = explainByResources([finding(readLoop)], [facts([file, body])]);
    expect(joined!.evidence.map((sentence) => sentence.values.rule)).toEqual(['resource/http-body']);
  });

  it('takes a closure for the function around it, and looks at who started a goroutine', () => {
    const stack = [frame('io.copyBuffer'), frame('main.work.func2')];
    const started = { ...body, rule: 'goroutine/no-exit', function: 'main.start' };
    const series: GoroutineSeries = {
      ...{ kind: 'goroutine-series', looks: [], limits: [] },
      groups: [
        {
          ...{
            site: stack[1]!,
            creator: frame('main.start.func1'),
            state: null,
            waitsIn: null,
            counts: [1],
            stayed: [],
          },
          ...{ oldestWaitMinutes: null, stack, labels: {}, provenLeaked: false },
        },
      ],
    };
    const [joined] = explainByResources([finding(stack)], [facts([started]), series]);
    expect(joined!.evidence).toHaveLength(1);
  });

  it('leaves alone what has nothing to do with it, what is clear, and builds without such facts', () => {
    const other = finding([frame('example.com/shop/cache.Put')]);
    const clear = finding(readLoop, 'clear');
    expect(explainByResources([other, clear], [facts([file, body])])).toEqual([other, clear]);
    expect(explainByResources([other], [])).toEqual([other]);
  });

  it('keeps the fix of the rule when several places could be it', () => {
    const second = { ...body, function: 'example.com/shop/pay.refund', line: 80 };
    const [joined] = explainByResources([finding(readLoop)], [facts([body, second])]);
    expect(joined!.evidence).toHaveLength(2);
    expect(joined!.fix).toBe('f');
  });
});

describe('resourcesNear', () => {
  it('keeps what is in a seen function or shows in a seen library, and nothing else', () => {
    expect(resourcesNear([body, file], [readLoop])).toEqual([body]);
    expect(resourcesNear([body, file], [[frame('example.com/shop/log.open.func1')]])).toEqual([file]);
    expect(resourcesNear([body, file], [[frame('main.main')]])).toEqual([]);
  });
});
