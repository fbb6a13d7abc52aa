package quota

import "sync"

type keyed struct {
	mu    sync.Mutex
	locks map[string]*sync.Mutex
}

func (k *keyed) lock(key string) (unlock func()) {
	k.mu.Lock()
	m, ok := k.locks[key]
	if !ok {
		m = new(sync.Mutex)
		k.locks[key] = m
	}
	k.mu.Unlock()
	m.Lock() // acquired: return-unlock-value // victim: return-unlock-value
	return m.Unlock
}

func (k *keyed) run(key string, job func() error) error {
	unlock := k.lock(key)
	if err := job(); err != nil {
		return err // holder: return-unlock-value
	}
	unlock()
	return nil
}

func leakGuard() {
	k := &keyed{locks: map[string]*sync.Mutex{}}
	_ = k.run("job", func() error { return errTooMuch })
	go k.run("job", func() error { return nil })
}

type guarded struct {
	mu    sync.Mutex
	locks map[string]*sync.Mutex
}

func (g *guarded) lock(key string) (unlock func()) {
	g.mu.Lock()
	m, ok := g.locks[key]
	if !ok {
		m = new(sync.Mutex)
		g.locks[key] = m
	}
	g.mu.Unlock()
	m.Lock()
	return m.Unlock
}

func (g *guarded) run(key string, job func() error) error {
	defer g.lock(key)()
	return job()
}

func fixedGuard() {
	g := &guarded{locks: map[string]*sync.Mutex{}}
	_ = g.run("job", func() error { return errTooMuch })
	_ = g.run("job", func() error { return nil })
}
