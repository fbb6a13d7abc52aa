package tidemark

import (
	"math"
	"os"
	"runtime"
	"time"
)

// Memory is the document of /debug/tidemark/memory and /healthz. The first four numbers have the names that many
// services already use; all sizes are bytes; null means that this system or Go version does not tell.
type Memory struct {
	SchemaVersion int    `json:"schema_version"` // 1
	Status        string `json:"status"`         // "ok": the process answers

	HeapAlloc    *int64 `json:"heap_alloc"`
	HeapSys      *int64 `json:"heap_sys"`
	NumGC        *int64 `json:"num_gc"`
	PauseTotalNs *int64 `json:"pause_total_ns"`

	// LiveHeap is what the last GC cycle found alive; LiveHeapSource says from where, LiveHeapUnknown why it is null.
	LiveHeap        *int64   `json:"live_heap_bytes"`
	LiveHeapSource  string   `json:"live_heap_source"`
	LiveHeapUnknown string   `json:"live_heap_unknown,omitempty"`
	NextGC          *int64   `json:"next_gc_bytes"`
	LastGC          *float64 `json:"last_gc_timestamp_seconds"`
	ForcedGC        *int64   `json:"num_forced_gc"`
	GOGC            *int64   `json:"gogc_percent"`       // null when off
	MemoryLimit     *int64   `json:"memory_limit_bytes"` // null when there is none

	HeapObjects   *int64 `json:"heap_objects"`
	HeapUnused    *int64 `json:"heap_unused_bytes"`
	HeapFree      *int64 `json:"heap_free_bytes"`
	HeapReleased  *int64 `json:"heap_released_bytes"`
	HeapAllocated *int64 `json:"heap_allocated_bytes_total"`
	Stacks        *int64 `json:"stacks_bytes"`
	Runtime       *int64 `json:"runtime_bytes"`
	GoMemory      *int64 `json:"go_memory_bytes"`

	Goroutines        *int64 `json:"goroutines"`
	GoroutinesCreated *int64 `json:"goroutines_created_total"`
	Threads           *int64 `json:"threads"`

	RSS                *int64 `json:"rss_bytes"`
	RSSAnon            *int64 `json:"rss_anon_bytes"`
	RSSFile            *int64 `json:"rss_file_bytes"`
	RSSShmem           *int64 `json:"rss_shmem_bytes"`
	CgroupMemory       *int64 `json:"cgroup_memory_bytes"`
	CgroupInactiveFile *int64 `json:"cgroup_inactive_file_bytes"`
	CgroupLimit        *int64 `json:"cgroup_memory_limit_bytes"`

	// MemProfileRate is bytes allocated a sample; MemProfileRateFrom says who chose it and how much came before.
	MemProfileRate     int    `json:"mem_profile_rate"`
	MemProfileRateFrom string `json:"mem_profile_rate_from"`
	LockProfiling      string `json:"lock_profiling"` // off, sample or full

	Build
	Hostname      string    `json:"hostname"`
	PID           int       `json:"pid"`
	StartTime     time.Time `json:"start_time"`
	Time          time.Time `json:"time"`
	UptimeSeconds float64   `json:"uptime_seconds"`
}

// Memory reads the document without stopping the world.
func (a *Agent) Memory() Memory {
	var r reading
	a.reader.read(&r)
	return a.memoryOf(r)
}

func (a *Agent) memoryOf(r reading) Memory {
	whole := func(name string) *int64 {
		v := r.get(name)
		if math.IsNaN(v) {
			return nil
		}
		n := int64(v)
		return &n
	}
	m := Memory{
		SchemaVersion: 1, Status: "ok",
		HeapAlloc: whole(heapAlloc), HeapSys: whole(heapSys), NumGC: whole(gcCycles),
		LiveHeap: whole(heapLive), LiveHeapSource: a.liveSource, LiveHeapUnknown: r.liveWhy,
		NextGC: whole(heapGoal), ForcedGC: whole(gcForced), GOGC: whole(gogcPercent), MemoryLimit: whole(memoryLimit),
		HeapObjects: whole(heapObjects), HeapUnused: whole(heapUnused), HeapFree: whole(heapFree),
		HeapReleased: whole(heapReleased), HeapAllocated: whole(heapAllocated),
		Stacks: whole(stacks), Runtime: whole(runtimeOther), GoMemory: whole(goTotal),
		Goroutines: whole(goroutineCount), GoroutinesCreated: whole(goroutinesMade), Threads: whole(threadCount),
		RSS: whole(residentBytes), RSSAnon: whole(residentAnon), RSSFile: whole(residentFile), RSSShmem: whole(residentShmem),
		CgroupMemory: whole(cgroupUsage), CgroupInactiveFile: whole(cgroupInactive), CgroupLimit: whole(cgroupLimit),
		MemProfileRate: runtime.MemProfileRate, MemProfileRateFrom: memProfileRateFrom(), LockProfiling: string(a.locks.level()),
		Build: a.build, Hostname: a.hostname, PID: os.Getpid(), StartTime: processStart.UTC(), Time: r.at.UTC(),
		UptimeSeconds: r.at.Sub(processStart).Seconds(),
	}
	if v := r.get(gcPauses); !math.IsNaN(v) {
		ns := int64(math.Round(v * 1e9))
		m.PauseTotalNs = &ns
	}
	if v := r.get(gcLast); !math.IsNaN(v) {
		m.LastGC = &v
	}
	return m
}
