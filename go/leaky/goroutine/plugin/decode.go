package plugin

import "sync"

type registry struct {
	rw     sync.RWMutex
	values map[string]interface{}
}

func lookup[T any](r *registry, key string) T {
	r.rw.RLock()               // acquired: panic-type-assertion
	value := r.values[key].(T) // holder: panic-type-assertion
	r.rw.RUnlock()
	return value
}

func (r *registry) store(key string, value interface{}) {
	r.rw.Lock() // victim: panic-type-assertion
	r.values[key] = value
	r.rw.Unlock()
}

func leakDecode() {
	r := &registry{values: map[string]interface{}{"port": "80"}}
	attempt(func() { _ = lookup[int](r, "port") })
	go r.store("port", 80)
}

type typed struct {
	rw     sync.RWMutex
	values map[string]interface{}
}

func find[T any](r *typed, key string) (T, bool) {
	r.rw.RLock()
	value, ok := r.values[key].(T)
	r.rw.RUnlock()
	return value, ok
}

func (r *typed) store(key string, value interface{}) {
	r.rw.Lock()
	r.values[key] = value
	r.rw.Unlock()
}

func fixedDecode() {
	r := &typed{values: map[string]interface{}{"port": "80"}}
	find[int](r, "port")
	r.store("port", 80)
}
