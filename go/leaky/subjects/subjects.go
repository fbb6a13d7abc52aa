// Package subjects holds the test subjects that need nothing but the standard library. A leak
// and its fixed twin stand side by side in one file; the comment `// leak: ROLE` marks the
// lines that a diagnosis should name.
package subjects

import (
	"embed"
	"net/http"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// Sources are the files of this package.
//
//go:embed *.go
var Sources embed.FS

// All returns every subject that this system can run.
func All() []subject.Subject {
	return append(portable(), onUnix...)
}

// onUnix holds the subjects that need Unix.
var onUnix []subject.Subject

func portable() []subject.Subject {
	return []subject.Subject{
		mapCache,
		syncMapCache,
		sliceGrows,
		subslice,
		requestGoroutine,
		workerIgnoresContext,
		contextChildren,
		lockNeverReleased,
		lockHeldLong,
		tickerLoop,
		afterFuncBuffers,
		bodyNotClosed,
		connMap,
		connGoroutine,
		fileMap,
		fileGoroutine,
		poolHugeBuffers,
		metricLabels,
		finalizerCycle,

		cacheWarms,
		lruFull,
		lruFilling,
		ttlCache,
		loadStep,
		loadRamp,
		loadRampLong,
		burst,
		largeHeap,
		churn,
		poolBursty,
		sliceDoubles,
		mapDoubles,
		mapDeletes,
		workerPool,
		connPool,
		http2Idle,
		sse,
		longPoll,
		signalNotify,
		batch,
		gogcLive,
		memLimitLive,
		finalizerBacklog,
		lazyInit,
		tickerDropped,
		connDropped,
		fileDropped,
	}
}

// leakLoads are the loads of a leak: default adds clearly more than 16 MiB or 50 goroutines a
// minute, small clearly less.
func leakLoads(smallRate, defaultRate float64, sizeBytes int) []subject.Load {
	return []subject.Load{
		{Name: "small", RatePerSecond: smallRate, SizeBytes: sizeBytes},
		{Name: "default", RatePerSecond: defaultRate, SizeBytes: sizeBytes},
	}
}

// quietLoads are the loads of a quiet subject, in requests per second.
func quietLoads(low, mid, high float64, sizeBytes int) []subject.Load {
	return []subject.Load{
		{Name: "low", RatePerSecond: low, SizeBytes: sizeBytes},
		{Name: "mid", RatePerSecond: mid, SizeBytes: sizeBytes},
		{Name: "high", RatePerSecond: high, SizeBytes: sizeBytes},
	}
}

func requestID(r *http.Request) string { return r.FormValue("id") }

// fill writes to every page of a buffer, so that it counts in the resident set as well.
func fill(buffer []byte, id string) {
	for i := 0; i < len(buffer); i += 512 {
		copy(buffer[i:], id)
	}
}
