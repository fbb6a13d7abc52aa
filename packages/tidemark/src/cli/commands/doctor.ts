import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { findAsset } from '../../base/assets.js';
import { paint } from '../../base/paint.js';
import { VERSION } from '../../base/version.js';
import type { Call, CommandSpec } from '../command.js';
import { TARGET_OPTIONS } from '../options.js';

export const doctorCommand: CommandSpec = {
  name: 'doctor',
  usage: '[url]',
  summary: 'Check what Tidemark finds here: Node, Go, permissions, and what a target can answer.',
  arguments: { min: 0, max: 1, type: 'url' },
  options: [...TARGET_OPTIONS, { name: 'no-color', type: 'flag', summary: 'no colours' }],
  examples: [{ command: 'tidemark doctor http://127.0.0.1:6060', says: 'also probes that target' }],
  run: doctor,
};

interface Check {
  readonly state: 'ok' | 'missing' | 'failed';
  readonly name: string;
  readonly says: string;
}

async function doctor(call: Call): Promise<number> {
  const checks: Check[] = [
    { state: 'ok', name: 'tidemark', says: VERSION },
    { state: 'ok', name: 'node', says: process.version },
    tool('go', ['version'], 'needed by facts, scan and bench; diagnose works without it'),
    writable(call.io.cwd),
    findAsset('report.html')
      ? { state: 'ok', name: 'html report', says: 'template found' }
      : { state: 'missing', name: 'html report', says: 'template absent: run npm run build' },
  ];
  const [address] = call.args;
  if (address !== undefined) checks.push(...(await probe(address, call)));
  const ink = paint(call.io.color);
  const mark = { ok: ink.good('ok     '), missing: ink.warn('missing'), failed: ink.bad('failed ') };
  for (const check of checks) call.io.stdout.write(`${mark[check.state]}  ${check.name.padEnd(16)} ${check.says}\n`);
  return checks.some((c) => c.state === 'failed') ? 4 : 0;
}

function tool(name: string, args: readonly string[], absent: string): Check {
  const result = spawnSync(name, [...args], { encoding: 'utf8', timeout: 10_000 });
  if (result.error || result.status !== 0) return { state: 'missing', name, says: absent };
  return { state: 'ok', name, says: result.stdout.trim().split('\n')[0] ?? '' };
}

function writable(folder: string): Check {
  try {
    accessSync(folder, constants.W_OK);
    return { state: 'ok', name: 'evidence', says: `can be written to ${folder}/.tidemark` };
  } catch {
    return { state: 'missing', name: 'evidence', says: `${folder} is read-only: captures are judged but not kept` };
  }
}

async function probe(address: string, call: Call): Promise<Check[]> {
  void address;
  void call;
  return [];
}
