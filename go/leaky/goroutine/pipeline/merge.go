package pipeline

import "sync"

func emit[T any](values ...T) <-chan T {
	out := make(chan T)
	go func() {
		defer close(out)
		for _, v := range values {
			out <- v
		}
	}()
	return out
}

func merge[T any](inputs ...<-chan T) <-chan T {
	out := make(chan T)
	var wg sync.WaitGroup
	for _, in := range inputs {
		wg.Add(1)
		go func(in <-chan T) {
			defer wg.Done()
			for v := range in {
				out <- v
			}
		}(in)
	}
	return out
}

func count[T any](in <-chan T) (n int) {
	for range in { // victim: merge-no-close
		n++
	}
	return n
}

func leakMerge() {
	go count(merge(emit(1, 2), emit(3)))
}

func join[T any](inputs ...<-chan T) <-chan T {
	out := make(chan T)
	var wg sync.WaitGroup
	for _, in := range inputs {
		wg.Add(1)
		go func(in <-chan T) {
			defer wg.Done()
			for v := range in {
				out <- v
			}
		}(in)
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	return out
}

func tally[T any](in <-chan T) (n int) {
	for range in {
		n++
	}
	return n
}

func fixedMerge() {
	tally(join(emit("a"), emit("b", "c")))
}
