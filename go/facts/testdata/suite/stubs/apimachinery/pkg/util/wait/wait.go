// Package wait has the outline of a loop that runs until a channel is closed.
package wait

import "time"

// NeverStop is never closed.
var NeverStop <-chan struct{} = make(chan struct{})

func Until(f func(), period time.Duration, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		f()
		t := time.NewTimer(period)
		select {
		case <-stop:
			t.Stop()
			return
		case <-t.C:
		}
	}
}
