import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has, parts } from '../../../scripts/parts.mjs';
import { type HtmlOptions, renderHtml } from '../../tidemark/src/report/html.js';
import { sampleFlame } from './sample-flame.js';
import { hostileReport, sampleReport } from './sample-report.js';

const web = fileURLToPath(new URL('..', import.meta.url));
const vite = fileURLToPath(new URL('../../../node_modules/vite/bin/vite.js', import.meta.url));
const LARGEST_TEMPLATE_BYTES = 350 * 1024;

describe.skipIf(!has('chromium'))('HTML report in a browser', () => {
  const folder = mkdtempSync(join(process.env['TIDEMARK_SHOTS'] ?? tmpdir(), 'tidemark-web-'));
  let browser: Browser;
  let template: string;
  let problems: string[];

  beforeAll(async () => {
    const outDir = join(folder, 'dist');
    // A process of its own: inside the test runner React would be built for development.
    const built = spawnSync(process.execPath, [vite, 'build', web, '--outDir', outDir, '--logLevel', 'warn'], {
      env: { ...process.env, NODE_ENV: 'production' },
      encoding: 'utf8',
    });
    expect(built.status, built.stderr).toBe(0);
    template = readFileSync(join(outDir, 'report.html'), 'utf8');
    expect(statSync(join(outDir, 'report.html')).size).toBeLessThan(LARGEST_TEMPLATE_BYTES);
    browser = await chromium.launch({
      executablePath: parts.chromium.program!,
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    });
  });

  afterAll(async () => {
    await browser?.close();
    // Kept where somebody asked for the pictures.
    if (!process.env['TIDEMARK_SHOTS']) rmSync(folder, { recursive: true, force: true });
  });

  /** A page with a report, opened from its file; whatever goes wrong in it is collected. */
  async function open(
    report = sampleReport(),
    options: HtmlOptions = {},
    context: BrowserContextOptions = {},
  ): Promise<Page> {
    problems = [];
    const file = join(folder, `report-${Math.random().toString(36).slice(2)}.html`);
    writeFileSync(file, renderHtml(report, { template, ...options }));
    const opened = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context });
    const page = await opened.newPage();
    page.on('console', (m) => {
      // What this test's own reading of pixels is told.
      if (m.text().includes('willReadFrequently')) return;
      if (['error', 'warning'].includes(m.type())) problems.push(m.text());
    });
    page.on('pageerror', (e) => problems.push(String(e)));
    page.on('dialog', (d) => problems.push(`dialog ${d.message()}`));
    page.on('request', (r) => {
      if (!r.url().startsWith('data:') && r.url() !== pathToFileURL(file).href) problems.push(`request ${r.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    await page.locator('h1').waitFor();
    return page;
  }

  const picture = (page: Page, name: string) => page.screenshot({ path: join(folder, name), fullPage: true });
  const textOf = (page: Page, selector: string) => page.locator(selector).first().innerText();

  it('tells the answer, each finding and its evidence, and asks nobody for anything', async () => {
    const page = await open();
    expect(await page.title()).toBe('leak · shop · Tidemark');
    expect(await textOf(page, 'h1')).toContain(
      '2 leaks; the worst: cache.(*Server).remember keeps 3.4 GiB more every hour',
    );
    const card = await textOf(page, '#finding-1');
    for (const part of [
      'heap/site-grows',
      'github.com/acme/shop/internal/cache.(*Server).remember internal/cache/cache.go:41',
      '+3.4 GiB an hour',
      '2.8 GiB … 4 GiB an hour',
      '38.4 MiB → 96.1 MiB',
      'of 58.1 MiB allocated here meanwhile, 57.7 MiB is still live',
      'Server.seen map[string]*entry',
      'Bound s.seen: an LRU with a size',
      "tidemark diagnose http://127.0.0.1:6060 --for 60s --header 'X-Team: shop & co'",
      'whether the 0.4 MiB',
    ]) {
      expect(card.replaceAll('\u00a0', ' ')).toContain(part);
    }
    expect(await textOf(page, '#finding-1 [aria-current]')).toContain('cache.go:41');
    expect(await page.locator('.u-wrap canvas').count()).toBeGreaterThan(6);
    expect(await textOf(page, '#notes')).toContain('one of 8 looks took longer than 5 s');
    expect(await textOf(page, '#waits')).toContain('1,214 goroutines · no receiver is left · cannot end · likely');
    await picture(page, 'light.png');
    expect(problems).toEqual([]);
  });

  it('draws the flame graph so that it can be hovered, zoomed, searched and walked', async () => {
    const page = await open();
    const canvas = page.locator('.flame canvas');
    await canvas.scrollIntoViewIfNeeded();
    const width = (await canvas.boundingBox())!.width;
    const rowOf = (row: number) => ({ x: width * 0.3, y: row * 19 + 9 });
    await canvas.hover({ position: rowOf(7) });
    expect(await textOf(page, '.tooltip')).toContain('cache.(*Server).remember');
    expect(await textOf(page, '.tooltip')).toContain('+57.7 MiB');
    // A warm pixel where it grew: the picture is really there.
    const [red, , blue] = await canvas.evaluate((c: HTMLCanvasElement) => [
      ...c.getContext('2d')!.getImageData(c.width * 0.2, 7 * 19 + 2, 1, 1).data,
    ]);
    expect(red! - blue!).toBeGreaterThan(80);

    await page.mouse.move(5, 5);
    expect(await page.locator('.tooltip').count()).toBe(0);
    await canvas.click({ position: rowOf(7) });
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor();
    expect(await textOf(page, '.frame-bar')).toContain('cache.(*Server).remember');
    await page.waitForTimeout(400);
    // Zoomed in, the frame is as wide as the graph: its right end is under the pointer too.
    await canvas.hover({ position: { x: width - 5, y: 7 * 19 + 9 } });
    expect(await textOf(page, '.tooltip')).toContain('cache.(*Server).remember');

    await canvas.focus();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: 'Reset zoom' }).count()).toBe(0);
    await page.keyboard.press('ArrowDown');
    expect(await textOf(page, '.frame-bar')).toContain('net/http.(*conn).serve');
    await page.keyboard.press('ArrowRight');
    expect(await textOf(page, '.frame-bar')).not.toContain('net/http.(*conn).serve');

    await page.getByLabel('Search functions and files in the flame graph').fill('remember');
    expect(await textOf(page, '.flame .tool-status')).toMatch(/^1 frame, 69 % of the width$/);
    await page.getByLabel('Search functions and files in the flame graph').fill('nowhere');
    expect(await textOf(page, '.flame .tool-status')).toBe('no frame matches');
    await page.locator('.flame .segmented label', { hasText: 'change' }).click();
    expect(problems).toEqual([]);
  });

  it('sorts and filters the tables, and opens the stack of a row', async () => {
    const page = await open();
    const rows = page.locator('#sites tbody tr');
    expect(await rows.count()).toBe(25);
    expect(await rows.first().innerText()).toContain('remember');
    await page.locator('#sites').getByRole('button', { name: 'Change' }).click();
    expect(await rows.first().innerText()).toContain('Batch).encode');
    expect(await page.locator('#sites th[aria-sort=ascending]').innerText()).toContain('Change');
    await page.locator('#sites').getByRole('searchbox').fill('part7.go build7');
    expect(await textOf(page, '#sites .tool-status')).toMatch(/^\d+ of 412 rows$/);
    await rows.first().getByRole('button').click();
    expect(await textOf(page, '#sites .detail')).toContain('internal/orders.assemble');
    await page.locator('#sites').getByRole('searchbox').fill('nowhere');
    expect(await textOf(page, '#sites .empty')).toBe('No row matches the filter.');
    expect(problems).toEqual([]);
  });

  it('copies the proving command as a shell needs it', async () => {
    const page = await open(undefined, {}, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('#finding-1 .copy').click();
    await page.locator('#finding-1 .copy', { hasText: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      "tidemark diagnose http://127.0.0.1:6060 --for 60s --header 'X-Team: shop & co'",
    );
  });

  it('follows the colours that the reader wants, and prints', async () => {
    const page = await open(undefined, {}, { colorScheme: 'dark' });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const corner = () =>
      page
        .locator('.flame canvas')
        .evaluate((c: HTMLCanvasElement) => [
          ...c.getContext('2d')!.getImageData(c.width - 4, c.height - 4, 1, 1).data,
        ]);
    expect(await background()).toBe('rgb(20, 24, 28)');
    expect((await corner())[0]).toBe(20);
    await picture(page, 'dark.png');
    await page.getByLabel('Colours').selectOption('light');
    expect(await background()).toBe('rgb(255, 255, 255)');
    await expect.poll(async () => (await corner())[0]).toBe(255);
    await page.getByLabel('Colours').selectOption('dark');
    await page.emulateMedia({ media: 'print' });
    expect(await background()).toBe('rgb(255, 255, 255)');
    await expect.poll(async () => (await corner())[0]).toBe(255);
    expect(await page.locator('#finding-1 .copy').isVisible()).toBe(false);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    expect(problems).toEqual([]);
  });

  it('fits a telephone', async () => {
    const page = await open(undefined, {}, { viewport: { width: 390, height: 800 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await picture(page, 'narrow.png');
  });

  it('survives hostile names, numbers that are none and 10,000 findings', async () => {
    const page = await open(hostileReport());
    expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
    expect(await textOf(page, 'h1')).toContain('10,000 leaks');
    expect(await textOf(page, '#finding-1')).toContain('</script><script>window.pwned=1</script>');
    expect(await textOf(page, '#finding-1 .command')).toContain(`$'a\\'; rm -rf /\\012reboot' '$(x)'`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
    expect(await page.locator('.finding').count()).toBe(10);
    await page.getByRole('button', { name: /of lower rank/ }).click();
    expect(await page.locator('.finding').count()).toBeGreaterThan(10);
    expect(await page.getByRole('alert').count()).toBe(0);
    await picture(page, 'hostile.png');
    expect(problems).toEqual([]);
  });

  it('says that nothing was found, and shows empty evidence as such', async () => {
    const quiet = {
      ...sampleReport(0),
      verdict: 'clear' as const,
      findings: [],
      notes: [],
      evidence: [],
      checked: { sites: 3 },
    };
    const page = await open(quiet);
    expect(await textOf(page, 'h1')).toContain('Nothing grows that should not');
    expect(await page.locator('.finding').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('draws 50,000 frames', async () => {
    const page = await open(undefined, { flame: sampleFlame(50_000) });
    const canvas = page.locator('.flame canvas');
    await canvas.scrollIntoViewIfNeeded();
    await page.getByLabel('Search functions and files in the flame graph').fill('call49999');
    expect(await textOf(page, '.flame .tool-status')).toContain('1 frame');
    await canvas.click({ position: { x: 100, y: 4 * 19 + 9 } });
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor();
    await picture(page, 'large.png');
    expect(problems).toEqual([]);
  });

  it('says so where it holds no report or a broken one', async () => {
    for (const [text, says] of [
      ['null', 'empty template'],
      ['{"report":', 'cannot be read'],
    ] as const) {
      const file = join(folder, 'broken.html');
      writeFileSync(
        file,
        template.replace('>null</script>', () => `>${text}</script>`),
      );
      const page = await browser.newPage();
      await page.goto(pathToFileURL(file).href);
      await page.locator('#root .empty').waitFor();
      expect(await textOf(page, '#root')).toContain(says);
    }
  });
});
