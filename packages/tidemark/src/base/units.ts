import { TidemarkError } from '@tidemark/model';

const BYTE_UNITS: Record<string, number> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  kib: 2 ** 10,
  kb: 1e3,
  m: 2 ** 20,
  mib: 2 ** 20,
  mb: 1e6,
  g: 2 ** 30,
  gib: 2 ** 30,
  gb: 1e9,
  t: 2 ** 40,
  tib: 2 ** 40,
  tb: 1e12,
};

/** `512MiB`, `1.5 GB`, `64k`, `1048576` → bytes. A bare k, M or G counts in powers of 1024, as Go and Kubernetes' Ki. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim().replace(/([kmgt])i$/i, '$1ib'));
  const unit = match ? BYTE_UNITS[match[2]!.toLowerCase()] : undefined;
  const bytes = match && unit !== undefined ? Number(match[1]) * unit : Number.NaN;
  if (!Number.isFinite(bytes) || bytes > Number.MAX_SAFE_INTEGER)
    throw new TidemarkError('TM_USAGE', `"${text}" is no size; write it like 512MiB or 2GiB`);
  return Math.round(bytes);
}

const DURATION_MS: Record<string, number> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

/** `90s`, `5m`, `1h30m`, `250ms`, `20` (seconds) → milliseconds. */
export function parseDuration(text: string): number {
  const bare = text.trim();
  if (/^\d+(\.\d+)?$/.test(bare)) return Number(bare) * 1e3;
  let ms = 0;
  let rest = bare;
  while (rest) {
    const part = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)/.exec(rest);
    if (!part) throw new TidemarkError('TM_USAGE', `"${text}" is no duration; write it like 90s, 5m or 1h30m`);
    ms += Number(part[1]) * DURATION_MS[part[2]!]!;
    rest = rest.slice(part[0].length);
  }
  if (!bare || !Number.isFinite(ms)) throw new TidemarkError('TM_USAGE', `"${text}" is no duration`);
  return ms;
}

/** Bytes in words with one decimal: `38.4 MiB`; below 1 KiB whole bytes. */
export function formatBytes(bytes: number): string {
  const sign = bytes < 0 ? '-' : '';
  let value = Math.abs(bytes);
  if (value < 1024) return `${sign}${Math.round(value)} B`;
  let unit = 'B';
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  return `${sign}${value.toFixed(1)} ${unit}`;
}

/** Milliseconds in words: `850 ms`, `45 s`, `14 min`, `3.2 h`, `5.0 days`. */
export function formatDuration(ms: number): string {
  if (ms < 1e3) return `${Math.round(ms)} ms`;
  if (ms < 120e3) return `${Math.round(ms / 1e3)} s`;
  if (ms < 7200e3) return `${Math.round(ms / 60e3)} min`;
  if (ms < 172_800e3) return `${(ms / 3600e3).toFixed(1)} h`;
  return `${(ms / 86_400e3).toFixed(1)} days`;
}
