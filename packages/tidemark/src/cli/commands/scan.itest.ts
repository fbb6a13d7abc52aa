import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Report, TidemarkError } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { testIo } from '../../../test/io.js';
import { violations } from '../../../test/published-schema.js';
import { parseCall } from '../parse.js';
import { scanCommand } from './scan.js';

const LEAKS = `package pay

import "net/http"

func Charge(url string) (int, error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode != 200 {
		return resp.StatusCode, nil
	}
	return 0, resp.Body.Close()
}
`;

/** A repository with one module below its root. */
function repository(files: Record<string, string>, goLine = '1.22'): string {
  const root = mkdtempSync(join(tmpdir(), 'tm-scan-'));
  mkdirSync(join(root, '.git'));
  const all = { 'go.mod': `module example.com/shop\n\ngo ${goLine}\n`, ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, 'shop', name)), { recursive: true });
    writeFileSync(join(root, 'shop', name), text);
  }
  return join(root, 'shop');
}

async function scan(cwd: string, ...argv: string[]): Promise<{ code: number; out: string }> {
  const io = testIo({ cwd });
  const call = await parseCall(scanCommand, argv, io, []);
  if (call === 'help') throw new Error('help');
  const code = await scanCommand.run(call);
  return { code, out: io.out };
}

describe('tidemark scan', () => {
  it('finds the path that forgets a body, in every form', async () => {
    const shop = repository({ 'pay/pay.go': LEAKS });
    const { code, out } = await scan(shop, '--json', '--sarif-out', 'out.sarif');
    const report = Report.parse(JSON.parse(out));
    expect(violations(JSON.parse(out))).toEqual([]);
    expect(code).toBe(1);
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]).toMatchObject({
      rule: 'resource/http-body',
      verdict: 'leak',
      site: { function: 'example.com/shop/pay.Charge', file: 'shop/pay/pay.go', line: 6 },
    });
    expect(report.findings[0]!.related.map((place) => place.line)).toEqual([6, 10, 11]);
    const sarif = JSON.parse(readFileSync(join(shop, 'out.sarif'), 'utf8'));
    expect(sarif.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('shop/pay/pay.go');
    const github = await scan(shop, '--github');
    expect(github.out).toMatch(/^::error file=shop\/pay\/pay\.go,line=6,title=resource\/http-body::/);
  });

  it('is clean with the fix, and with a comment that gives a reason', async () => {
    const fixed = repository({
      'pay/pay.go': LEAKS.replace('if resp.Status', 'defer resp.Body.Close()\n\tif resp.Status'),
    });
    expect((await scan(fixed)).code).toBe(0);
    const ignored = repository({
      'pay/pay.go': LEAKS.replace('Get(url)', 'Get(url) //tidemark:ignore resource/http-body one connection for all'),
    });
    expect(await scan(ignored)).toMatchObject({ code: 0, out: expect.stringContaining('1 suppressed by comments') });
    const without = repository({
      'pay/pay.go': LEAKS.replace('Get(url)', 'Get(url) //tidemark:ignore resource/http-body'),
    });
    expect(await scan(without)).toMatchObject({ code: 1, out: expect.stringContaining('without a reason') });
  });

  it('says what could not be read, and that the answer is partial', async () => {
    const broken = repository({ 'pay/pay.go': 'package pay\n', 'bad/bad.go': 'package bad\n\nvar X int = missing\n' });
    const { code, out } = await scan(broken);
    expect(code).toBe(3);
    expect(out).toMatch(/partial: example\.com\/shop\/bad could not be read: .*undefined: missing/);
  });

  it('decides about tickers by the go line of the main module', async () => {
    const ticks =
      'package t\n\nimport "time"\n\nfunc F(n int) {\n\tt := time.NewTicker(1)\n\tfor range n {\n\t\t<-t.C\n\t}\n}\n';
    expect((await scan(repository({ 't/t.go': ticks }, '1.22'), '--fail-on', 'suspect')).code).toBe(1);
    expect((await scan(repository({ 't/t.go': ticks }, '1.23'), '--fail-on', 'suspect')).code).toBe(0);
  });

  it('fixes what a deferred release repairs, and is quiet then', async () => {
    const shop = repository({ 'pay/pay.go': LEAKS });
    const fixed = await scan(shop, '--fix');
    expect(fixed.out).toMatch(/changed pay\/pay\.go/);
    expect(fixed.code).toBe(0);
    expect(readFileSync(join(shop, 'pay/pay.go'), 'utf8')).toContain('\tdefer resp.Body.Close()\n');
    expect((await scan(shop)).code).toBe(0);
  });

  it('looks for pairs of the user, and joins the log of another tool', async () => {
    const lease =
      'package l\n\ntype R struct{}\n\nfunc (R) Take() *int { return new(int) }\nfunc (R) Give(*int)  {}\n\nfunc F(r R) int {\n\tl := r.Take()\n\treturn *l\n}\n';
    const shop = repository({
      'l/l.go': lease,
      'pairs.yaml':
        'pairs:\n  - acquire: example.com/shop/l.R.Take\n    releaseFunctions: [example.com/shop/l.R.Give]\n    noun: lease\n',
      'other.sarif': JSON.stringify({
        version: '2.1.0',
        runs: [
          {
            tool: { driver: { name: 'linter' } },
            results: [
              {
                ruleId: 'leases',
                message: { text: 'give it' },
                locations: [{ physicalLocation: { artifactLocation: { uri: 'l/l.go' }, region: { startLine: 9 } } }],
              },
            ],
          },
        ],
      }),
    });
    expect((await scan(shop)).out).not.toContain('resource/pair');
    const { code, out } = await scan(shop, '--pairs', 'pairs.yaml', '--sarif', 'other.sarif', '--json');
    expect(code).toBe(1);
    const report = Report.parse(JSON.parse(out));
    expect(report.findings.map((one) => one.rule)).toEqual(['resource/pair']);
    expect(report.findings[0]!.evidence.at(-1)!.text).toContain('linter says the same of this line: give it');
    await expect(scan(shop, '--pairs', 'missing.yaml')).rejects.toThrow(/does not exist/);
    writeFileSync(join(shop, 'bad.yaml'), 'pairs: [{ acquire: a.B }]\n');
    await expect(scan(shop, '--pairs', 'bad.yaml')).rejects.toThrow(/neither release nor releaseFunctions/);
    await expect(scan(shop, '--profile', 'pairs.yaml')).rejects.toThrow(/pairs\.yaml/);
  });

  it('refuses a folder without a module, one that is missing, and two forms at once', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'tm-scan-'));
    writeFileSync(join(empty, 'x.go'), 'package x\n');
    await expect(scan(empty)).rejects.toThrow(/no go\.mod/);
    await expect(scan(empty, '-C', 'missing')).rejects.toThrow(TidemarkError);
    await expect(scan(empty, '--json', '--github')).rejects.toThrow(/give one/);
  });
});
