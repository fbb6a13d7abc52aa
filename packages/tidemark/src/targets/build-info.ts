import { type FileHandle, open } from 'node:fs/promises';

/** What the Go linker wrote into a program about itself. */
export interface BuildInfo {
  readonly goVersion: string;
  /** Import path of the main package, e.g. shop/cmd/server. */
  readonly path: string | null;
  readonly module: string | null;
  readonly moduleVersion: string | null;
  readonly vcsRevision: string | null;
  readonly vcsModified: boolean;
}

const MAGIC = '\xff Go buildinf:';
/** Module lists of large programs take tens of KB. */
const MAX_INFO_BYTES = 4 * 2 ** 20;

/** Reads the build info of an ELF program (Go 1.18 or newer); null for everything else. */
export async function readBuildInfo(path: string): Promise<BuildInfo | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return null;
  }
  try {
    const section = await findSection(file, '.go.buildinfo');
    return section && parseBuildInfo(section);
  } catch {
    return null; // damaged headers point anywhere
  } finally {
    await file.close();
  }
}

/** Two strings with a varint length each behind a head of 32 bytes: the Go version and the module list. */
export function parseBuildInfo(section: Buffer): BuildInfo | null {
  const inline = (section[15]! & 2) !== 0;
  if (section.toString('latin1', 0, 14) !== MAGIC || !inline) return null;
  const version = lengthPrefixed(section, 32);
  const modules = version && lengthPrefixed(section, version.end);
  if (!version || !modules) return null;
  const lines = modules.text.split('\n').map((line) => line.split('\t'));
  const main = lines.find((line) => line[0] === 'mod');
  const setting = (key: string) => lines.find((l) => l[0] === 'build' && l[1]?.startsWith(`${key}=`))?.[1];
  const revision = setting('vcs.revision');
  return {
    goVersion: version.text,
    // The list stands between two marks of 16 bytes.
    path: lines.find((line) => line[0]?.endsWith('path'))?.[1] ?? null,
    module: main?.[1] ?? null,
    moduleVersion: main?.[2] ?? null,
    vcsRevision: revision?.slice('vcs.revision='.length) ?? null,
    vcsModified: setting('vcs.modified') === 'vcs.modified=true',
  };
}

function lengthPrefixed(bytes: Buffer, at: number): { text: string; end: number } | null {
  let length = 0;
  let shift = 1;
  let from = at;
  for (; from < at + 5 && from < bytes.length; from++) {
    length += (bytes[from]! & 0x7f) * shift;
    shift *= 128;
    if (bytes[from]! < 0x80) break;
  }
  const end = from + 1 + length;
  return end > bytes.length ? null : { text: bytes.toString('utf8', from + 1, end), end };
}

async function findSection(file: FileHandle, wanted: string): Promise<Buffer | null> {
  const head = await readAt(file, 0, 64);
  const elf64 = head.toString('latin1', 0, 4) === '\x7fELF' && head[4] === 2;
  if (!elf64) return null;
  const little = head[5] === 1;
  const u16 = (b: Buffer, at: number) => (little ? b.readUInt16LE(at) : b.readUInt16BE(at));
  const u32 = (b: Buffer, at: number) => (little ? b.readUInt32LE(at) : b.readUInt32BE(at));
  const u64 = (b: Buffer, at: number) => Number(little ? b.readBigUInt64LE(at) : b.readBigUInt64BE(at));
  const entrySize = u16(head, 58);
  const count = u16(head, 60);
  const table = await readAt(file, u64(head, 40), entrySize * count);
  const place = (index: number) => ({
    name: u32(table, index * entrySize),
    offset: u64(table, index * entrySize + 24),
    size: u64(table, index * entrySize + 32),
  });
  const names = place(u16(head, 62));
  const text = await readAt(file, names.offset, Math.min(names.size, 2 ** 20));
  for (let i = 0; i < count; i++) {
    const { name, offset, size } = place(i);
    if (text.toString('latin1', name, name + wanted.length + 1) === `${wanted}\0`)
      return readAt(file, offset, Math.min(size, MAX_INFO_BYTES));
  }
  return null;
}

async function readAt(file: FileHandle, offset: number, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, offset);
  return buffer.subarray(0, bytesRead);
}
