// Package subject says what a test subject is: a small service that leaks, or one that looks
// as if it did and does not, together with the truth about it.
package subject

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/load"
)

// Kind tells a subject that leaks from one that must stay without a finding.
type Kind string

const (
	Leak  Kind = "leak"
	Quiet Kind = "quiet"
)

// Signal is where the growth of a subject shows.
type Signal string

const (
	Heap             Signal = "heap"
	Goroutine        Signal = "goroutine"
	HeapAndGoroutine Signal = "heap+goroutine"
	RSS              Signal = "rss"
)

// Growth is what one request of a leak leaves behind for ever: bytes as a share of the load's
// SizeBytes, goroutines as a number.
type Growth struct {
	Heap       float64
	RSS        float64 // outside the Go heap
	Goroutines float64
}

// Load is one strength at which a subject can be driven.
type Load struct {
	Name          string  `json:"name"`
	RatePerSecond float64 `json:"ratePerSecond"`
	// SizeBytes is what one request costs; each subject says what it uses it for.
	SizeBytes int `json:"sizeBytes"`
	// StillFilling: a quiet subject has not reached its plateau after 60 s at this load.
	StillFilling bool `json:"stillFilling"`
}

// Subject is one program.
type Subject struct {
	Name   string
	Title  string
	Kind   Kind
	Signal Signal
	// Grows is empty for a quiet subject.
	Grows Growth
	// Sustained: what a leak holds goes when its requests stop.
	Sustained bool
	// Sites are the places in the code that explain the leak; empty for a quiet subject.
	Sites []Site
	// Loads are in rising order. A leak has `small`, which stays below what 60 s of watching
	// can show, and `default`; a quiet subject has `low`, `mid` and `high`.
	Loads []Load

	// Path is the route that the load generator asks for.
	Path string
	// Key draws the id of the n-th request; nil: every request has its own.
	Key func(rng *rand.Rand, n int) int
	// Upload: requests carry a body of SizeBytes.
	Upload bool
	// Shape scales the rate, at the given second since the start; nil: constant.
	Shape func(second float64) float64
	// Timeout of one request; 0: 5 s.
	Timeout time.Duration
	// MaxInFlight bounds the requests under way; 0: 128.
	MaxInFlight int

	New func(Options) (*Service, error)
}

// Options are what a subject is made with.
type Options struct {
	SizeBytes     int
	RatePerSecond float64
	Seed          uint64
	// Second is how long a second of the subject's own plan lasts; tests make it shorter.
	Second time.Duration
}

// Seconds returns n seconds of the subject's plan.
func (o Options) Seconds(n float64) time.Duration {
	return time.Duration(n * float64(o.Second))
}

// Rand returns a source of chance that is the same at every run.
func (o Options) Rand() *rand.Rand { return rand.New(rand.NewPCG(o.Seed, 1)) }

// Service is a running subject.
type Service struct {
	// Handler answers the subject's path. For a leak it is the leaking form.
	Handler http.HandlerFunc
	// Fixed is the twin that does the same work without the leak; nil for a quiet subject.
	Fixed http.HandlerFunc
	// Close ends what the subject started in the background; may be nil.
	Close func()
}

// Load returns the load of that name. The empty name means `default` for a leak and `mid`
// for a quiet subject.
func (s Subject) Load(name string) (Load, bool) {
	if name == "" {
		name = map[Kind]string{Leak: "default", Quiet: "mid"}[s.Kind]
	}
	for _, l := range s.Loads {
		if l.Name == name {
			return l, true
		}
	}
	return Load{}, false
}

// Plan returns what to send to the subject. rate is asked for the current rate per second
// before the subject's shape is applied; second is as in Options.
func (s Subject) Plan(rate func() float64, sizeBytes int, second time.Duration, seed uint64) load.Plan {
	plan := load.Plan{Timeout: 5 * time.Second, MaxInFlight: 128, Seed: seed}
	if s.Timeout > 0 {
		plan.Timeout = s.Timeout
	}
	if s.MaxInFlight > 0 {
		plan.MaxInFlight = s.MaxInFlight
	}
	plan.RatePerSecond = func(elapsed time.Duration) float64 {
		if s.Shape == nil {
			return rate()
		}
		return rate() * s.Shape(elapsed.Seconds()/second.Seconds())
	}
	plan.Next = func(rng *rand.Rand, n int) load.Request {
		key := n
		if s.Key != nil {
			key = s.Key(rng, n)
		}
		request := load.Request{Path: s.Path + "?id=" + strconv.Itoa(key)}
		if s.Upload {
			request.BodyBytes = sizeBytes
		}
		return request
	}
	return plan
}
