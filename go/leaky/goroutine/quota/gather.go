package quota

import (
	"strconv"
	"sync"
)

func leakGather() {
	var mu sync.Mutex
	total := 0
	add := func(text string) {
		mu.Lock() // acquired: return-closure-local // victim: return-closure-local
		n, err := strconv.Atoi(text)
		if err != nil {
			return // holder: return-closure-local
		}
		total += n
		mu.Unlock()
	}
	add("none")
	for _, text := range []string{"1", "2"} {
		text := text
		go add(text)
	}
}

func fixedGather() {
	var mu sync.Mutex
	total := 0
	add := func(text string) {
		n, err := strconv.Atoi(text)
		if err != nil {
			return
		}
		mu.Lock()
		total += n
		mu.Unlock()
	}
	add("none")
	var wg sync.WaitGroup
	for _, text := range []string{"1", "2"} {
		text := text
		wg.Add(1)
		go func() {
			defer wg.Done()
			add(text)
		}()
	}
	wg.Wait()
}
