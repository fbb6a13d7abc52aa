import { readdirSync, readFileSync } from 'node:fs';
import { ERRORS, type ErrorCode, TidemarkError } from '@tidemark/model';
import { findAsset } from '../../base/assets.js';
import { paint } from '../../base/paint.js';
import type { Call, CommandSpec } from '../command.js';

export const explainCommand: CommandSpec = {
  name: 'explain',
  usage: '[rule|code]',
  summary: 'Print the page of a rule or an error code, offline.',
  arguments: { min: 0, max: 1, type: 'text' },
  options: [{ name: 'no-color', type: 'flag', summary: 'no colours' }],
  examples: [
    { command: 'tidemark explain heap/site-grows', says: 'how the rule judges, and what to change' },
    { command: 'tidemark explain TM_UNREACHABLE', says: 'what an error means' },
    { command: 'tidemark explain', says: 'list all of them' },
  ],
  run: explain,
};

async function explain(call: Call): Promise<number> {
  const [topic] = call.args;
  const pages = rulePages();
  const ink = paint(call.io.color);
  if (topic === undefined) {
    call.io.stdout.write(`Rules\n${[...pages.keys()].map((r) => `  ${r}\n`).join('')}Errors\n`);
    for (const [code, entry] of Object.entries(ERRORS)) call.io.stdout.write(`  ${code.padEnd(22)} ${entry.title}\n`);
    return 0;
  }
  const error = ERRORS[topic.toUpperCase() as ErrorCode];
  if (error) {
    call.io.stdout.write(
      `${ink.strong(topic.toUpperCase())}\n\n${error.title}.\n\n${error.advice}\n\nExit code ${error.exit}.\n`,
    );
    return 0;
  }
  const page = pages.get(topic);
  if (!page) {
    throw new TidemarkError('TM_USAGE', `there is no rule or error code "${topic}"`, {
      advice: 'Run `tidemark explain` for the list.',
    });
  }
  call.io.stdout.write(renderMarkdown(readFileSync(page, 'utf8'), call.io.color));
  return 0;
}

/** Rule id → its page: `heap/site-grows` lies in docs/rules/heap-site-grows.md. */
function rulePages(): Map<string, string> {
  const folder = findAsset('docs/rules');
  const pages = new Map<string, string>();
  if (!folder) return pages;
  for (const file of readdirSync(folder).sort()) {
    const path = `${folder}/${file}`;
    const id = /^# `?([a-z]+\/[a-z-]+)`?/m.exec(readFileSync(path, 'utf8'))?.[1];
    if (id) pages.set(id, path);
  }
  return pages;
}

/** Rule id → the first sentence of its page. */
export function ruleSummaries(): Map<string, string> {
  const summaries = new Map<string, string>();
  for (const [id, page] of rulePages()) {
    const sentence = /^[A-Z][^\n]*$/m.exec(readFileSync(page, 'utf8'))?.[0];
    if (sentence) summaries.set(id, sentence);
  }
  return summaries;
}

/** Enough of Markdown for our own pages: headings stand out, marks that only help a browser go. */
function renderMarkdown(text: string, color: boolean): string {
  const ink = paint(color);
  return text
    .split('\n')
    .map((line) => {
      if (/^#{1,6} /.test(line)) return ink.strong(line.replace(/^#+ /, '').replaceAll('`', ''));
      return line.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replace(/`([^`]+)`/g, (_, code: string) => ink.strong(code));
    })
    .join('\n');
}
