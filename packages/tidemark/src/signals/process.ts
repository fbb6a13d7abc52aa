import type { ProcessReading } from '../targets/index.js';
import { type Readings, ReadingsBuilder } from './readings.js';
import { definitionOf } from './vocabulary.js';

/** What the kernel says about a process and its cgroup, under the vocabulary. */
export function readingsOfProcess(process: ProcessReading): Readings {
  const builder = new ReadingsBuilder();
  const put = (name: string, value: number | null | undefined) => {
    if (value !== null && value !== undefined) builder.set(definitionOf(name)!, value);
  };
  put('process_rss_bytes', process.rssBytes);
  put('process_rss_anon_bytes', process.rssAnonBytes);
  put('process_rss_file_bytes', process.rssFileBytes);
  put('process_rss_shmem_bytes', process.rssShmemBytes);
  put('process_peak_rss_bytes', process.peakRssBytes);
  put('process_swap_bytes', process.swapBytes);
  put('process_huge_pages_bytes', process.anonHugePagesBytes);
  put('process_threads', process.threads);
  put('process_fds', process.fds);
  put('process_start_ms', process.startedAtMs);
  const { cgroup } = process;
  put('cgroup_current_bytes', cgroup?.currentBytes);
  put('cgroup_processes', cgroup?.processes);
  put('cgroup_limit_bytes', cgroup?.limitBytes);
  put('cgroup_working_set_bytes', cgroup?.workingSetBytes);
  put('cgroup_anon_bytes', cgroup?.anonBytes);
  put('cgroup_file_bytes', cgroup?.fileBytes);
  put('cgroup_inactive_file_bytes', cgroup?.inactiveFileBytes);
  put('cgroup_kernel_bytes', cgroup?.kernelBytes);
  put('cgroup_shmem_bytes', cgroup?.shmemBytes);
  put('cgroup_huge_pages_bytes', cgroup?.anonHugePagesBytes);
  put('cgroup_oom_kills', cgroup?.oomKills);
  put('cgroup_limit_hits', cgroup?.limitHits);
  put('cgroup_pressure_some_ratio', cgroup?.pressureSome10);
  put('cgroup_pressure_full_ratio', cgroup?.pressureFull10);
  put('cgroup_pressure_seconds', cgroup?.pressureSomeSeconds);
  return builder.build();
}
