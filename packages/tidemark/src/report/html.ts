import { readFileSync } from 'node:fs';
import { type Report, TidemarkError } from '@tidemark/model';
import type { FlameGraph } from '@tidemark/pprof';
import { findAsset } from '../base/assets.js';
import { boundFlame, boundReport } from './html-bounds.js';

export interface HtmlOptions {
  /** The difference flame graph of the first and the last profile; the page makes a coarser one without it. */
  readonly flame?: FlameGraph | undefined;
  /** The built page of packages/web; looked up beside the program by default. */
  readonly template?: string;
}

/** Where the template takes its data; it stands there exactly once. */
const SLOT = '<script id="tidemark-data" type="application/json">null</script>';
const TITLE = '<title>Tidemark report</title>';

/**
 * The report as one HTML file that needs nothing else: the page that packages/web built, with the data in its
 * script tag. Large reports are cut to what a page can show, and a note in the page says what was left out.
 * Throws TM_TOOL_MISSING where the template was not built.
 */
export function renderHtml(report: Report, options: HtmlOptions = {}): string {
  const template = options.template ?? readTemplate();
  const left: string[] = [];
  const bounded = boundReport(report, left);
  const flame = options.flame ? boundFlame(options.flame, left) : null;
  const notes = [...bounded.notes, ...left.map((text) => ({ level: 'info' as const, code: null, text }))];
  const counts = countBy(report.findings, (f) => f.verdict);
  const data = scriptSafe(JSON.stringify({ report: { ...bounded, notes }, flame, counts }));
  const at = template.indexOf(SLOT);
  if (at < 0) throw new TidemarkError('TM_TOOL_MISSING', 'the HTML template has no place for data: build it again');
  // Not by replace(): `$&` in a function's name would be read as a pattern.
  const page = template.slice(0, at) + SLOT.replace('null', () => data) + template.slice(at + SLOT.length);
  return page.replace(TITLE, () => `<title>${escapeText(title(report))}</title>`);
}

function readTemplate(): string {
  const path = findAsset('report.html');
  if (path) return readFileSync(path, 'utf8');
  throw new TidemarkError('TM_TOOL_MISSING', 'the template of the HTML report is absent', {
    advice: 'Build it: npm run build.',
  });
}

/** JSON that no HTML parser ends early, whatever names are in it: `</script>`, `<!--` and line separators. */
function scriptSafe(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** How many there are of each; a page that holds fewer findings still tells their true number. */
function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

function title(report: Report): string {
  return `${report.verdict} · ${report.subject.service} · Tidemark`.slice(0, 200);
}

function escapeText(text: string): string {
  return text.replace(/[&<>\u0000-\u001f\u202a-\u202e\u2066-\u2069]/g, (c) =>
    c === '&' ? '&amp;' : c === '<' ? '&lt;' : c === '>' ? '&gt;' : ' ',
  );
}
