// Package groups has goroutines that leave out Done.
package groups

import (
	"os"
	"sync"
)

func Sizes(names []string) (total int64) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, name := range names {
		wg.Add(1)
		go func() {
			info, err := os.Stat(name)
			if err != nil {
				return
			}
			mu.Lock()
			total += info.Size()
			mu.Unlock()
			wg.Done()
		}()
	}
	wg.Wait()
	return total
}

func TwoEnds(names []string, use func([]byte)) {
	var wg sync.WaitGroup
	wg.Add(len(names))
	for _, name := range names {
		go func(name string) {
			text, err := os.ReadFile(name)
			if os.IsNotExist(err) {
				wg.Done()
				return
			}
			if err != nil {
				return
			}
			use(text)
			wg.Done()
		}(name)
	}
	wg.Wait()
}

// It goes on behind Done: a Done at the end would come too late, after Wait.
func GoesOn(names []string, more chan string) {
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Add(1)
		go func() {
			if _, err := os.Stat(name); err != nil {
				return
			}
			wg.Done()
			more <- name
		}()
	}
	wg.Wait()
	for range names {
		<-more
	}
}

// What is deferred runs before a Done that is deferred first.
func Deferred(names []string, ended chan string) {
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Add(1)
		go func() {
			defer func() { ended <- name }()
			if _, err := os.Stat(name); err != nil {
				return
			}
			wg.Done()
		}()
	}
	wg.Wait()
	for range names {
		<-ended
	}
}
