package stream

import (
	"sync"
	"time"
)

// probeAll adds to the group inside of the goroutines: Wait may see none of
// them and return, and then nobody reads the results.
func probeAll(hosts []string) (up int) {
	var wg sync.WaitGroup
	results := make(chan bool)
	stop := make(chan struct{})
	for _, host := range hosts {
		go func(host string) {
			time.Sleep(20 * time.Millisecond)
			wg.Add(1)
			defer wg.Done()
			results <- host != "" // victim: add-in-goroutine
		}(host)
	}
	go func() {
		wg.Wait()
		close(stop)
	}()
	for {
		select {
		case ok := <-results:
			if ok {
				up++
			}
		case <-stop:
			return up // holder: add-in-goroutine
		}
	}
}

func leakProbe() { probeAll([]string{"a", "b"}) }

func checkAll(hosts []string) (up int) {
	var wg sync.WaitGroup
	results := make(chan bool)
	for _, host := range hosts {
		wg.Add(1)
		go func(host string) {
			defer wg.Done()
			results <- host != ""
		}(host)
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	for ok := range results {
		if ok {
			up++
		}
	}
	return up
}

func fixedProbe() { checkAll([]string{"a", "b"}) }
