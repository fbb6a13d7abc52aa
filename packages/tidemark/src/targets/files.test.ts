import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFiles } from './files.js';

const fresh = () => mkdtempSync(join(tmpdir(), 'tm-files-'));
const code = (code: string) => expect.objectContaining({ code });

describe('readFiles', () => {
  it('reads files and directories, not what is hidden or linked', async () => {
    const dir = fresh();
    writeFileSync(join(dir, 'b'), 'bb');
    writeFileSync(join(dir, '.hidden'), 'x');
    mkdirSync(join(dir, 'inner'));
    writeFileSync(join(dir, 'inner/a'), 'a');
    symlinkSync(dir, join(dir, 'inner/loop'));
    symlinkSync('/etc/passwd', join(dir, 'passwd'));
    const files = await readFiles([join(dir, 'b'), dir]);
    expect(files.map((file) => [basename(file.path), file.found, file.bytes.length])).toEqual([
      ['b', false, 2],
      ['b', true, 2],
      ['a', true, 1],
    ]);
  });

  it('tells what is missing, empty or too large', async () => {
    const dir = fresh();
    writeFileSync(join(dir, 'empty'), '');
    writeFileSync(join(dir, 'ten'), '0123456789');
    await expect(readFiles([])).rejects.toEqual(code('TM_USAGE'));
    await expect(readFiles([join(dir, 'no')])).rejects.toEqual(code('TM_FILE_NOT_FOUND'));
    await expect(readFiles([join(dir, 'empty')])).rejects.toEqual(code('TM_FILE_EMPTY'));
    await expect(readFiles([fresh()])).rejects.toEqual(code('TM_FILE_EMPTY'));
    await expect(readFiles([join(dir, 'ten')], { maxBytes: 9 })).rejects.toEqual(code('TM_LIMIT'));
    await expect(readFiles([join(dir, 'ten')], { maxTotalBytes: 9 })).rejects.toEqual(code('TM_LIMIT'));
    await expect(readFiles([dir], { maxFiles: 1 })).rejects.toEqual(code('TM_LIMIT'));
    expect((await readFiles([join(dir, 'ten')], { maxBytes: 10 }))[0]!.bytes).toHaveLength(10);
  });

  it('does not trust the size that a file says: a device never ends', async () => {
    await expect(readFiles(['/dev/zero'], { maxBytes: 100_000 })).rejects.toEqual(code('TM_LIMIT'));
  });

  it('takes terminal codes out of names in messages', async () => {
    const error = await readFiles(['/nowhere/\u001b[31mred']).catch((e) => e);
    expect(error.message).not.toContain('\u001b');
  });
});
