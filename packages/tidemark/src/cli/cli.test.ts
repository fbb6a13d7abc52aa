import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testIo } from '../../test/io.js';
import type { Io } from '../base/io.js';
import type { CommandSpec } from './command.js';
import { commandHelp, mainHelp } from './help.js';
import { parseCall } from './parse.js';
import { runCommand } from './run.js';
import { COMMANDS } from './table.js';

const spec: CommandSpec = {
  name: 'look',
  usage: '<thing>',
  summary: 'x',
  arguments: { min: 1, max: 1 },
  options: [
    { name: 'for', type: 'duration', default: '60s', summary: 'x' },
    { name: 'limit', type: 'bytes', summary: 'x' },
    { name: 'header', type: 'list', summary: 'x' },
    { name: 'json', type: 'flag', summary: 'x' },
    { name: 'no-color', type: 'flag', summary: 'x' },
  ],
  examples: [],
  run: async () => 0,
};

async function parsed(argv: string[], more: Partial<Io> = {}) {
  const call = await parseCall(spec, argv, testIo(more), []);
  if (call === 'help') throw new Error('help');
  return call;
}

describe('options', () => {
  it('come from flags, then the environment, then tidemark.yaml, then defaults, and tell which', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'tidemark-config-'));
    writeFileSync(join(cwd, 'tidemark.yaml'), 'limit: 1MiB\nlook: { for: 5m }\n');
    const plain = await parsed(['x']);
    expect([plain.duration('for'), plain.origin['for']]).toEqual([60_000, 'default']);
    const file = await parsed(['x'], { cwd });
    expect([file.duration('for'), file.bytes('limit'), file.origin['for']]).toEqual([
      300_000,
      1048576,
      join(cwd, 'tidemark.yaml'),
    ]);
    const env = await parsed(['x'], { cwd, env: { TIDEMARK_FOR: '9s' } });
    expect([env.duration('for'), env.origin['for']]).toEqual([9000, 'TIDEMARK_FOR']);
    const flag = await parsed(['x', '--for', '1s'], { cwd, env: { TIDEMARK_FOR: '9s' } });
    expect([flag.duration('for'), flag.origin['for']]).toEqual([1000, '--for']);
  });

  it('take lists, flags of the form --no-x and both places of options', async () => {
    const call = await parsed(['--header', 'A: 1', 'x', '--header', 'B: 2', '--no-color', '--json'], { color: true });
    expect(call.list('header')).toEqual(['A: 1', 'B: 2']);
    expect([call.flag('json'), call.io.color, call.args]).toEqual([true, false, ['x']]);
  });

  it.each([
    [['x', '--for', 'soon'], /--for: "soon" is no duration/],
    [['x', '--fro', '1s'], /unknown option '--fro'/],
    [[], /takes 1 argument, not 0/],
    [['x', 'y'], /takes 1 argument, not 2/],
  ])('refuses %j', async (argv, says) => {
    await expect(parsed(argv)).rejects.toThrow(says);
  });

  it('refuses a configuration that is no mapping', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'tidemark-config-'));
    writeFileSync(join(cwd, 'tidemark.yaml'), '- a\n');
    await expect(parsed(['x'], { cwd })).rejects.toMatchObject({ code: 'TM_CONFIG' });
  });
});

describe('commands', () => {
  it('help fits a terminal and lists exactly the commands that exist', async () => {
    const help = mainHelp();
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(90);
    for (const entry of COMMANDS) expect(help.includes(` ${entry.name} `)).toBe(entry.group !== 'hidden');
    for (const entry of COMMANDS) {
      const loaded = await entry.load();
      if ('spec' in loaded) expect(commandHelp(loaded.spec)).toContain(`Usage: tidemark ${entry.name}`);
    }
  });

  it('every command is listed once', () => {
    const names = COMMANDS.map((c) => c.name);
    expect([...new Set(names)]).toEqual(names);
  });

  it('a typing error is answered with the command that was meant', async () => {
    const at = testIo();
    expect(await runCommand('explan', [], at)).toBe(2);
    expect(at.err).toContain('Did you mean: tidemark explain');
  });

  it('explain prints rules and codes, and refuses the rest', async () => {
    const rule = testIo();
    expect(await runCommand('explain', ['heap/site-grows'], rule)).toBe(0);
    expect(rule.out).toContain('How it judges');
    const code = testIo();
    expect(await runCommand('explain', ['tm_timeout'], code)).toBe(0);
    expect(code.out).toContain('Exit code 4');
    const wrong = testIo();
    expect(await runCommand('explain', ['heap/nothing'], wrong)).toBe(2);
  });

  it('completion knows every command and option', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const at = testIo();
      expect(await runCommand('completion', [shell], at)).toBe(0);
      for (const entry of COMMANDS.filter((c) => c.group !== 'hidden')) expect(at.out).toContain(entry.name);
    }
    expect(await runCommand('completion', ['tcsh'], testIo())).toBe(2);
  });
});
