package cache

import "sync"

type tally struct {
	mu    sync.Mutex
	count map[string]int
}

func (t *tally) addAll(words []string) {
	for _, w := range words {
		t.mu.Lock() // victim: recursive-loop // holder: recursive-loop // acquired: recursive-loop
		if w == "" {
			continue
		}
		t.count[w]++
		t.mu.Unlock()
	}
}

func leakContinue() {
	t := &tally{count: map[string]int{}}
	go t.addAll([]string{"a", "", "b"})
}

type cleanTally struct {
	mu    sync.Mutex
	count map[string]int
}

func (t *cleanTally) addAll(words []string) {
	for _, w := range words {
		if w == "" {
			continue
		}
		t.mu.Lock()
		t.count[w]++
		t.mu.Unlock()
	}
}

func fixedContinue() {
	t := &cleanTally{count: map[string]int{}}
	t.addAll([]string{"a", "", "b"})
}
