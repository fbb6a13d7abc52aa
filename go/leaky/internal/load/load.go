// Package load drives a service with real HTTP requests at a rate set by time.
package load

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Request is one request to send. A BodyBytes above zero makes it a POST.
type Request struct {
	Path      string
	BodyBytes int
}

// Plan says what to send and how often.
type Plan struct {
	// RatePerSecond is asked again before each request, so that it may change with time.
	RatePerSecond func(elapsed time.Duration) float64
	// Next makes the n-th request.
	Next func(rng *rand.Rand, n int) Request
	// Timeout bounds one request, its answer's body included.
	Timeout time.Duration
	// MaxInFlight bounds the requests under way. Where it is reached, requests are shed, as a
	// load balancer does, rather than queued without bound.
	MaxInFlight int
	Seed        uint64
}

// Stats counts what became of the requests; safe for concurrent use.
type Stats struct {
	Sent, Failed, Shed atomic.Int64
}

const idlePoll = 50 * time.Millisecond

// Run sends requests to base until ctx ends, then waits for those under way.
// Arrivals are Poisson: the gaps are exponential, drawn from the seed, and a late
// generator catches up, so the mean rate holds whatever the machine's load.
func Run(ctx context.Context, client *http.Client, base string, plan Plan, stats *Stats) {
	rng := rand.New(rand.NewPCG(plan.Seed, 0x9e3779b97f4a7c15))
	slots := make(chan struct{}, plan.MaxInFlight)
	start := time.Now()
	next := start
	var wg sync.WaitGroup
	for n := 0; ; {
		rate := plan.RatePerSecond(time.Since(start))
		if rate <= 0 {
			if !sleep(ctx, idlePoll) {
				break
			}
			next = time.Now()
			continue
		}
		// A gap is capped so that a rate which rises is noticed soon.
		gap := time.Duration(rng.ExpFloat64() / rate * float64(time.Second))
		next = next.Add(min(gap, 2*time.Second))
		if wait := time.Until(next); wait > 0 && !sleep(ctx, wait) {
			break
		}
		if ctx.Err() != nil {
			break
		}
		select {
		case slots <- struct{}{}:
		default:
			stats.Shed.Add(1)
			continue
		}
		req := plan.Next(rng, n)
		n++
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			stats.Sent.Add(1)
			if err := Send(ctx, client, base, req, plan.Timeout); err != nil && ctx.Err() == nil {
				stats.Failed.Add(1)
			}
		}()
	}
	wg.Wait()
}

// payload is what bodies are cut from.
var payload = sync.OnceValue(func() []byte { return bytes.Repeat([]byte("tidemark"), 1<<17) })

// Send sends one request and reads its answer to the end. An upgraded connection is closed at once.
func Send(ctx context.Context, client *http.Client, base string, r Request, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	method, reader := http.MethodGet, io.Reader(http.NoBody)
	if r.BodyBytes > 0 {
		method, reader = http.MethodPost, bytes.NewReader(payload()[:min(r.BodyBytes, len(payload()))])
	}
	req, err := http.NewRequestWithContext(ctx, method, base+r.Path, reader)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusSwitchingProtocols {
		return nil
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// idleConns is few, so that one hiccup of the machine does not leave connections, with two
// goroutines each, in a service whose own number of goroutines is to be judged.
const idleConns = 16

// Client returns an HTTP client for Run.
func Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: idleConns,
		IdleConnTimeout:     20 * time.Second,
	}}
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
