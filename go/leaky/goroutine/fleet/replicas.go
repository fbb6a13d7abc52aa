package fleet

import "sync"

type replicas struct {
	sync.RWMutex
	byID map[int]string
}

func (r *replicas) visit(f func(id int, addr string)) {
	r.RLock() // acquired: upgrade-in-visit
	defer r.RUnlock()
	for id, addr := range r.byID {
		f(id, addr) // holder: upgrade-in-visit
	}
}

func (r *replicas) remove(id int) {
	r.Lock() // victim: upgrade-in-visit
	delete(r.byID, id)
	r.Unlock()
}

func (r *replicas) prune() {
	r.visit(func(id int, addr string) {
		if addr == "" {
			r.remove(id)
		}
	})
}

func leakReplicas() {
	r := &replicas{byID: map[int]string{1: ""}}
	job := r.prune
	go job()
}

type calmReplicas struct {
	sync.RWMutex
	byID map[int]string
}

func (r *calmReplicas) visit(f func(id int, addr string)) {
	r.RLock()
	defer r.RUnlock()
	for id, addr := range r.byID {
		f(id, addr)
	}
}

func (r *calmReplicas) remove(id int) {
	r.Lock()
	delete(r.byID, id)
	r.Unlock()
}

func (r *calmReplicas) prune() {
	var gone []int
	r.visit(func(id int, addr string) {
		if addr == "" {
			gone = append(gone, id)
		}
	})
	for _, id := range gone {
		r.remove(id)
	}
}

func fixedReplicas() {
	r := &calmReplicas{byID: map[int]string{1: ""}}
	job := r.prune
	job()
}
