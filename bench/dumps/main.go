// Program for bench/dumps.mjs: it makes goroutine dumps and lets panicparse,
// the reader that Go developers have, parse one.
//
//	dumps make N        writes the runtime's own dump of N goroutines
//	dumps panicparse    reads a dump from standard input, tells what it took
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/maruel/panicparse/v2/stack"
)

type order struct {
	id    int
	lines []string
}

type shop struct {
	mu     sync.Mutex
	wg     sync.WaitGroup
	orders chan *order
	done   chan error
}

//go:noinline
func (s *shop) charge(ctx context.Context, o *order, retries int) error {
	if retries > 0 {
		return s.charge(ctx, o, retries-1)
	}
	select {
	case s.orders <- o:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("order %d: %w", o.id, ctx.Err())
	}
}

//go:noinline
func (s *shop) reserve(o *order, shelf string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.lines = append(o.lines, shelf)
	return nil
}

//go:noinline
func (s *shop) notify(o *order) {
	s.done <- fmt.Errorf("order %d", o.id)
}

//go:noinline
func (s *shop) pay(ctx context.Context, o *order) error {
	err := s.charge(ctx, o, o.id%3)
	runtime.KeepAlive(o)
	return err
}

func (s *shop) handle(ctx context.Context, o *order) {
	switch o.id % 5 {
	case 0, 1:
		s.pay(ctx, o)
	case 2:
		s.reserve(o, "shelf")
	case 3:
		s.notify(o)
	case 4:
		s.wg.Wait()
	}
}

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "make":
		err = makeDump(os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "panicparse":
		err = parse(os.Stdin)
	default:
		err = fmt.Errorf("usage: dumps make N | dumps panicparse")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func makeDump(count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	s := &shop{orders: make(chan *order), done: make(chan error)}
	s.mu.Lock()
	s.wg.Add(1)
	for i := 1; i < n; i++ {
		go s.handle(context.Background(), &order{id: i})
	}
	time.Sleep(time.Duration(n) * 2 * time.Microsecond)
	debug.SetGCPercent(-1)
	buf := make([]byte, n*900+1<<16)
	_, err = os.Stdout.Write(buf[:runtime.Stack(buf, true)])
	return err
}

func parse(r io.Reader) error {
	started := time.Now()
	total := 0
	for {
		// Plain options: guessing paths and reading sources would only slow it down.
		snapshot, suffix, err := stack.ScanSnapshot(r, io.Discard, &stack.Opts{})
		if snapshot != nil {
			total += len(snapshot.Goroutines)
			snapshot.Aggregate(stack.AnyPointer)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if len(suffix) == 0 && snapshot == nil {
			break
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"goroutines": total, "seconds": time.Since(started).Seconds()})
}
