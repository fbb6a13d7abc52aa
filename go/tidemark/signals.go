package tidemark

import "strings"

// signalDef is one number of the one vocabulary. The name and its meaning are the same under every Go version; where the
// number comes from is the first of its sources that the running version offers (docs/signals-by-go-version.md).
type signalDef struct {
	name    string // as Prometheus shows it, unit last
	labels  string // a fixed label set, "" for most
	counter bool   // only rises within one process
	help    string
	sources []source
}

// source is a sum of runtime/metrics, or a function where there are none.
type source struct {
	name    string // as the docs show it; for functions only
	metrics []string
	read    func(*reader) (float64, bool)
}

func of(metrics ...string) source { return source{metrics: metrics} }

func by(name string, read func(*reader) (float64, bool)) source {
	return source{name: name, read: read}
}

// label is how documents and docs name a source.
func (s source) label() string {
	if s.read != nil {
		return s.name
	}
	return strings.Join(s.metrics, " + ")
}

// Names that other code reads.
const (
	heapLive       = "tidemark_heap_live_bytes"
	heapGoal       = "tidemark_heap_goal_bytes"
	heapAlloc      = "tidemark_heap_alloc_bytes"
	heapSys        = "tidemark_heap_sys_bytes"
	heapFree       = "tidemark_heap_free_bytes"
	heapUnused     = "tidemark_heap_unused_bytes"
	heapReleased   = "tidemark_heap_released_bytes"
	heapObjects    = "tidemark_heap_objects"
	heapAllocated  = "tidemark_heap_allocated_bytes_total"
	stacks         = "tidemark_stack_bytes"
	heapStacks     = "tidemark_goroutine_stack_bytes"
	runtimeOther   = "tidemark_runtime_bytes"
	goTotal        = "tidemark_go_memory_bytes"
	gcCycles       = "tidemark_gc_cycles_total"
	gcForced       = "tidemark_gc_forced_cycles_total"
	gcPauses       = "tidemark_gc_pause_seconds_total"
	gcLast         = "tidemark_gc_last_timestamp_seconds"
	gogcPercent    = "tidemark_gogc_percent"
	memoryLimit    = "tidemark_memory_limit_bytes"
	goroutineCount = "tidemark_goroutines"
	goroutinesMade = "tidemark_goroutines_created_total"
	threadCount    = "tidemark_threads"
	residentBytes  = "tidemark_process_resident_bytes"
	residentAnon   = "tidemark_process_resident_anon_bytes"
	residentFile   = "tidemark_process_resident_file_bytes"
	residentShmem  = "tidemark_process_resident_shmem_bytes"
	cgroupUsage    = "tidemark_cgroup_memory_bytes"
	cgroupInactive = "tidemark_cgroup_inactive_file_bytes"
	cgroupLimit    = "tidemark_cgroup_memory_limit_bytes"
)

