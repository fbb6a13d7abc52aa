package workers

import (
	"sync"
	"time"
)

type gate struct {
	open bool
	cond sync.Cond
}

func newGate() *gate {
	return &gate{cond: sync.Cond{L: &sync.Mutex{}}}
}

func (g *gate) pass() {
	g.cond.L.Lock()
	for !g.open {
		g.cond.Wait() // victim: cond-never-signalled
	}
	g.cond.L.Unlock()
}

func (g *gate) release() {
	g.cond.L.Lock()
	g.open = true
	g.cond.L.Unlock()
}

func leakGate() {
	g := newGate()
	go g.pass()
	time.Sleep(100 * time.Millisecond)
	g.release()
}

type door struct {
	open bool
	cond sync.Cond
}

func (d *door) pass() {
	d.cond.L.Lock()
	for !d.open {
		d.cond.Wait()
	}
	d.cond.L.Unlock()
}

func (d *door) release() {
	d.cond.L.Lock()
	d.open = true
	d.cond.L.Unlock()
	d.cond.Broadcast()
}

func fixedGate() {
	d := &door{cond: sync.Cond{L: &sync.Mutex{}}}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		d.pass()
	}()
	d.release()
	wg.Wait()
}
