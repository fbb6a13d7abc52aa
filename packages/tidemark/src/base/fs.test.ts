import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeAtomic } from './fs.js';

describe('writeAtomic', () => {
  it('replaces a file and leaves nothing else behind', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tm-fs-'));
    await writeAtomic(join(dir, 'a/b.txt'), 'one');
    await writeAtomic(join(dir, 'a/b.txt'), 'two');
    expect(readFileSync(join(dir, 'a/b.txt'), 'utf8')).toBe('two');
    expect(readdirSync(join(dir, 'a'))).toEqual(['b.txt']);
  });

  it('names the path when a directory is in the way', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tm-fs-'));
    writeFileSync(join(dir, 'file'), '');
    await expect(writeAtomic(join(dir, 'file/x'), 'y')).rejects.toMatchObject({ code: 'TM_WRITE_FAILED' });
    await expect(writeAtomic('/proc/nothing/x', 'y')).rejects.toMatchObject({ code: 'TM_WRITE_FAILED' });
    expect(readdirSync(dir)).toEqual(['file']);
  });
});
