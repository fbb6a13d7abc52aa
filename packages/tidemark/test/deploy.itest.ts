import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { has, parts } from '../../../scripts/parts.mjs';
import { definitionOfForeign } from '../src/signals/index.js';
import { PARTS } from '../src/signals/names.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const RULES = 'deploy/prometheus/tidemark.rules.yml';

function promtool(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(parts.promtool.program!, args, {
    cwd: join(root, 'deploy/prometheus'),
    encoding: 'utf8',
  });
  return { status, says: `${stdout}${stderr}` };
}

/** Every query that a dashboard would send: of its panels, its variables, its annotations. */
function queriesOf(dashboard: unknown): string[] {
  const found: string[] = [];
  const walk = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'expr' && typeof inner === 'string') found.push(inner);
      const variable = key === 'definition' && /^label_values\((.*), \w+\)$/.exec(String(inner));
      if (variable) found.push(variable[1]!);
      walk(inner);
    }
  };
  walk(dashboard);
  return found.map((query) => query.replace(/\$(?:job|instance)\b/g, '.*'));
}

const queries = queriesOf(JSON.parse(read('deploy/grafana/tidemark.json')));

describe.skipIf(!has('promtool'))('rules and dashboards that are shipped', () => {
  it('rules are what promtool reads', () => {
    expect(promtool('check', 'rules', 'tidemark.rules.yml')).toMatchObject({ status: 0 });
  });

  it('alerts fire on what leaks and are silent on what does not', { timeout: 900_000 }, () => {
    expect(promtool('test', 'rules', 'tidemark.tests.yml')).toMatchObject({ status: 0 });
  });

  it('every query of the dashboard is PromQL, and a wrong one would be found', () => {
    expect(queries.length).toBeGreaterThan(30);
    const check = (exprs: readonly string[]) => {
      const file = join(mkdtempSync(join(tmpdir(), 'tm-deploy-')), 'queries.yml');
      const rules = exprs.map((expr, i) => ({ record: `q${i}`, expr }));
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
      return promtool('check', 'rules', file).status;
    };
    expect(check(queries)).toBe(0);
    expect(check([...queries, 'container_memory_working_set_bytes - container_memory_working_set_bytes[1m]'])).not.toBe(
      0,
    );
  });
});

describe('names in rules and dashboards', () => {
  const rules = read(RULES);
  const recorded = new Set([...rules.matchAll(/record: (\S+)/g)].map(([, name]) => name!));
  const module = `${read('docs/signals-by-go-version.md')}${read('docs/sdk.md')}`;
  const expressions = [...rules.matchAll(/expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/g)].map(([, a, b]) => a ?? b!);

  it.each([
    ['rules', expressions],
    ['dashboard', queries],
  ])('%s use recorded names, names of the module, and names of client_golang and the kubelet', (_, exprs) => {
    const used = new Set(exprs.join('\n').match(/\b(?:tidemark[:_]|go_|process_|container_)[a-z0-9_:]+/g));
    expect(used.size).toBeGreaterThan(15);
    const unknown = [...used].filter((name) => {
      if (name.startsWith('tidemark:')) return !recorded.has(name);
      if (name.startsWith('tidemark_')) return !module.includes(`\`${name}\``) && !module.includes(`\`${name}{`);
      return !definitionOfForeign(name) && !PARTS.has(name);
    });
    expect(unknown).toEqual([]);
  });

  it('what is recorded is used: by a rule, an alert or a panel', () => {
    const text = `${expressions.join('\n')}\n${queries.join('\n')}`;
    expect([...recorded].filter((name) => !new RegExp(`${name}\\b(?!:)`).test(text))).toEqual([]);
  });
});
