import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { goroutineProfile, heapProfile, heapText } from '../../test/profiles.js';
import { decode, loadSaved, total, type Watch } from './index.js';

const T0 = Date.parse('2026-11-24T08:00:00Z');
const MIB = 2 ** 20;
const code = (code: string) => expect.objectContaining({ code });

function folder(files: Record<string, Uint8Array | string>): (name: string) => string {
  const dir = mkdtempSync(join(tmpdir(), 'tm-saved-'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dir, name), bytes);
  return (name) => join(dir, name);
}

const live = (watch: Watch) => watch.looks.map((look) => look.heap && total(decode(look.heap), 'inuse_space'));
const warnings = (watch: Watch) => watch.notes.filter((note) => note.level === 'warning').map((note) => note.text);

const small = heapProfile({ live: { 'main.fill': 4 * MIB }, atMs: T0 });
const large = heapProfile({ live: { 'main.fill': 8 * MIB }, atMs: T0 + 60_000 });
const DUMP = 'goroutine 1 [chan send, 2 minutes]:\nmain.main()\n\t/src/main.go:9 +0x1\n';

describe('saved captures', () => {
  it('are read in order, with their program and build', async () => {
    const at = folder({ 'before.pb.gz': small, 'after.pb.gz': large });
    const saved = await loadSaved([at('before.pb.gz'), at('after.pb.gz')]);
    expect(live(saved)).toEqual([4 * MIB, 8 * MIB]);
    expect(saved.looks.map((look) => look.atMs)).toEqual([T0, T0 + 60_000]);
    expect(saved.subject).toMatchObject({ service: 'shop', build: 'b1' });
    expect(saved.notes).toEqual([]);
  });

  it('are sorted by the times inside, and a swapped order is said loudly', async () => {
    const at = folder({ 'a.pb.gz': small, 'b.pb.gz': large });
    const saved = await loadSaved([at('b.pb.gz'), at('a.pb.gz')]);
    expect(live(saved)).toEqual([4 * MIB, 8 * MIB]);
    expect(warnings(saved)).toEqual([expect.stringMatching(/SWAPPED.*a\.pb\.gz is the oldest/)]);
  });

  it('in a directory have no order of names, so nothing is swapped', async () => {
    const at = folder({ '1': large, '2': small });
    const saved = await loadSaved([at('.')]);
    expect([live(saved), warnings(saved)]).toEqual([[4 * MIB, 8 * MIB], []]);
  });

  it('as debug=1 text under a wrong name take their time from the last GC', async () => {
    const text = (mib: number, minutes: number) =>
      heapText(mib * MIB, { lastGcAtMs: T0 + minutes * 60_000, numGc: minutes + 1 });
    const at = folder({ 'x.pb.gz': text(8, 5), 'y.pb.gz': gzipSync(text(4, 0)) });
    const saved = await loadSaved([at('x.pb.gz'), at('y.pb.gz')]);
    expect(saved.looks.map((look) => [look.atMs, look.memStats?.numGc])).toEqual([
      [T0, 1],
      [T0 + 300_000, 6],
    ]);
    expect(warnings(saved)).toEqual([expect.stringMatching(/SWAPPED/)]);
  });

  it('of one moment are one look', async () => {
    const at = folder({
      h: heapProfile({ live: { 'main.fill': MIB }, atMs: T0 }),
      g: goroutineProfile({ 'main.wait': 7 }, T0 + 200),
      h2: heapProfile({ live: { 'main.fill': 2 * MIB }, atMs: T0 + 60_000 }),
    });
    const saved = await loadSaved([at('g'), at('h'), at('h2')]);
    expect(saved.looks.map((look) => [look.heap !== null, look.goroutineTotal])).toEqual([
      [true, 7],
      [true, null],
    ]);
    expect(warnings(saved)).toEqual([]);
  });

  it('of goroutines as text are recognised, packed or among log lines', async () => {
    const at = folder({
      plain: DUMP,
      packed: gzipSync(DUMP),
      logged: `2026/11/24 started\nfatal error: all goroutines are asleep\n\ngoroutine 8 gp=0xc0 m=nil [select]:\nmain.f()\n`,
    });
    for (const name of ['plain', 'packed', 'logged'])
      expect((await loadSaved([at(name)])).looks[0]!.dump).not.toBeNull();
  });

  it('of two processes of one program are never one', async () => {
    const at = folder({ a: large, b: heapProfile({ live: { 'main.fill': MIB }, atMs: T0 + 90_000 }) });
    const saved = await loadSaved([at('a'), at('b')]);
    expect(saved.restarted).toBe(true);
    expect(saved.looks.map((look) => look.incarnation)).toEqual([0, 1]);
    expect(warnings(saved)).toEqual([expect.stringMatching(/b comes from another process/)]);
  });

  it('of two programs are refused, of a renamed one not', async () => {
    const names = (list: string[]) => Object.fromEntries(list.map((name) => [name, MIB]));
    const shop = (program: string, atMs: number) =>
      heapProfile({ live: names(['shop.Cart', 'shop.Pay', 'shop.List']), program, atMs });
    const at = folder({
      ...{ a: shop('shop', T0), b: shop('shop-canary', T0 + 9000) },
      c: heapProfile({ live: names(['mail.Send', 'mail.Read', 'mail.Sort']), program: 'mailer', atMs: T0 + 9000 }),
    });
    await expect(loadSaved([at('a'), at('c')])).rejects.toEqual(code('TM_DIFFERENT_PROGRAMS'));
    expect((await loadSaved([at('a'), at('b')])).looks).toHaveLength(2);
  });

  it.each<[string, Uint8Array | string, string]>([
    ['text of something else', 'hello world\n', 'TM_NOT_A_PROFILE'],
    ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa, 0, 0]), 'TM_NOT_A_PROFILE'],
    ['a web page', '<!doctype html><html><body>login</body></html>', 'TM_NOT_A_PROFILE'],
    ['nothing', '', 'TM_FILE_EMPTY'],
    ['a cut profile', large.subarray(0, large.length - 20), 'TM_PROFILE_CORRUPT'],
    ['a gzip bomb', gzipSync(Buffer.alloc(40 * MIB)), 'TM_LIMIT'],
  ])('refuses %s', async (_, bytes, expected) => {
    const at = folder({ 'heap.pb.gz': bytes });
    await expect(loadSaved([at('heap.pb.gz')], { maxUnpackedBytes: 16 * MIB })).rejects.toEqual(code(expected));
  });

  it('passes over in a directory what it refuses when named, and says so', async () => {
    const at = folder({ a: small, b: large, 'notes.txt': 'hello', broken: large.subarray(0, 30) });
    const saved = await loadSaved([at('.')]);
    expect(saved.looks).toHaveLength(2);
    expect(saved.notes.map((note) => note.text)).toEqual([expect.stringMatching(/passed over 2 files/)]);
    await expect(loadSaved([folder({ x: 'hello' })('.')])).rejects.toEqual(code('TM_NOT_A_PROFILE'));
  });

  it('survive times that no clock shows', async () => {
    const at = folder({ a: heapProfile({ live: { 'main.fill': 1 }, atMs: 9.2e12 }), b: small });
    expect((await loadSaved([at('a'), at('b')])).looks).toHaveLength(2);
  });
});

