import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';

/** Memory of a cgroup (v1 or v2) at one moment; null where the kernel says nothing. Sizes are bytes. */
export interface CgroupReading {
  readonly version: 1 | 2;
  /** Processes in it: its memory is one process's own only where that is alone. */
  readonly processes: number | null;
  readonly currentBytes: number | null;
  /** The limit; null when there is none ("max", or v1's huge number). */
  readonly limitBytes: number | null;
  /** What Kubernetes calls the working set: current − inactive file pages. */
  readonly workingSetBytes: number | null;
  readonly anonBytes: number | null;
  readonly fileBytes: number | null;
  readonly inactiveFileBytes: number | null;
  readonly kernelBytes: number | null;
  readonly slabBytes: number | null;
  readonly sockBytes: number | null;
  readonly shmemBytes: number | null;
  readonly anonHugePagesBytes: number | null;
  readonly oomKills: number | null;
  /** Times the limit was hit (v2 events.max, v1 failcnt). */
  readonly limitHits: number | null;
  /** Share of the last 10 s in which some / all tasks waited for memory, 0..1 (PSI; v2 only). */
  readonly pressureSome10: number | null;
  readonly pressureFull10: number | null;
  /** Total seconds that some task waited for memory. */
  readonly pressureSomeSeconds: number | null;
}

/** Above this a v1 limit means "none" (PAGE_COUNTER_MAX in bytes is just below 2^63). */
const NO_LIMIT = 2 ** 60;

/** Reads the memory cgroup of a process; null where none is visible. `root` is where sysfs and procfs are, for tests. */
export async function readCgroup(pid: number, root = '/'): Promise<CgroupReading | null> {
  const lines = (await text(join(root, `proc/${pid}/cgroup`)))?.trim().split('\n') ?? [];
  let unified: string | undefined;
  let memory: string | undefined;
  for (const line of lines) {
    const [, controllers, ...path] = line.split(':');
    // The path comes from the kernel, but a container's may begin with /../ : never above the mount.
    const inside = normalize(`/${path.join(':')}`);
    if (controllers === '') unified = inside;
    else if (controllers?.split(',').includes('memory')) memory = inside;
  }
  if (memory !== undefined) {
    const v1 = await readV1([join(root, 'sys/fs/cgroup/memory', memory), join(root, 'sys/fs/cgroup/memory')]);
    if (v1) return v1;
  }
  if (unified === undefined) return null;
  return readV2([join(root, 'sys/fs/cgroup', unified), join(root, 'sys/fs/cgroup')]);
}

async function readV2(places: readonly string[]): Promise<CgroupReading | null> {
  for (const dir of places) {
    const current = whole(await text(join(dir, 'memory.current')));
    if (current === null) continue;
    const [max, stat, events, pressure] = await Promise.all(
      ['memory.max', 'memory.stat', 'memory.events', 'memory.pressure'].map((name) => text(join(dir, name))),
    );
    const of = table(stat);
    const event = table(events);
    const inactive = of('inactive_file');
    return {
      version: 2,
      processes: await processesIn(dir),
      currentBytes: current,
      limitBytes: whole(max),
      workingSetBytes: inactive === null ? null : Math.max(0, current - inactive),
      anonBytes: of('anon'),
      fileBytes: of('file'),
      inactiveFileBytes: inactive,
      kernelBytes: of('kernel'),
      slabBytes: of('slab'),
      sockBytes: of('sock'),
      shmemBytes: of('shmem'),
      anonHugePagesBytes: of('anon_thp'),
      oomKills: event('oom_kill'),
      limitHits: event('max'),
      ...readPressure(pressure ?? ''),
    };
  }
  return null;
}

async function readV1(places: readonly string[]): Promise<CgroupReading | null> {
  for (const dir of places) {
    const current = whole(await text(join(dir, 'memory.usage_in_bytes')));
    if (current === null) continue;
    const [max, stat, failed, oom] = await Promise.all(
      ['memory.limit_in_bytes', 'memory.stat', 'memory.failcnt', 'memory.oom_control'].map((n) => text(join(dir, n))),
    );
    const of = table(stat);
    const limits = [whole(max), of('hierarchical_memory_limit')].filter((x): x is number => x !== null && x < NO_LIMIT);
    const inactive = of('total_inactive_file');
    return {
      version: 1,
      processes: await processesIn(dir),
      currentBytes: current,
      limitBytes: limits.length ? Math.min(...limits) : null,
      workingSetBytes: inactive === null ? null : Math.max(0, current - inactive),
      anonBytes: of('total_rss'),
      fileBytes: of('total_cache'),
      inactiveFileBytes: inactive,
      kernelBytes: whole(await text(join(dir, 'memory.kmem.usage_in_bytes'))),
      slabBytes: null,
      sockBytes: whole(await text(join(dir, 'memory.kmem.tcp.usage_in_bytes'))),
      shmemBytes: of('total_shmem'),
      anonHugePagesBytes: of('total_rss_huge'),
      oomKills: table(oom)('oom_kill'),
      limitHits: whole(failed),
      pressureSome10: null,
      pressureFull10: null,
      pressureSomeSeconds: null,
    };
  }
  return null;
}

/** `some avg10=0.12 avg60=… total=MICROSECONDS`: per cent and microseconds → ratio and seconds. */
function readPressure(body: string): Pick<CgroupReading, 'pressureSome10' | 'pressureFull10' | 'pressureSomeSeconds'> {
  const value = (line: string, key: string) => {
    const match = new RegExp(`^${line} .*\\b${key}=(\\d+(?:\\.\\d+)?)`, 'm').exec(body);
    return match ? Number(match[1]) : null;
  };
  const scaled = (x: number | null, by: number) => (x === null ? null : x / by);
  return {
    pressureSome10: scaled(value('some', 'avg10'), 100),
    pressureFull10: scaled(value('full', 'avg10'), 100),
    pressureSomeSeconds: scaled(value('some', 'total'), 1e6),
  };
}

async function processesIn(dir: string): Promise<number | null> {
  const list = await text(join(dir, 'cgroup.procs'));
  return list === null ? null : list.split('\n').filter((line) => line !== '').length;
}

function table(body: string | null | undefined): (key: string) => number | null {
  const map = new Map<string, number>();
  for (const line of body?.split('\n') ?? []) {
    const [key, value] = line.trim().split(/\s+/);
    const number = whole(value ?? null);
    if (key && number !== null) map.set(key, number);
  }
  return (key) => map.get(key) ?? null;
}

function whole(body: string | null | undefined): number | null {
  const trimmed = body?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : null;
}

async function text(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
