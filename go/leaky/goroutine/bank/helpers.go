package bank

import (
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

// warehouse and shop know each other, and each guards itself.
type warehouse struct {
	sync.Mutex
	shop  *shop
	items map[string]int
}

type shop struct {
	mu        sync.Mutex
	warehouse *warehouse
	shelf     map[string]int
	pause     func()
}

func (w *warehouse) ship(item string) {
	w.Lock()
	defer w.Unlock()
	w.items[item]--
	w.shop.pause()
	w.shop.receive(item)
}

func (w *warehouse) count(item string) int {
	w.Lock() // victim: cycle-helpers
	defer w.Unlock()
	return w.items[item]
}

func (s *shop) receive(item string) {
	s.mu.Lock() // victim: cycle-helpers
	s.shelf[item]++
	s.mu.Unlock()
}

func (s *shop) refill(item string) {
	s.mu.Lock() // acquired: cycle-helpers
	defer s.mu.Unlock()
	s.pause()
	if s.warehouse.count(item) > 0 { // holder: cycle-helpers
		s.shelf[item]++
	}
}

func leakHelpers() {
	w := &warehouse{items: map[string]int{"tea": 5}}
	s := &shop{warehouse: w, shelf: map[string]int{}, pause: suite.Meet(2)}
	w.shop = s
	go w.ship("tea")
	go s.refill("tea")
}

type depot struct {
	sync.Mutex
	kiosk *kiosk
	items map[string]int
}

type kiosk struct {
	mu    sync.Mutex
	depot *depot
	shelf map[string]int
}

// ship lets go of the depot before it calls the kiosk.
func (d *depot) ship(item string) {
	d.Lock()
	d.items[item]--
	d.Unlock()
	d.kiosk.receive(item)
}

func (d *depot) count(item string) int {
	d.Lock()
	defer d.Unlock()
	return d.items[item]
}

func (k *kiosk) receive(item string) {
	k.mu.Lock()
	k.shelf[item]++
	k.mu.Unlock()
}

func (k *kiosk) refill(item string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.depot.count(item) > 0 {
		k.shelf[item]++
	}
}

func fixedHelpers() {
	d := &depot{items: map[string]int{"tea": 5}}
	k := &kiosk{depot: d, shelf: map[string]int{}}
	d.kiosk = k
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		for i := 0; i < 200; i++ {
			d.ship("tea")
		}
	}()
	go func() {
		defer wg.Done()
		for i := 0; i < 200; i++ {
			k.refill("tea")
		}
	}()
	wg.Wait()
}
