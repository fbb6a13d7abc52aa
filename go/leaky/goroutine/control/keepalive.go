package control

import "time"

// keepalive beats by time.After and has a case for the end of the session,
// which expire forgets to close.
type keepalive struct {
	ended chan struct{}
	every time.Duration
	beats int
}

func (k *keepalive) run() {
	for {
		select { // victim: after-in-loop
		case <-k.ended:
			return
		case <-time.After(k.every):
			k.beats++
		}
	}
}

func (k *keepalive) expire() { k.beats = 0 }

func leakKeepalive() {
	k := &keepalive{ended: make(chan struct{}), every: time.Hour}
	go k.run()
	k.expire()
}

type endingKeepalive struct {
	ended chan struct{}
	every time.Duration
	beats int
}

func (k *endingKeepalive) run() {
	for {
		select {
		case <-k.ended:
			return
		case <-time.After(k.every):
			k.beats++
		}
	}
}

func (k *endingKeepalive) expire() { close(k.ended) }

func fixedKeepalive() {
	k := &endingKeepalive{ended: make(chan struct{}), every: time.Hour}
	go k.run()
	k.expire()
}
