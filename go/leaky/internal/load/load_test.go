package load_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/load"
)

func plan(rate float64) load.Plan {
	return load.Plan{
		RatePerSecond: func(time.Duration) float64 { return rate },
		Next:          func(rng *rand.Rand, n int) load.Request { return load.Request{Path: "/", BodyBytes: rng.IntN(100)} },
		Timeout:       5 * time.Second,
		MaxInFlight:   64,
		Seed:          1,
	}
}

func run(t *testing.T, server *httptest.Server, p load.Plan, duration time.Duration) *load.Stats {
	t.Helper()
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(context.Background(), duration)
	defer cancel()
	stats := &load.Stats{}
	load.Run(ctx, load.Client(), server.URL, p, stats)
	return stats
}

func TestTheRateHolds(t *testing.T) {
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	stats := run(t, server, plan(200), time.Second)
	// 200 arrivals have a standard deviation of 14; what is shed on a busy machine counts as well.
	if arrivals := stats.Sent.Load() + stats.Shed.Load(); arrivals < 120 || arrivals > 280 {
		t.Errorf("%d arrivals in a second at 200 a second", arrivals)
	}
	if served.Load() == 0 || served.Load() > stats.Sent.Load() {
		t.Errorf("%d served of %d sent", served.Load(), stats.Sent.Load())
	}
}

func TestNoMoreInFlightThanTheBound(t *testing.T) {
	var inFlight, most int
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		inFlight++
		most = max(most, inFlight)
		mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		mu.Lock()
		inFlight--
		mu.Unlock()
	}))
	p := plan(2000)
	p.MaxInFlight = 5
	stats := run(t, server, p, 300*time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	if most > 5 || stats.Shed.Load() == 0 {
		t.Errorf("%d in flight at most, %d shed", most, stats.Shed.Load())
	}
}

func TestRateZeroSendsNothing(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	if stats := run(t, server, plan(0), 150*time.Millisecond); stats.Sent.Load() != 0 {
		t.Errorf("%d sent", stats.Sent.Load())
	}
}

func TestTheSeedDecidesTheRequests(t *testing.T) {
	sizes := func(seed uint64) (out []int) {
		p := plan(1000)
		p.Seed = seed
		next := p.Next
		p.Next = func(rng *rand.Rand, n int) load.Request {
			r := next(rng, n)
			out = append(out, r.BodyBytes)
			return r
		}
		run(t, httptest.NewServer(http.NotFoundHandler()), p, 100*time.Millisecond)
		return out
	}
	a, b, other := sizes(1), sizes(1), sizes(2)
	n := min(len(a), len(b), len(other))
	same := 0
	for i := range n {
		if a[i] != b[i] {
			t.Fatalf("request %d differs between two runs of one seed", i)
		}
		if a[i] == other[i] {
			same++
		}
	}
	if n == 0 || same == n {
		t.Errorf("%d of %d requests equal under another seed", same, n)
	}
}
