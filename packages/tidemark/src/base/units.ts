/**
 * Numbers as people write and read them. Bytes are binary (KiB = 1024 B), as Go's tools count; durations take
 * Go's words (`1h30m`, `20s`, `250ms`). Every number printed to a person goes through here.
 */
import { TidemarkError } from '@tidemark/model';

const BYTE_UNITS: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1e3,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1e9,
  gib: 1024 ** 3,
  t: 1024 ** 4,
  tb: 1e12,
  tib: 1024 ** 4,
};
const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 };

/** `512MiB`, `1.5GiB`, `1000` → bytes. Throws TM_USAGE naming `what`. */
export function parseBytes(text: string, what: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const unit = match ? BYTE_UNITS[match[2]!.toLowerCase()] : undefined;
  if (!match || unit === undefined) {
    throw new TidemarkError('TM_USAGE', `${what}: "${text}" is no size`, { advice: 'Write it like 512MiB or 2GiB.' });
  }
  return Math.round(Number(match[1]) * unit);
}

/** `90s`, `5m`, `1h30m`, `20` (seconds) → milliseconds. Throws TM_USAGE naming `what`. */
export function parseDuration(text: string, what: string): number {
  const plain = /^\s*\d+(?:\.\d+)?\s*$/.test(text);
  if (plain) return Number(text) * 1000;
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map((p) => p[0]).join('') !== text.trim()) {
    throw new TidemarkError('TM_USAGE', `${what}: "${text}" is no duration`, {
      advice: 'Write it like 90s, 5m or 1h30m.',
    });
  }
  return parts.reduce((sum, p) => sum + Number(p[1]) * SECONDS[p[2]!]! * 1000, 0);
}

/** Three significant digits at most, without trailing zeros after the point for whole numbers. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(size >= 0.095 ? 1 : 2).replace(/\.0+$/, '');
}

/** 60_817_408 → `58.0 MiB`; the sign is kept, a plus is not added. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '?';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let at = 0;
  while (Math.abs(value) >= 999.5 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  return `${at === 0 ? value.toFixed(0) : short(value)} ${units[at]}`;
}

/** 1414 → `1,414`. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const [whole, fraction] = (Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : short(value)).split(
    '.',
  );
  const grouped = whole!.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction ? `${grouped}.${fraction}` : grouped;
}

/** Seconds → `45 s`, `12 min`, `3.5 h`, `9 days`: as exact as somebody would say it. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${short(Math.round(seconds * 10) / 10)} s`;
  if (seconds < 7200) return `${short(seconds / 60)} min`;
  if (seconds < 172800) return `${short(seconds / 3600)} h`;
  return `${short(seconds / 86400)} days`;
}

/** A rate in the unit in which people feel it: bytes a second below an hour's worth of nothing. */
export function formatByteRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond * 3600)}/h`;
}

/** 0.0312 → `3 %`; small ones keep a digit. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${Math.abs(percent) < 9.95 && percent !== 0 ? percent.toFixed(1).replace(/\.0$/, '') : percent.toFixed(0)} %`;
}

/** 1.2e-11 → `< 1e-9`; 0.0034 → `0.0034`: a chance, never claimed smaller than the model behind it can bear. */
export function formatChance(p: number): string {
  if (p < 1e-9) return '< 1e-9';
  if (p < 1e-3) return p.toExponential(0);
  return p < 0.1 ? p.toFixed(4).replace(/0+$/, '') : p.toFixed(2);
}
