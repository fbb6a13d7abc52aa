import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, describe, expect, it } from 'vitest';
import { has, parts } from '../../../scripts/parts.mjs';
import { encodeProfile, flameGraph, mergeProfiles, parseTextProfile, writeReport } from '../src/index.js';

describe.skipIf(!has('chromium'))('in a worker of Chromium', () => {
  const closing: (() => Promise<unknown> | unknown)[] = [];
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  it('gives the same report, encoding and flame graph as in Node', async () => {
    const bundle = await rolldown({
      input: fileURLToPath(new URL('./worker.ts', import.meta.url)),
      platform: 'browser',
      resolve: { conditionNames: ['source', 'import', 'browser', 'default'] },
    });
    const { output } = await bundle.generate({ format: 'esm' });
    await bundle.close();
    const worker = output[0].code;
    const p = parseTextProfile('inuse_space/bytes\n300 main;a@a.go:1;+b@b.go:2\n40 main;ünï@c.go:3 bytes=#40bytes');
    const server = createServer((request, response) => {
      const isWorker = request.url === '/worker.js';
      response.setHeader('content-type', isWorker ? 'text/javascript' : 'text/html');
      response.end(isWorker ? worker : '<!doctype html><title>worker</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const browser = await chromium.launch({ executablePath: parts.chromium.program!, args: ['--no-sandbox'] });
    closing.push(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const bytes = [...gzipSync(encodeProfile(p))];
    const answer = await page.evaluate(
      (data) =>
        new Promise<Record<string, unknown>>((resolve, reject) => {
          const w = new Worker('/worker.js', { type: 'module' });
          w.onmessage = (event) => resolve(event.data);
          w.onerror = (event) => reject(new Error(event.message));
          w.postMessage(Uint8Array.from(data));
        }),
      bytes,
    );
    const sum = mergeProfiles([p, p]);
    let text = '';
    writeReport(sum, { format: 'text' }, { compile: () => () => true }, (chunk) => {
      text += chunk;
    });
    expect(text).toContain('ünï');
    expect(answer).toEqual({
      text,
      encoded: encodeProfile(sum).length,
      boxes: flameGraph(sum).root.children.length,
    });
  });
});
