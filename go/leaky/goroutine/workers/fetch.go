package workers

import (
	"strings"
	"sync"
)

func fetch(url string, wg *sync.WaitGroup, out map[string]int, mu *sync.Mutex) {
	if !strings.HasPrefix(url, "http") {
		return // holder: wg-early-return
	}
	mu.Lock()
	out[url] = len(url)
	mu.Unlock()
	wg.Done()
}

func fetchAll(urls []string) map[string]int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	out := map[string]int{}
	wg.Add(len(urls))
	for _, url := range urls {
		go fetch(url, &wg, out, &mu)
	}
	wg.Wait() // victim: wg-early-return
	return out
}

func leakFetch() {
	go fetchAll([]string{"http://a", "ftp://b"})
}

func load(url string, wg *sync.WaitGroup, out map[string]int, mu *sync.Mutex) {
	defer wg.Done()
	if !strings.HasPrefix(url, "http") {
		return
	}
	mu.Lock()
	out[url] = len(url)
	mu.Unlock()
}

func fixedFetch() {
	urls := []string{"http://a", "ftp://b"}
	var wg sync.WaitGroup
	var mu sync.Mutex
	out := map[string]int{}
	wg.Add(len(urls))
	for _, url := range urls {
		go load(url, &wg, out, &mu)
	}
	wg.Wait()
}
