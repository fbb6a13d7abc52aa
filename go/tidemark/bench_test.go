package tidemark

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sort"
	"testing"
	"time"
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

// BenchmarkServiceOverhead serves requests of a small HTTP service on loopback, in turns without and with Tidemark
// (labels on its handler, a look every 50 ms, which is 200 times more often than by default, and a scrape a turn), and
// reports how many per cent more a request takes; the middle of all pairs of turns. "null-%" is the same between two
// turns without: what this machine cannot tell from nothing.
func BenchmarkServiceOverhead(b *testing.B) {
	work := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rows := make([]string, 0, 64)
		for i := 0; i < 64; i++ {
			rows = append(rows, fmt.Sprintf("row %d of %s", i, r.URL.Path))
		}
		sort.Strings(rows)
		for _, row := range rows {
			_, _ = io.WriteString(w, row)
		}
	})
	plain := httptest.NewServer(work)
	defer plain.Close()
	labelled := httptest.NewServer(Labelled("/work", work))
	defer labelled.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	const requests = 200
	turn := func(url string) time.Duration {
		start := time.Now()
		for i := 0; i < requests; i++ {
			res, err := client.Get(url + "/work")
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		return time.Since(start)
	}
	with := func() time.Duration {
		a, err := Start(Options{Addr: "127.0.0.1:0", Log: log.New(io.Discard, "", 0),
			Captures: CaptureOptions{Dir: b.TempDir(), Interval: 50 * time.Millisecond}})
		if err != nil {
			b.Fatal(err)
		}
		defer a.Close()
		start := time.Now()
		res, err := client.Get("http://" + a.Addr() + "/debug/tidemark/metrics")
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return time.Since(start) + turn(labelled.URL)
	}
	turn(plain.URL)
	var overhead, null []float64
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		before, on, after := turn(plain.URL), with(), turn(plain.URL)
		overhead = append(overhead, 200*float64(on)/float64(before+after)-100)
		null = append(null, 100*float64(after)/float64(before)-100)
	}
	b.ReportMetric(middle(overhead), "overhead-%")
	b.ReportMetric(middle(null), "null-%")
}

func middle(values []float64) float64 {
	sort.Float64s(values)
	return values[len(values)/2]
}
