package stream

import "sync"

// numbers is a generator: it sends from a goroutine of its own.
func numbers(from, to int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := from; i < to; i++ {
			out <- i // victim: generator-dropped
		}
	}()
	return out
}

func fanIn(in ...<-chan int) <-chan int {
	out := make(chan int)
	var wg sync.WaitGroup
	for _, c := range in {
		wg.Add(1)
		go func(c <-chan int) {
			defer wg.Done()
			for n := range c {
				out <- n // victim: generator-dropped
			}
		}(c)
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	return out
}

func firstOver(limit int) int {
	for n := range fanIn(numbers(0, 100), numbers(50, 200)) {
		if n > limit {
			return n // holder: generator-dropped
		}
	}
	return -1
}

func leakNumbers() { firstOver(51) }

func numbersUntil(stop <-chan struct{}, from, to int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := from; i < to; i++ {
			select {
			case out <- i:
			case <-stop:
				return
			}
		}
	}()
	return out
}

func firstOverUntil(limit int) int {
	stop := make(chan struct{})
	defer close(stop)
	for n := range numbersUntil(stop, 0, 100) {
		if n > limit {
			return n
		}
	}
	return -1
}

func fixedNumbers() { firstOverUntil(51) }
