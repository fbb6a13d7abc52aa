// Program that stands still in every way the runtime has a word for and then
// prints its stacks: the source of the fixtures beside it (see make.mjs).
//
//	program debug2 | stack | panic | wait
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"
)

type store struct {
	name string
	mu   sync.Mutex
	rw   sync.RWMutex
	wg   sync.WaitGroup
	once sync.Once
	cond *sync.Cond
	out  chan int
}

func (s *store) lock()    { s.mu.Lock(); s.name = "taken" }
func (s *store) read()    { s.rw.RLock(); s.name += "r" }
func (s *store) write()   { s.rw.Lock(); s.name += "w" }
func (s *store) wait()    { s.wg.Wait() }
func (s *store) listen()  { s.cond.L.Lock(); s.cond.Wait() }
func (s *store) send()    { s.out <- 1 }
func (s *store) receive() { <-s.out }

func both[K comparable, V any](a chan K, b chan V) {
	select {
	case <-a:
	case <-b:
	}
}

func deep(n int, s *store) {
	if n == 0 {
		s.lock()
	} else {
		deep(n-1, s)
	}
}

func main() {
	s := &store{out: make(chan int)}
	s.cond = sync.NewCond(&sync.Mutex{})
	s.mu.Lock()
	s.rw.Lock()
	s.wg.Add(1)
	quiet := &store{out: make(chan int)}
	go s.lock()
	go s.read()
	go s.write()
	go s.wait()
	go s.listen()
	go s.send()
	go quiet.receive()
	go deep(120, s)
	go both(make(chan int), make(chan string))
	go func() { select {} }()
	go func() { var c chan int; c <- 1 }()
	go func() { var c chan int; <-c }()
	go time.Sleep(time.Hour)
	go func() { runtime.LockOSThread(); <-quiet.out }()
	go func() {
		defer s.mu.Unlock()
		<-quiet.out
	}()
	pprof.Do(context.Background(), pprof.Labels("handler", "/pay", "note", `a]b, "c": {d}`), func(context.Context) {
		go quiet.receive()
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go l.Accept()
	time.Sleep(100 * time.Millisecond)
	switch os.Args[1] {
	case "debug2":
		pprof.Lookup("goroutine").WriteTo(os.Stdout, 2)
	case "stack":
		buf := make([]byte, 1<<16)
		os.Stdout.Write(buf[:runtime.Stack(buf, true)])
	case "panic":
		var m map[string]int
		m["x"] = 1
	case "wait":
		fmt.Println("ready")
		time.Sleep(time.Minute)
	}
}
