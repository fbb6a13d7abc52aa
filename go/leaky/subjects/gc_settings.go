package subjects

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var gogcLive = gcSettings("gogc-live", "GOGC goes from 100 to 400 after 20 s and back after 45 s, while garbage is made", func(o subject.Options) []gcStep {
	return []gcStep{
		{o.Seconds(20), func() { debug.SetGCPercent(400) }},
		{o.Seconds(25), func() { debug.SetGCPercent(100) }},
	}
})

var memLimitLive = gcSettings("memlimit-live", "GOMEMLIMIT is set to 96 MiB with GOGC off after 20 s, and taken away after 45 s", func(o subject.Options) []gcStep {
	return []gcStep{
		{o.Seconds(20), func() { debug.SetMemoryLimit(96 << 20); debug.SetGCPercent(-1) }},
		{o.Seconds(25), func() { debug.SetGCPercent(100); debug.SetMemoryLimit(noMemoryLimit) }},
	}
})

const noMemoryLimit = 1<<63 - 1

// gcStep is what to do some time after the step before it.
type gcStep struct {
	after time.Duration
	set   func()
}

// gcSettings is a service with a constant live heap that makes garbage: its live heap stays
// while the heap's size on top of it follows the settings.
func gcSettings(name, title string, plan func(subject.Options) []gcStep) subject.Subject {
	return subject.Subject{
		Name:   name,
		Title:  title,
		Kind:   subject.Quiet,
		Signal: subject.RSS,
		Loads:  quietLoads(10, 30, 60, 64<<10),
		Path:   "/convert",
		New: func(o subject.Options) (*subject.Service, error) {
			live := newPositions(16 << 20)
			stop := make(chan struct{})
			go runSteps(plan(o), stop)
			return &subject.Service{
				Handler: func(w http.ResponseWriter, r *http.Request) {
					garbage := make([]byte, o.SizeBytes)
					fill(garbage, requestID(r))
					fmt.Fprintln(w, len(garbage)+len(live.ring))
				},
				Close: func() {
					close(stop)
					debug.SetGCPercent(100)
					debug.SetMemoryLimit(noMemoryLimit)
				},
			}, nil
		},
	}
}

func runSteps(steps []gcStep, stop <-chan struct{}) {
	for _, step := range steps {
		timer := time.NewTimer(step.after)
		select {
		case <-stop:
			timer.Stop()
			return
		case <-timer.C:
			step.set()
		}
	}
}