describe('a kept watch', () => {
  const manifest = (changes: Record<string, unknown> = {}) =>
    JSON.stringify({
      ...{ format: 'tidemark-captures', schemaVersion: 1, looks: [], captures: [], notes: [], complete: true },
      subject: { service: 's', instance: null, build: null, goVersion: null, pid: null, ageSeconds: null },
      ...changes,
    });
  const capture = (file: string) => ({
    ...{ schemaVersion: 1, id: 'heap-0', kind: 'heap', source: 'x', takenAt: '2026-11-24T08:00:00.000Z', tookMs: 1 },
    ...{ sizeBytes: 1, sha256: 'ab', forcedGc: false, request: '/heap', file },
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['that a newer version wrote', { schemaVersion: 9 }, 'TM_SCHEMA_NEWER'],
    ['that is damaged', { looks: 'many' }, 'TM_PROFILE_CORRUPT'],
    ['that names a file elsewhere', { captures: [capture('../../etc/passwd')] }, 'TM_PROFILE_CORRUPT'],
  ])('%s is refused', async (_, changes, expected) => {
    const at = folder({ 'manifest.json': manifest(changes), 'heap-0.pb.gz': small });
    await expect(loadSaved([at('.')])).rejects.toEqual(code(expected));
  });

  it('whose capture was changed or removed goes on without it', async () => {
    const at = folder({ 'manifest.json': manifest({ captures: [capture('heap-0.pb.gz')] }), 'heap-0.pb.gz': small });
    const changed = await loadSaved([at('.')]);
    expect(changed.notes.map((note) => note.code)).toEqual(['TM_PROFILE_CORRUPT']);
    const gone = folder({ 'manifest.json': manifest({ captures: [capture('heap-0.pb.gz')], complete: false }) });
    expect((await loadSaved([gone('.')])).notes.map((note) => note.code)).toEqual([null, 'TM_FILE_NOT_FOUND']);
  });

  it('is the newest of several', async () => {
    const at = folder({});
    for (const [name, service] of [
      ['2026-1', 'old'],
      ['2026-2', 'new'],
    ] as const) {
      mkdirSync(at(name));
      const subject = { ...JSON.parse(manifest()).subject, service };
      writeFileSync(join(at(name), 'manifest.json'), manifest({ subject }));
    }
    const kept = await loadSaved([at('.')]);
    expect(kept.subject.service).toBe('new');
    expect(kept.notes[0]!.text).toMatch(/of 2 watches the newest/);
    expect(readFileSync(join(at('2026-1'), 'manifest.json'), 'utf8')).toContain('old');
  });
});
