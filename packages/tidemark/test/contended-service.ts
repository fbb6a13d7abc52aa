/**
 * A service with locks that others queue for. `-mode` says how: `deferred` (slow work up to a deferred Unlock), `rw` (a
 * writer before readers), `helper` (one function locks, another unlocks), `short` (held for moments, very often),
 * `fixed` (the slow work without the lock). Every mode runs the short lock too.
 */
export const CONTENDED_SERVICE = `package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"runtime"
	"sync"
	"time"
)

type stock struct {
	mu    sync.Mutex
	items map[int]int
}

func (s *stock) flushSlowly() {
	s.mu.Lock()
	defer s.mu.Unlock()
	time.Sleep(60 * time.Millisecond)
	s.items[0]++
}

func (s *stock) flushApart() {
	time.Sleep(60 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[0]++
}

func (s *stock) reserve(n int) {
	s.mu.Lock()
	s.items[n]++
	s.mu.Unlock()
}

type prices struct {
	lock sync.RWMutex
	list []int
}

func (p *prices) reload() {
	p.lock.Lock()
	time.Sleep(60 * time.Millisecond)
	p.list = append(p.list[:0], 1, 2, 3)
	p.lock.Unlock()
}

func (p *prices) first() int {
	p.lock.RLock()
	defer p.lock.RUnlock()
	return len(p.list)
}

var journal sync.Mutex

func begin() { journal.Lock() }

func commit() { journal.Unlock() }

func write() {
	begin()
	time.Sleep(60 * time.Millisecond)
	commit()
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add() {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
}

func every(d time.Duration, times int, f func(int)) {
	for i := 0; i < times; i++ {
		go func(i int) {
			for {
				f(i)
				time.Sleep(d)
			}
		}(i)
	}
}

func main() {
	mode := flag.String("mode", "deferred", "")
	rate := flag.Int("rate", 1, "of both profiles; 0: off")
	flag.Parse()
	runtime.SetMutexProfileFraction(*rate)
	runtime.SetBlockProfileRate(*rate)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	s, p, c := &stock{items: map[int]int{}}, &prices{}, &counter{}
	every(100*time.Microsecond, 8, func(int) {
		for i := 0; i < 200; i++ {
			c.add()
		}
	})
	done := make(chan bool)
	every(time.Millisecond, 1, func(int) { <-done })
	switch *mode {
	case "deferred":
		every(30*time.Millisecond, 1, func(int) { s.flushSlowly() })
		every(5*time.Millisecond, 6, s.reserve)
	case "rw":
		every(30*time.Millisecond, 1, func(int) { p.reload() })
		every(5*time.Millisecond, 6, func(int) { p.first() })
	case "helper":
		every(30*time.Millisecond, 3, func(int) { write() })
	case "fixed":
		every(30*time.Millisecond, 1, func(int) { s.flushApart() })
		every(5*time.Millisecond, 6, s.reserve)
	}
	http.Serve(l, nil)
}
`;
