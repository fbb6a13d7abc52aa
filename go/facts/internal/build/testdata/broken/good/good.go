package good

import "sync"

var mu sync.Mutex

func F(ok bool) {
	mu.Lock()
	if !ok {
		return
	}
	mu.Unlock()
}
