package subjecttest

import (
	"io/fs"
	"net/http"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

const (
	unitSecond      = 20 * time.Millisecond
	unitRequests    = 60
	unitGrowthBytes = 2 << 20
)

// Leak proves that a subject's leaking form grows by what it says, at the very lines that it
// says, and that its twin does not grow.
func Leak(t *testing.T, s subject.Subject, sources fs.FS, dir string) {
	// Programs keep the default rate. The test counts every allocation, so that few requests suffice.
	runtime.MemProfileRate = 1
	l, ok := s.Load("default")
	if !ok || len(s.Sites) == 0 || s.Grows == (subject.Growth{}) {
		t.Fatal("a leak needs sites, a growth and a load named default")
	}
	n := unitRequests
	if s.Sustained {
		sustained(t, s, l, sources, dir)
		return
	}
	perRequest := (s.Grows.Heap + s.Grows.RSS) * float64(l.SizeBytes)
	if perRequest > 0 {
		n = max(n, int(unitGrowthBytes/perRequest))
	}
	wantBytes, wantGoroutines := int64(perRequest*float64(n)), int64(s.Grows.Goroutines*float64(n))

	t.Run("leaks", func(t *testing.T) {
		b := newBench(t, s, l, unitSecond, func(v *subject.Service) http.HandlerFunc { return v.Handler })
		b.send(20)
		start := b.settle()
		before := placed(t, s, sources, dir)
		b.send(n)
		grown := b.settle().minus(start)
		after := placed(t, s, sources, dir)
		t.Logf("%d requests: heap %+d B, RSS %+d B, goroutines %+d; predicted %d B, %d", n, grown.heapBytes, grown.rssBytes, grown.goroutines, wantBytes, wantGoroutines)
		if s.Grows.Heap > 0 {
			atLeast(t, "heap bytes", grown.heapBytes, wantBytes)
		}
		if s.Grows.RSS > 0 && start.rssBytes > 0 {
			atLeast(t, "resident bytes", grown.rssBytes, wantBytes)
			if grown.heapBytes > wantBytes/2 {
				t.Errorf("the Go heap grew by %d B: the leak should be outside of it", grown.heapBytes)
			}
		}
		if wantGoroutines > 0 {
			atLeast(t, "goroutines", grown.goroutines, wantGoroutines)
		}
		for place, now := range after {
			delta := now - before[place]
			t.Logf("%s %s:%d: %+d", place.Role, place.Function, place.Line, delta)
			switch place.Role {
			case subject.Allocates:
				atLeast(t, "bytes at "+place.Function, delta, wantBytes)
			case subject.Waits, subject.Creates:
				atLeast(t, "goroutines at "+place.Function, delta, int64(n))
			}
		}
	})

	t.Run("fixed", func(t *testing.T) {
		b := newBench(t, s, l, unitSecond, func(v *subject.Service) http.HandlerFunc { return v.Fixed })
		b.send(n)
		start := b.settle()
		b.send(n)
		grown := b.settle().minus(start)
		t.Logf("%d requests: heap %+d B, RSS %+d B, goroutines %+d", n, grown.heapBytes, grown.rssBytes, grown.goroutines)
		if s.Grows.Heap > 0 && grown.heapBytes > wantBytes/3 {
			t.Errorf("the heap grew by %d B; the leak's growth is %d", grown.heapBytes, wantBytes)
		}
		if s.Grows.RSS > 0 && grown.rssBytes > wantBytes/2 {
			t.Errorf("the resident set grew by %d B; the leak's growth is %d", grown.rssBytes, wantBytes)
		}
		if wantGoroutines > 0 && grown.goroutines > wantGoroutines/4 {
			t.Errorf("%d goroutines stayed; the leak leaves %d", grown.goroutines, wantGoroutines)
		}
		if failed := b.stats.Failed.Load(); failed > 0 {
			t.Errorf("%d of %d requests failed", failed, b.stats.Sent.Load())
		}
	})
}

// atLeast allows a fifth less: a few requests may time out on a busy machine.
func atLeast(t *testing.T, what string, got, predicted int64) {
	t.Helper()
	if got < predicted*4/5 {
		t.Errorf("%s grew by %d, predicted %d", what, got, predicted)
	}
}

// placed returns what is held at each of the subject's sites.
func placed(t *testing.T, s subject.Subject, sources fs.FS, dir string) map[subject.Place]int64 {
	t.Helper()
	held := map[subject.Place]int64{}
	for _, site := range s.Sites {
		place, err := site.Locate(sources, dir)
		if err != nil {
			t.Fatal(err)
		}
		switch place.Role {
		case subject.Allocates:
			held[place] = allocatedAt(place)
		case subject.Waits, subject.Creates:
			held[place] = goroutinesAt(place)
		}
	}
	return held
}

// sustained proves a leak whose memory stays only as long as requests go on, such as that of a
// sync.Pool: both forms are measured while requests are under way, by what their file allocates.
func sustained(t *testing.T, s subject.Subject, l subject.Load, sources fs.FS, dir string) {
	const (
		second  = 50 * time.Millisecond // a request's own time, long beside its way
		growing = 6                     // so many requests that leave something behind
	)
	every := int(1 / s.Grows.Heap)
	// The look comes halfway between two requests that may leave something behind.
	n, lookAt := (growing+1)*every-1, int64(growing*every+every/2)
	place, err := s.Sites[0].Locate(sources, dir)
	if err != nil {
		t.Fatal(err)
	}
	// Each GC takes idle objects out of the pools, and a test's small heap is collected far more
	// often than a service's: only the look collects.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	held := func(pick func(*subject.Service) http.HandlerFunc, count func() int64) int64 {
		b := newBench(t, s, l, second, pick)
		counted := make(chan int64, 1)
		go func() {
			for b.stats.Sent.Load() < lookAt {
				time.Sleep(time.Millisecond)
			}
			runtime.GC()
			counted <- count()
		}()
		b.send(n)
		return <-counted
	}
	fixed := held(func(v *subject.Service) http.HandlerFunc { return v.Fixed }, func() int64 { return allocatedIn(place.File) })
	leaking := held(func(v *subject.Service) http.HandlerFunc { return v.Handler }, func() int64 { return allocatedAt(place) })
	// Half of what was made: a pool's object that has grown may be asked to grow again.
	want := int64(growing * l.SizeBytes / 2)
	t.Logf("under load: leaking %d B, fixed %d B, predicted at least %d B", leaking, fixed, want)
	atLeast(t, "heap bytes", leaking, want)
	if fixed > leaking/4 {
		t.Errorf("the fixed twin holds %d B", fixed)
	}
}
