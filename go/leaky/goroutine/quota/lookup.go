package quota

import "sync"

type directory struct {
	entries map[string]string
	sync.RWMutex
}

func (d *directory) lookup(name string) (string, bool) {
	d.RLock() // acquired: return-rlock
	value, ok := d.entries[name]
	if !ok {
		return "", false // holder: return-rlock
	}
	d.RUnlock()
	return value, true
}

func (d *directory) add(name, value string) {
	d.Lock() // victim: return-rlock
	defer d.Unlock()
	d.entries[name] = value
}

func leakLookup() {
	d := &directory{entries: map[string]string{}}
	d.lookup("nobody")
	go d.add("ada", "1")
}

type register struct {
	entries map[string]string
	sync.RWMutex
}

func (r *register) lookup(name string) (value string, ok bool) {
	r.RLock()
	value, ok = r.entries[name]
	r.RUnlock()
	return
}

func (r *register) add(name, value string) {
	r.Lock()
	defer r.Unlock()
	r.entries[name] = value
}

func fixedLookup() {
	r := &register{entries: map[string]string{}}
	r.lookup("nobody")
	r.add("ada", "1")
}
