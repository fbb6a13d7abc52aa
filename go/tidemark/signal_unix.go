//go:build unix

package tidemark

import (
	"os"
	"os/signal"
	"syscall"
)

// onSwitchSignal calls f for each SIGUSR2, one after the other, until the returned function is called.
func onSwitchSignal(f func()) (stop func()) {
	// The kernel merges signals that arrive while one is pending; the buffer keeps those that it delivers apart.
	signals := make(chan os.Signal, 8)
	done := make(chan struct{})
	ended := make(chan struct{})
	signal.Notify(signals, syscall.SIGUSR2)
	go func() {
		defer close(ended)
		for {
			select {
			case <-signals:
				f()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}
}
