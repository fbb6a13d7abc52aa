// Package channels has channels that nobody closes, sends to or receives from.
package channels

import "sync"

func leakNoClose(items []int, work func(int)) {
	ch := make(chan int) // want goroutine/no-close
	for range 4 {
		go func() {
			for v := range ch {
				work(v)
			}
		}()
	}
	for _, v := range items {
		ch <- v
	}
}

func leakNoSender(work func()) {
	ready := make(chan struct{}) // want goroutine/no-sender
	go func() {
		<-ready
		work()
	}()
}

func leakNoReceiver(work func() int) {
	res := make(chan int)
	go func() { // want goroutine/no-receiver
		v := work()
		res <- v
	}()
}

func leakWaitNobody(items []string) {
	var wg sync.WaitGroup
	out := make(chan string) // want goroutine/no-close
	go func() {
		for s := range out {
			_ = s
		}
	}()
	for _, s := range items {
		wg.Add(1)
		go func() {
			defer wg.Done()
			out <- s
		}()
	}
	wg.Wait()
}

func cleanClosed(items []int, work func(int)) {
	ch := make(chan int)
	for range 4 {
		go func() {
			for v := range ch {
				work(v)
			}
		}()
	}
	for _, v := range items {
		ch <- v
	}
	close(ch)
}

func cleanReady(work func()) {
	ready := make(chan struct{})
	go func() {
		<-ready
		work()
	}()
	close(ready)
}

func cleanReturned(work func() int) <-chan int {
	res := make(chan int)
	go func() { res <- work() }()
	return res
}

func cleanCloser(items []string) {
	var wg sync.WaitGroup
	out := make(chan string)
	for _, s := range items {
		wg.Add(1)
		go func() {
			defer wg.Done()
			out <- s
		}()
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	for s := range out {
		_ = s
	}
}
