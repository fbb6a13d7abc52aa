import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCgroup } from './cgroup.js';

/** Files as the kernel lays them out; the real ones of this machine are read in process.itest.ts. */
function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'tm-cgroup-'));
  for (const [path, body] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), body);
  }
  return root;
}

describe('cgroups', () => {
  it('version 2 with PSI', async () => {
    const dir = 'sys/fs/cgroup/kubepods/pod1';
    const root = tree({
      'proc/7/cgroup': '0::/kubepods/pod1\n',
      [`${dir}/memory.current`]: '1000000\n',
      [`${dir}/memory.max`]: '2000000\n',
      [`${dir}/cgroup.procs`]: '7\n9\n',
      [`${dir}/memory.stat`]:
        'anon 600000\nfile 300000\ninactive_file 250000\nkernel 1000\nslab 500\nsock 4\nshmem 7\nanon_thp 2097152\n',
      [`${dir}/memory.events`]: 'low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\n',
      [`${dir}/memory.pressure`]:
        'some avg10=12.50 avg60=1.00 avg300=0.10 total=3500000\nfull avg10=2.00 avg60=0.50 avg300=0.00 total=1000000\n',
    });
    expect(await readCgroup(7, root)).toMatchObject({
      ...{ version: 2, processes: 2, currentBytes: 1e6, limitBytes: 2e6, workingSetBytes: 750_000, anonBytes: 600_000 },
      ...{ fileBytes: 300_000, anonHugePagesBytes: 2_097_152, oomKills: 1, limitHits: 12 },
      ...{ pressureSome10: 0.125, pressureFull10: 0.02, pressureSomeSeconds: 3.5 },
    });
  });

  it('version 2 inside a container, whose path is not visible, without a limit', async () => {
    const root = tree({
      'proc/7/cgroup': '0::/../../../etc\n',
      'sys/fs/cgroup/memory.current': '5\n',
      'sys/fs/cgroup/memory.max': 'max\n',
    });
    expect(await readCgroup(7, root)).toMatchObject({
      version: 2,
      currentBytes: 5,
      limitBytes: null,
      workingSetBytes: null,
    });
  });

  it('version 1, where no limit is a huge number', async () => {
    const dir = 'sys/fs/cgroup/memory/docker/x';
    const files = (limit: string) => ({
      'proc/7/cgroup': '12:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/\n',
      [`${dir}/memory.usage_in_bytes`]: '900\n',
      [`${dir}/memory.limit_in_bytes`]: limit,
      [`${dir}/memory.stat`]:
        'cache 1\nrss 2\ntotal_cache 300\ntotal_rss 500\ntotal_inactive_file 100\nhierarchical_memory_limit 9223372036854771712\n',
      [`${dir}/memory.failcnt`]: '3\n',
      [`${dir}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
    });
    expect(await readCgroup(7, tree(files('4096\n')))).toMatchObject({
      ...{ version: 1, currentBytes: 900, limitBytes: 4096, workingSetBytes: 800, anonBytes: 500, fileBytes: 300 },
      ...{ limitHits: 3, oomKills: 2, pressureSome10: null },
    });
    expect(await readCgroup(7, tree(files('9223372036854771712\n')))).toMatchObject({ limitBytes: null });
  });

  it('none, and nonsense', async () => {
    expect(await readCgroup(7, tree({}))).toBeNull();
    expect(await readCgroup(7, tree({ 'proc/7/cgroup': '\u0000:::\n\n' }))).toBeNull();
    const broken = tree({ 'proc/7/cgroup': '0::/\n', 'sys/fs/cgroup/memory.current': '-5e3\n' });
    expect(await readCgroup(7, broken)).toBeNull();
  });
});
