package subjects

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var signalNotify = subject.Subject{
	Name:   "signal-notify",
	Title:  "one goroutine waits for SIGHUP as long as the process lives, with the settings that it would replace",
	Kind:   subject.Quiet,
	Signal: subject.Goroutine,
	Loads:  quietLoads(10, 50, 150, 1<<20),
	Path:   "/settings",
	New: func(o subject.Options) (*subject.Service, error) {
		s := &settings{hangup: make(chan os.Signal, 1)}
		s.reload(o.SizeBytes)
		signal.Notify(s.hangup, syscall.SIGHUP)
		go s.reloadOnHangup(o.SizeBytes)
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, len(*s.current.Load())) },
			Close: func() {
				signal.Stop(s.hangup)
				close(s.hangup)
			},
		}, nil
	},
}

type settings struct {
	hangup  chan os.Signal
	current atomic.Pointer[[]byte]
}

func (s *settings) reloadOnHangup(settingsBytes int) {
	for range s.hangup {
		s.reload(settingsBytes)
	}
}

func (s *settings) reload(settingsBytes int) {
	content := make([]byte, settingsBytes)
	fill(content, "settings")
	s.current.Store(&content)
}
