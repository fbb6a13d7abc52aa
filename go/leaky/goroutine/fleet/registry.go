package fleet

import "sync"

type observer interface{ onUpdate(name string) }

// registry calls its observers with the lock held; one of them looks something up.
type registry struct {
	mu        sync.Mutex
	versions  map[string]int
	observers []observer
}

func (r *registry) version(name string) int {
	r.mu.Lock() // victim: double-lock-observer
	defer r.mu.Unlock()
	return r.versions[name]
}

func (r *registry) update(name string) {
	r.mu.Lock() // acquired: double-lock-observer
	r.versions[name]++
	for _, o := range r.observers {
		o.onUpdate(name) // holder: double-lock-observer
	}
	r.mu.Unlock()
}

type lookup interface{ version(name string) int }

type auditor struct {
	source lookup
	seen   map[string]int
}

func (a *auditor) onUpdate(name string) { a.seen[name] = a.source.version(name) }

func leakRegistry() {
	r := &registry{versions: map[string]int{}}
	r.observers = append(r.observers, &auditor{source: r, seen: map[string]int{}})
	go r.update("api")
}

type calmRegistry struct {
	mu        sync.Mutex
	versions  map[string]int
	observers []observer
}

func (r *calmRegistry) version(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.versions[name]
}

func (r *calmRegistry) update(name string) {
	r.mu.Lock()
	r.versions[name]++
	observers := append([]observer(nil), r.observers...)
	r.mu.Unlock()
	for _, o := range observers {
		o.onUpdate(name)
	}
}

func fixedRegistry() {
	r := &calmRegistry{versions: map[string]int{}}
	r.observers = append(r.observers, &auditor{source: r, seen: map[string]int{}})
	r.update("api")
}
