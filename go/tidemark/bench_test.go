package tidemark

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
)

func quiet(o *Options) {
	o.Addr = NoServer
	o.Locks.NoSignal = true
	o.Log = log.New(io.Discard, "", 0)
}

// BenchmarkRead is one look at all signals, as the watch for tidemarks takes it every 10 s.
func BenchmarkRead(b *testing.B) {
	r := newReader()
	var into reading
	r.read(&into)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		r.read(&into)
	}
}

// BenchmarkReadRuntimeOnly is BenchmarkRead without the kernel's files: the part that the runtime answers.
func BenchmarkReadRuntimeOnly(b *testing.B) {
	r := newReader()
	r.cgroup = nil
	for i := range r.plans {
		if s := r.plans[i].source; s != nil && s.read != nil && s.label() == "/proc/self/status" {
			r.plans[i].source = nil
		}
	}
	var into reading
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		r.read(&into)
	}
}

// BenchmarkReadMemStats is the peer: what most services call, and it stops the world.
func BenchmarkReadMemStats(b *testing.B) {
	var m runtime.MemStats
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		runtime.ReadMemStats(&m)
	}
}

func benchmarkPage(b *testing.B, path string) {
	a := startTest(b, func(o *Options) { quiet(o); o.RequireToken = true })
	h := a.Handler()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+testToken)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}

func BenchmarkMetricsPage(b *testing.B) { benchmarkPage(b, "/debug/tidemark/metrics") }
func BenchmarkMemoryPage(b *testing.B)  { benchmarkPage(b, "/debug/tidemark/memory") }

// BenchmarkLabelled is what Labelled adds to a request.
func BenchmarkLabelled(b *testing.B) {
	h := Labelled("/work", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r, w := httptest.NewRequest("GET", "/work", nil), httptest.NewRecorder()
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		h.ServeHTTP(w, r)
	}
}