// signals is the vocabulary. Functions are read in this order, after all runtime/metrics.
var signals = []signalDef{
	{name: heapAlloc, help: "Bytes of heap objects, live or not yet swept.",
		sources: []source{of("/memory/classes/heap/objects:bytes")}},
	{name: heapSys, help: "Bytes of address space that the heap has: objects, unused, free and released.",
		sources: []source{of("/memory/classes/heap/objects:bytes", "/memory/classes/heap/unused:bytes",
			"/memory/classes/heap/free:bytes", "/memory/classes/heap/released:bytes")}},
	{name: heapUnused, help: "Bytes reserved for heap objects but in none: fragmentation.",
		sources: []source{of("/memory/classes/heap/unused:bytes")}},
	{name: heapFree, help: "Bytes of free heap that could go back to the system and have not.",
		sources: []source{of("/memory/classes/heap/free:bytes")}},
	{name: heapReleased, help: "Bytes of free heap that went back to the system.",
		sources: []source{of("/memory/classes/heap/released:bytes")}},
	{name: heapObjects, help: "Heap objects, live or not yet swept.",
		sources: []source{of("/gc/heap/objects:objects")}},
	{name: heapGoal, help: "Heap size at which the next GC cycle should end.",
		sources: []source{of("/gc/heap/goal:bytes")}},
	{name: heapAllocated, counter: true, help: "Bytes allocated on the heap since the start.",
		sources: []source{of("/gc/heap/allocs:bytes")}},
	{name: "tidemark_heap_freed_bytes_total", counter: true, help: "Bytes freed on the heap since the start.",
		sources: []source{of("/gc/heap/frees:bytes")}},
	{name: "tidemark_heap_allocated_objects_total", counter: true, help: "Objects allocated since the start, tiny ones apart.",
		sources: []source{of("/gc/heap/allocs:objects")}},
	{name: "tidemark_heap_freed_objects_total", counter: true, help: "Objects freed since the start, tiny ones apart.",
		sources: []source{of("/gc/heap/frees:objects")}},
	{name: heapStacks, help: "Bytes of goroutine stacks.",
		sources: []source{of("/memory/classes/heap/stacks:bytes")}},
	{name: stacks, help: "Bytes of stacks: of goroutines and of threads that the runtime made.",
		sources: []source{of("/memory/classes/heap/stacks:bytes", "/memory/classes/os-stacks:bytes")}},
	{name: runtimeOther, help: "Bytes of the runtime's own structures, profiling buckets among them.",
		sources: []source{of("/memory/classes/metadata/mcache/free:bytes", "/memory/classes/metadata/mcache/inuse:bytes",
			"/memory/classes/metadata/mspan/free:bytes", "/memory/classes/metadata/mspan/inuse:bytes",
			"/memory/classes/metadata/other:bytes", "/memory/classes/other:bytes",
			"/memory/classes/profiling/buckets:bytes")}},
	{name: goTotal, help: "All bytes that the Go runtime mapped, released ones among them; no cgo, no mmap of others.",
		sources: []source{of("/memory/classes/total:bytes")}},

	{name: gcCycles, counter: true, help: "Completed GC cycles.",
		sources: []source{of("/gc/cycles/total:gc-cycles")}},
	{name: gcForced, counter: true, help: "Completed GC cycles that the program asked for.",
		sources: []source{of("/gc/cycles/forced:gc-cycles")}},
	{name: gcPauses, counter: true, help: "Seconds that GC stopped the world.",
		sources: []source{by("debug.ReadGCStats", (*reader).pauseSeconds)}},
	{name: gcLast, help: "When the last GC cycle ended, seconds since 1970.",
		sources: []source{by("debug.ReadGCStats", (*reader).lastGC)}},
	{name: "tidemark_gc_cpu_seconds_total", counter: true, help: "CPU seconds of GC, as estimated at the last GC cycle.",
		sources: []source{of("/cpu/classes/gc/total:cpu-seconds")}},
	{name: "tidemark_go_cpu_seconds_total", counter: true, help: "CPU seconds that GOMAXPROCS gave, used or idle, as estimated at the last GC cycle.",
		sources: []source{of("/cpu/classes/total:cpu-seconds")}},
	{name: "tidemark_gc_limiter_last_cycle", help: "GC cycle in which the GC CPU limiter last was on; 0 is never.",
		sources: []source{of("/gc/limiter/last-enabled:gc-cycle")}},
	{name: "tidemark_gc_scan_heap_bytes", help: "Bytes of heap that GC has to scan.",
		sources: []source{of("/gc/scan/heap:bytes")}},
	{name: "tidemark_gc_scan_stack_bytes", help: "Bytes of stack that the last GC cycle scanned.",
		sources: []source{of("/gc/scan/stack:bytes")}},
	{name: "tidemark_gc_scan_globals_bytes", help: "Bytes of globals that GC has to scan.",
		sources: []source{of("/gc/scan/globals:bytes")}},
	{name: "tidemark_finalizers_queued_total", counter: true, help: "Finalizers that became due.",
		sources: []source{of("/gc/finalizers/queued:finalizers")}},
	{name: "tidemark_finalizers_executed_total", counter: true, help: "Finalizers that ran.",
		sources: []source{of("/gc/finalizers/executed:finalizers")}},
	{name: "tidemark_cleanups_queued_total", counter: true, help: "Cleanups that became due.",
		sources: []source{of("/gc/cleanups/queued:cleanups")}},
	{name: "tidemark_cleanups_executed_total", counter: true, help: "Cleanups that ran.",
		sources: []source{of("/gc/cleanups/executed:cleanups")}},
	{name: gogcPercent, help: "GOGC; absent when GC by growth is off.",
		sources: []source{of("/gc/gogc:percent"), by("GOGC at the start", (*reader).gogcAtStart)}},
	{name: memoryLimit, help: "The Go memory limit (GOMEMLIMIT); absent when there is none.",
		sources: []source{of("/gc/gomemlimit:bytes"), by("debug.SetMemoryLimit(-1)", (*reader).limitOfRuntime)}},

	{name: goroutineCount, help: "Goroutines.",
		sources: []source{of("/sched/goroutines:goroutines")}},
	{name: "tidemark_goroutines_by_state", labels: `state="running"`, help: "Goroutines by state, approximately.",
		sources: []source{of("/sched/goroutines/running:goroutines")}},
	{name: "tidemark_goroutines_by_state", labels: `state="runnable"`, help: "Goroutines by state, approximately.",
		sources: []source{of("/sched/goroutines/runnable:goroutines")}},
	{name: "tidemark_goroutines_by_state", labels: `state="waiting"`, help: "Goroutines by state, approximately.",
		sources: []source{of("/sched/goroutines/waiting:goroutines")}},
	{name: "tidemark_goroutines_by_state", labels: `state="not_in_go"`, help: "Goroutines by state, approximately.",
		sources: []source{of("/sched/goroutines/not-in-go:goroutines")}},
	{name: goroutinesMade, counter: true, help: "Goroutines created since the start.",
		sources: []source{of("/sched/goroutines-created:goroutines")}},
	{name: threadCount, help: "Threads of the Go runtime.",
		sources: []source{of("/sched/threads/total:threads"), by("threadcreate profile", (*reader).threadsByProfile)}},
	{name: "tidemark_gomaxprocs", help: "GOMAXPROCS.",
		sources: []source{of("/sched/gomaxprocs:threads")}},
	{name: "tidemark_mutex_wait_seconds_total", counter: true, help: "Seconds that goroutines waited for mutexes, approximately.",
		sources: []source{of("/sync/mutex/wait/total:seconds")}},
	{name: "tidemark_cgo_calls_total", counter: true, help: "Calls from Go to C.",
		sources: []source{of("/cgo/go-to-c-calls:calls")}},

	{name: residentBytes, help: "Resident set size.",
		sources: []source{by("/proc/self/status", fromStatus(statusRSS))}},
	{name: residentAnon, help: "Resident anonymous memory.",
		sources: []source{by("/proc/self/status", fromStatus(statusAnon))}},
	{name: residentFile, help: "Resident file mappings.",
		sources: []source{by("/proc/self/status", fromStatus(statusFile))}},
	{name: residentShmem, help: "Resident shared memory.",
		sources: []source{by("/proc/self/status", fromStatus(statusShmem))}},
	{name: "tidemark_process_threads", help: "Threads of the process, those of C among them.",
		sources: []source{by("/proc/self/status", fromStatus(statusThreads))}},
	{name: "tidemark_process_start_time_seconds", help: "When the process started, seconds since 1970.",
		sources: []source{by("/proc/self/stat", (*reader).startSeconds)}},
	{name: cgroupUsage, help: "Memory that the control group is charged for.",
		sources: []source{by("cgroup v2 or v1", fromCgroup((*cgroup).usage))}},
	{name: cgroupInactive, help: "Page cache that the kernel can drop first; usage without it is the working set.",
		sources: []source{by("cgroup v2 or v1", fromCgroup((*cgroup).inactiveFile))}},
	{name: cgroupLimit, help: "Memory limit of the control group; absent when there is none.",
		sources: []source{by("cgroup v2 or v1", fromCgroup((*cgroup).limit))}},

	{name: "tidemark_mem_profile_rate_bytes", help: "runtime.MemProfileRate: one sample in so many bytes allocated; 0 is off.",
		sources: []source{by("runtime.MemProfileRate", (*reader).memProfileRate)}},
	{name: "tidemark_mutex_profile_fraction", help: "One of so many mutex contentions is recorded; 0 is none.",
		sources: []source{by("runtime.SetMutexProfileFraction(-1)", (*reader).mutexFraction)}},
	// Last, because it may be computed from those above.
	{name: heapLive, help: "Bytes of heap that the last GC cycle found alive.",
		sources: []source{of("/gc/heap/live:bytes"), by("next_gc formula", (*reader).liveByFormula)}},
}
