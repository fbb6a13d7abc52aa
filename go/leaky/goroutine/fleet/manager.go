package fleet

import (
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/fleet/store"
	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

// manager holds its lock while it reads the store, and the store holds its own
// while it tells the manager.
type manager struct {
	lock  sync.Mutex
	store *store.Store
	dirty map[string]bool
	meet  func()
}

func (m *manager) Changed(key string) {
	m.meet()
	m.lock.Lock() // victim: cycle-across-packages // holder: cycle-across-packages
	defer m.lock.Unlock()
	m.dirty[key] = true
}

func (m *manager) sync(keys ...string) (out []string) {
	m.lock.Lock() // acquired: cycle-across-packages
	defer m.lock.Unlock()
	m.meet()
	for _, key := range keys {
		out = append(out, m.store.Get(key)) // victim: cycle-across-packages
	}
	return out
}

func leakManager() {
	m := &manager{dirty: map[string]bool{}, meet: suite.Meet(2)}
	m.store = store.New(m)
	go m.store.Put("node-1", "ready")
	go m.sync("node-1")
}

type calmManager struct {
	lock  sync.Mutex
	store *store.Quiet
	dirty map[string]bool
}

func (m *calmManager) Changed(key string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.dirty[key] = true
}

func (m *calmManager) sync(keys ...string) (out []string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, key := range keys {
		out = append(out, m.store.Get(key))
	}
	return out
}

func fixedManager() {
	m := &calmManager{dirty: map[string]bool{}}
	m.store = store.NewQuiet(m)
	var wg sync.WaitGroup
	for i := 0; i < 100; i++ {
		wg.Add(2)
		go func() { defer wg.Done(); m.store.Put("node-1", "ready") }()
		go func() { defer wg.Done(); m.sync("node-1") }()
	}
	wg.Wait()
}
