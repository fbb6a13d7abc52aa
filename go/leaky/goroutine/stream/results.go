package stream

import "sync"

// crawl counts every page but starts workers for the valid ones only, so the
// closer waits for ever and the reader's range does not end.
func crawl(pages []string) (sizes int) {
	var wg sync.WaitGroup
	results := make(chan int, len(pages))
	wg.Add(len(pages))
	for _, page := range pages {
		if page == "" {
			continue
		}
		go func(page string) {
			defer wg.Done()
			results <- len(page)
		}(page)
	}
	go func() {
		wg.Wait() // victim: closer-never-closes
		close(results)
	}()
	for size := range results { // victim: closer-never-closes
		sizes += size
	}
	return sizes
}

func leakCrawl() { go crawl([]string{"a", "", "ccc"}) }

func walk(pages []string) (sizes int) {
	var wg sync.WaitGroup
	results := make(chan int, len(pages))
	for _, page := range pages {
		if page == "" {
			continue
		}
		wg.Add(1)
		go func(page string) {
			defer wg.Done()
			results <- len(page)
		}(page)
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	for size := range results {
		sizes += size
	}
	return sizes
}

func fixedCrawl() { walk([]string{"a", "", "ccc"}) }
