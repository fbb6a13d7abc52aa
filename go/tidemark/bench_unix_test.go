//go:build unix

package tidemark

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sort"
	"syscall"
	"testing"
	"time"
)

// cpuTime is what the process used so far: on a shared machine steadier than the clock.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkServiceOverhead serves requests of a small HTTP service on loopback, in turns without and with Tidemark
// (labels on its handler, a look every 50 ms, which is 200 times more often than by default, and a scrape a turn of some 0.2 s), and
// reports how many per cent more CPU time a request takes; the middle of all turns, each against its two neighbours. "null-%" is the same between two
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
	const requests = 2000
	turn := func(url string) time.Duration {
		start := cpuTime(b)
		for i := 0; i < requests; i++ {
			res, err := client.Get(url + "/work")
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		return cpuTime(b) - start
	}
	with := func() time.Duration {
		a, err := Start(Options{Addr: "127.0.0.1:0", Log: log.New(io.Discard, "", 0),
			Captures: CaptureOptions{Dir: b.TempDir(), Interval: 50 * time.Millisecond}})
		if err != nil {
			b.Fatal(err)
		}
		defer a.Close()
		start := cpuTime(b)
		res, err := client.Get("http://" + a.Addr() + "/debug/tidemark/metrics")
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return cpuTime(b) - start + turn(labelled.URL)
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
