package watch

import "time"

func beat(ticker *time.Ticker, pulse func()) {
	for range ticker.C { // victim: ticker-stopped
		pulse()
	}
}

func leakBeat() {
	ticker := time.NewTicker(5 * time.Millisecond)
	go beat(ticker, func() {})
	time.Sleep(20 * time.Millisecond)
	ticker.Stop() // holder: ticker-stopped
}

func beatUntil(ticker *time.Ticker, stop <-chan struct{}, pulse func()) {
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			pulse()
		case <-stop:
			return
		}
	}
}

func fixedBeat() {
	stop := make(chan struct{})
	go beatUntil(time.NewTicker(5*time.Millisecond), stop, func() {})
	time.Sleep(20 * time.Millisecond)
	close(stop)
}
