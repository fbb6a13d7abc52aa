import type { Finding, Report } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { judgeSource, readScan } from '../diagnose/source/index.js';
import { renderGithub } from './github.js';
import { renderSarif } from './sarif.js';
import { renderScan } from './scan-text.js';

const body = {
  rule: 'resource/http-body',
  verdict: 'leak',
  package: 'example.com/shop/pay',
  function: 'example.com/shop/pay.Charge[go.shape.int]',
  file: 'example.com/shop/pay/pay.go',
  repoFile: 'pay/pay.go',
  line: 41,
  anchor: 'http.Get#1',
  message: 'the response body from http.Get is not closed, 100% sure',
  cause: 'the connection stays',
  fix: 'defer resp.Body.Close()',
  related: [
    { file: 'example.com/shop/pay/pay.go', repoFile: 'pay/pay.go', line: 41, message: 'taken here' },
    { file: 'example.com/shop/pay/a b.go', repoFile: 'pay/a b.go', line: 47, message: 'returns here' },
  ],
};
const holder = { ...body, rule: 'heap/holder-only-added', verdict: 'suspect', line: 9, anchor: 'x', related: [] };

function scanOf(findings: object[], more: object = {}) {
  const document = {
    ...{ format: 'tidemark-scan', version: 1, build: { module: 'example.com/shop', goVersion: 'go1.26.0' } },
    ...{ packages: 2, failed: [], importersNotSeen: true, findings, suppressed: [], badIgnores: [] },
    ...more,
  };
  return readScan(JSON.stringify(document));
}

const report = (findings: object[], more?: object, failOn: 'leak' | 'suspect' | 'never' = 'leak', modulePath = '') =>
  judgeSource(scanOf(findings, more), { failOn, argv: ['tidemark', 'scan'], modulePath, atMs: 0 });

describe('judgeSource', () => {
  it('gives leaks first and the exit codes of every judging command', () => {
    const both = report([holder, body]);
    expect(both.findings.map((finding) => finding.rule)).toEqual(['resource/http-body', 'heap/holder-only-added']);
    expect(both.exitCode).toBe(1);
    expect(report([holder]).exitCode).toBe(3);
    expect(report([holder], {}, 'suspect').exitCode).toBe(1);
    expect(report([body], {}, 'never').exitCode).toBe(0);
    expect(report([]).exitCode).toBe(0);
  });

  it('marks an answer without all packages as partial', () => {
    const failed = [
      { path: 'example.com/shop/bad', error: 'example.com/shop/bad: # example.com/shop/bad\nundefined: x' },
    ];
    const partial = report([], { failed });
    expect(partial.exitCode).toBe(3);
    expect(partial.verdict).toBe('undecided');
    expect(partial.notes[0]!.text).toContain('partial: example.com/shop/bad could not be read: undefined: x');
    expect(report([body], { failed }).exitCode).toBe(1);
  });

  it('keeps the fingerprint when lines move and names files from the root of the repository', () => {
    const [first] = report([body], {}, 'leak', 'services/shop').findings;
    const [moved] = report([{ ...body, line: 99 }]).findings;
    expect(first!.fingerprint).toBe(moved!.fingerprint);
    expect(first!.site).toMatchObject({
      file: 'services/shop/pay/pay.go',
      function: 'example.com/shop/pay.Charge[...]',
    });
  });

  it('refuses what is no scan, or a newer one', () => {
    expect(() => readScan('{')).toThrow(/whole document/);
    expect(() => readScan('{"format":"other"}')).toThrow(/another version/);
    expect(() => scanOf([], { version: 2 })).toThrow(/another version/);
  });
});

describe('renderSarif', () => {
  const log = JSON.parse(renderSarif(report([body, holder]), new Map([['resource/http-body', 'A body stays open.']])));
  const [run] = log.runs;

  it('lists each rule once, with its page, and points results at it', () => {
    expect(log.version).toBe('2.1.0');
    expect(run.tool.driver.rules.map((rule: { id: string }) => rule.id)).toEqual([
      'heap/holder-only-added',
      'resource/http-body',
    ]);
    expect(run.tool.driver.rules[1].shortDescription.text).toBe('A body stays open.');
    expect(run.tool.driver.rules[1].helpUri).toMatch(/docs\/rules\/resource-http-body\.md$/);
    for (const result of run.results) expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
  });

  it('has level, fingerprint, place and the path of a finding', () => {
    const [leak, suspect] = run.results;
    expect([leak.level, suspect.level]).toEqual(['error', 'warning']);
    expect(leak.partialFingerprints['tidemark/v1']).toMatch(/^[0-9a-f]{16}$/);
    expect(leak.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'pay/pay.go', uriBaseId: 'SRCROOT' },
      region: { startLine: 41 },
    });
    const steps = leak.codeFlows[0].threadFlows[0].locations;
    expect(steps.map((step: { location: { message: { text: string } } }) => step.location.message.text)).toEqual([
      'taken here',
      'returns here',
    ]);
    expect(steps[1].location.physicalLocation.artifactLocation.uri).toBe('pay/a%20b.go');
    expect(suspect.codeFlows).toBeUndefined();
  });

  it('leaves out what has no place, and what is clear', () => {
    const [finding] = report([body]).findings;
    const placeless: Finding[] = [
      { ...finding!, site: null },
      { ...finding!, verdict: 'clear' },
    ];
    const empty: Report = { ...report([]), findings: placeless };
    expect(JSON.parse(renderSarif(empty)).runs[0].results).toEqual([]);
  });
});

describe('renderGithub', () => {
  it('writes one command a finding and escapes what would end it', () => {
    const lines = renderGithub(report([body, { ...holder, repoFile: 'a,b:c.go', message: 'x\ny::error::z' }]));
    expect(lines.split('\n')[0]).toBe(
      '::error file=pay/pay.go,line=41,title=resource/http-body::the response body from http.Get is not closed, 100%25 sure%0AChange: defer resp.Body.Close()',
    );
    expect(lines.split('\n')[1]).toContain('::warning file=a%2Cb%3Ac.go,line=9');
    expect(lines.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('renderScan', () => {
  it('says what was looked at when nothing was found, and the path when something was', () => {
    const options = { color: false, columns: 100 };
    expect(renderScan(report([]), options)).toContain('nothing found in 2 packages');
    const text = renderScan(report([body]), options);
    expect(text).toContain('LEAK     pay/pay.go:41  resource/http-body');
    expect(text).toContain('pay/a b.go:47  returns here');
    expect(text).toContain('exit 1');
  });
});
