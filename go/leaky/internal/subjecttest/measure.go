// Package subjecttest proves what a subject claims about itself, by real requests and the
// runtime's own profiles.
package subjecttest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/load"
	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// bench is a subject behind a real server, driven in phases.
type bench struct {
	subject subject.Subject
	load    subject.Load
	second  time.Duration
	server  *httptest.Server
	client  *http.Client
	stats   load.Stats
	elapsed time.Duration // of the plan's time, in earlier phases
}

func newBench(t *testing.T, s subject.Subject, l subject.Load, second time.Duration, pick func(*subject.Service) http.HandlerFunc) *bench {
	t.Helper()
	service, err := s.New(subject.Options{SizeBytes: l.SizeBytes, RatePerSecond: l.RatePerSecond, Seed: 1, Second: second})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{subject: s, load: l, second: second}
	mux := http.NewServeMux()
	mux.HandleFunc(s.Path, pick(service))
	b.server = httptest.NewServer(mux)
	b.client = load.Client()
	t.Cleanup(func() {
		if service.Close != nil {
			service.Close()
		}
		b.server.CloseClientConnections()
		b.client.CloseIdleConnections()
		b.server.Listener.Close() // a leaked handler never returns: Close would wait for it
	})
	return b
}

// send sends n requests as fast as a few workers can. A request that a leak keeps waiting is
// given up after a while.
func (b *bench) send(n int) {
	plan := b.subject.Plan(nil, b.load.SizeBytes, b.second, 1)
	rng := rand.New(rand.NewPCG(1, 2))
	requests := make(chan load.Request)
	var workers sync.WaitGroup
	for range 24 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for r := range requests {
				b.stats.Sent.Add(1)
				if load.Send(context.Background(), b.client, b.server.URL, r, min(plan.Timeout, 2*time.Second)) != nil {
					b.stats.Failed.Add(1)
				}
			}
		}()
	}
	offset := int(b.stats.Sent.Load())
	for i := range n {
		requests <- plan.Next(rng, offset+i)
	}
	close(requests)
	workers.Wait()
}

// follow drives the subject for some seconds of its own plan, and goes on where it stopped.
func (b *bench) follow(seconds float64) {
	duration := time.Duration(seconds * float64(b.second))
	ctx, cancel := context.WithTimeout(context.Background(), duration)
	defer cancel()
	scale := time.Second.Seconds() / b.second.Seconds()
	plan := b.subject.Plan(func() float64 { return b.load.RatePerSecond * scale }, b.load.SizeBytes, b.second, 1)
	rate, next, offset, done := plan.RatePerSecond, plan.Next, int(b.stats.Sent.Load()), b.elapsed
	plan.RatePerSecond = func(elapsed time.Duration) float64 { return rate(elapsed + done) }
	plan.Next = func(rng *rand.Rand, i int) load.Request { return next(rng, offset+i) }
	load.Run(ctx, b.client, b.server.URL, plan, &b.stats)
	b.elapsed += duration
}

// counts is what a process holds once it is at rest.
type counts struct {
	heapBytes  int64
	rssBytes   int64
	goroutines int64
}

func (c counts) minus(d counts) counts {
	return counts{c.heapBytes - d.heapBytes, c.rssBytes - d.rssBytes, c.goroutines - d.goroutines}
}

// settle lets idle connections go, waits until the number of goroutines no longer falls, and collects garbage until
// finalizers and pools have let go as well.
func (b *bench) settle() counts {
	b.client.CloseIdleConnections()
	for last, same := 0, 0; same < 4; time.Sleep(10 * time.Millisecond) {
		if n := runtime.NumGoroutine(); n < last || last == 0 {
			last, same = n, 0
		} else {
			same++
		}
	}
	for range 3 {
		runtime.GC()
		time.Sleep(2 * time.Millisecond)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return counts{int64(m.HeapAlloc), rssBytes(), int64(runtime.NumGoroutine())}
}

// rssBytes returns the resident set's anonymous part, or 0 where the system does not tell.
func rssBytes() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10
}

// allocatedAt returns the live bytes of the stacks that pass through the place.
func allocatedAt(place subject.Place) int64 {
	return allocatedWhere(func(f runtime.Frame) bool { return f.Function == place.Function && f.Line == place.Line })
}

// allocatedIn returns the live bytes of the stacks that pass through a source file.
func allocatedIn(file string) int64 {
	return allocatedWhere(func(f runtime.Frame) bool { return strings.HasSuffix(f.File, "/"+file) })
}

func allocatedWhere(matches func(runtime.Frame) bool) int64 {
	records := make([]runtime.MemProfileRecord, 1<<15)
	n, ok := runtime.MemProfile(records, false)
	if !ok {
		records = make([]runtime.MemProfileRecord, n+1<<12)
		n, _ = runtime.MemProfile(records, false)
	}
	var total int64
	for _, r := range records[:n] {
		frames := runtime.CallersFrames(r.Stack())
		for more := true; more; {
			var f runtime.Frame
			f, more = frames.Next()
			if matches(f) {
				total += r.InUseBytes()
				break
			}
		}
	}
	return total
}

// goroutinesAt counts the goroutines that wait at, or were created at, the place.
func goroutinesAt(place subject.Place) int64 {
	var dump bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&dump, 2)
	var total int64
	for _, one := range strings.Split(dump.String(), "\n\n") {
		lines := strings.Split(one, "\n")
		for i, line := range lines[:len(lines)-1] {
			function, created := strings.CutPrefix(line, "created by ")
			if created {
				function, _, _ = strings.Cut(function, " in goroutine")
			} else if open := strings.LastIndexByte(function, '('); open > 0 {
				function = function[:open]
			}
			if function != place.Function || created != (place.Role == subject.Creates) {
				continue
			}
			if place.Line == 0 || strings.Contains(lines[i+1], ":"+strconv.Itoa(place.Line)+" ") {
				total++
				break
			}
		}
	}
	return total
}
