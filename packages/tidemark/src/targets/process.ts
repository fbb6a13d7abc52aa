import { readdir, readFile, readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { type CgroupReading, readCgroup } from './cgroup.js';
import type { Target } from './target.js';

/** A process on this machine. The start time tells it from a later one with the same number. */
export interface LocalProcess {
  readonly pid: number;
  readonly startTicks: number;
  readonly argv: readonly string[];
}

const ROLLUP_MAX_BYTES = 4 * 2 ** 30;

/** What the kernel says about a process at one moment; null where it says nothing. Sizes are bytes. */
export interface ProcessReading {
  readonly atMs: number;
  readonly rssBytes: number | null;
  readonly rssAnonBytes: number | null;
  readonly rssFileBytes: number | null;
  readonly rssShmemBytes: number | null;
  readonly peakRssBytes: number | null;
  readonly swapBytes: number | null;
  readonly threads: number | null;
  readonly fds: number | null;
  readonly startedAtMs: number | null;
  readonly anonHugePagesBytes: number | null;
  readonly cgroup: CgroupReading | null;
}

export type ProcessSearch = { readonly process: LocalProcess } | { readonly process: null; readonly reason: string };

/**
 * Finds the process that listens at a target's port, when the address is this machine's and the kernel shows it.
 * A forwarded port belongs to the forwarder (ssh, kubectl): its argument list differs from what the target itself
 * answers, and then nothing is found rather than the wrong process.
 */
export async function findProcess(target: Target): Promise<ProcessSearch> {
  const none = (reason: string): ProcessSearch => ({ process: null, reason });
  if (process.platform !== 'linux') return none('/proc exists on Linux only');
  if (!target.isLoopback && !isOwnAddress(target.base.hostname)) return none('the target is not on this machine');
  const inodes = await listeningInodes(target.port);
  if (inodes.size === 0) return none('no listening socket is visible here: the port is forwarded');
  const pid = await ownerOf(inodes);
  if (pid === null) return none('the process that listens belongs to another user or namespace');
  const found = await readProcess(pid);
  if (!found) return none('the process ended');
  const { cmdline } = target.offers;
  if (cmdline === null) return none('the target does not tell its command line, so the process cannot be confirmed');
  if (cmdline.join('\u0000') !== found.argv.join('\u0000'))
    return none('the process that listens is not the one that answers: the port is forwarded');
  return { process: found };
}

/** The identity of a process; null when it is gone. */
export async function readProcess(pid: number): Promise<LocalProcess | null> {
  const [stat, cmdline] = await Promise.all([text(`/proc/${pid}/stat`), text(`/proc/${pid}/cmdline`)]);
  if (stat === null || cmdline === null) return null;
  return { pid, startTicks: startTicksOf(stat), argv: cmdline.replace(/\u0000$/, '').split('\u0000') };
}

/** Reads a process; null when it is gone or another one has its number now. */
export async function readProcessMemory(of: LocalProcess, nowMs: number): Promise<ProcessReading | null> {
  const dir = `/proc/${of.pid}`;
  const [stat, status, uptime] = await Promise.all([text(`${dir}/stat`), text(`${dir}/status`), text('/proc/uptime')]);
  if (stat === null || status === null || startTicksOf(stat) !== of.startTicks) return null;
  const kib = (from: string | null, key: string): number | null => {
    const match = from && new RegExp(`^${key}:\\s+(\\d+)(?: kB)?`, 'm').exec(from);
    return match ? Number(match[1]) * 1024 : null;
  };
  const rssBytes = kib(status, 'VmRSS');
  // It walks every page table with the address space locked: not for large processes.
  const rollup = rssBytes !== null && rssBytes < ROLLUP_MAX_BYTES ? await text(`${dir}/smaps_rollup`) : null;
  const threads = kib(status, 'Threads');
  const fds = await readdir(`${dir}/fd`).then(
    (list) => list.length,
    () => null,
  );
  const upSeconds = Number(uptime?.split(' ')[0] ?? Number.NaN);
  // The kernel counts in 1/100 s for user space on every architecture that Go runs on.
  const ageSeconds = upSeconds - of.startTicks / 100;
  return {
    atMs: nowMs,
    rssBytes,
    rssAnonBytes: kib(status, 'RssAnon'),
    rssFileBytes: kib(status, 'RssFile'),
    rssShmemBytes: kib(status, 'RssShmem'),
    peakRssBytes: kib(status, 'VmHWM'),
    swapBytes: kib(status, 'VmSwap'),
    threads: threads === null ? null : threads / 1024,
    fds,
    startedAtMs: Number.isFinite(ageSeconds) ? Math.round(nowMs - ageSeconds * 1000) : null,
    anonHugePagesBytes: kib(rollup, 'AnonHugePages'),
    cgroup: await readCgroup(of.pid),
  };
}

/** Field 22 of /proc/PID/stat, counted behind the last `)`: a program's name may hold spaces and brackets. */
function startTicksOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

async function listeningInodes(port: number): Promise<Set<string>> {
  const out = new Set<string>();
  for (const table of ['tcp', 'tcp6']) {
    for (const line of (await text(`/proc/net/${table}`))?.split('\n').slice(1) ?? []) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === '0A' && inode && Number.parseInt(local!.slice(local!.lastIndexOf(':') + 1), 16) === port)
        out.add(`socket:[${inode}]`);
    }
  }
  return out;
}

async function ownerOf(sockets: ReadonlySet<string>): Promise<number | null> {
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    for (const fd of await readdir(`/proc/${name}/fd`).catch(() => [])) {
      const link = await readlink(`/proc/${name}/fd/${fd}`).catch(() => '');
      if (sockets.has(link)) return Number(name);
    }
  }
  return null;
}

function isOwnAddress(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === bare));
}

async function text(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
