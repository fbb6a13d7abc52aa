package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

const maxWorkers = 150

var workerPool = subject.Subject{
	Name:        "worker-pool",
	Title:       "a pool that starts a worker when all are busy, up to a bound, while the load grows for 30 s",
	Kind:        subject.Quiet,
	Signal:      subject.HeapAndGoroutine,
	Loads:       quietLoads(30, 80, 200, 128<<10),
	Path:        "/resize",
	Shape:       func(second float64) float64 { return 0.1 + 0.9*min(1, second/30) },
	MaxInFlight: 256,
	New: func(o subject.Options) (*subject.Service, error) {
		p := &resizers{jobs: make(chan chan int), stop: make(chan struct{}), scratchBytes: o.SizeBytes, takes: o.Seconds(0.5)}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, p.do()) },
			Close:   func() { close(p.stop) },
		}, nil
	},
}

type resizers struct {
	jobs         chan chan int
	stop         chan struct{}
	scratchBytes int
	takes        time.Duration
	mu           sync.Mutex
	workers      int
}

func (p *resizers) do() int {
	done := make(chan int, 1)
	select {
	case p.jobs <- done:
	default:
		p.grow()
		select {
		case p.jobs <- done:
		case <-p.stop:
			return 0
		}
	}
	return <-done
}

func (p *resizers) grow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.workers < maxWorkers {
		p.workers++
		go p.work()
	}
}

// work keeps its scratch memory from job to job.
func (p *resizers) work() {
	scratch := make([]byte, p.scratchBytes)
	for {
		select {
		case <-p.stop:
			return
		case done := <-p.jobs:
			fill(scratch, "pixels")
			time.Sleep(p.takes)
			done <- len(scratch)
		}
	}
}
