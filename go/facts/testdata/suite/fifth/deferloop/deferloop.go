// Package deferloop defers in loops over what was opened before them.
package deferloop

import (
	"io"
	"net"
	"os"
	"sync"
)

func cleanListeners(ls []net.Listener, serve func(net.Listener) error) error {
	for _, l := range ls {
		defer l.Close()
	}
	return serve(ls[0])
}

func cleanServed(open func() ([]net.Listener, error), serve func(net.Listener) error, stop <-chan struct{}) error {
	ls, err := open()
	if err != nil {
		return err
	}
	for _, l := range ls {
		go func() { _ = serve(l) }()
		defer l.Close()
	}
	<-stop
	return nil
}

func cleanNamed(files map[string]*os.File, use func(map[string]*os.File) error) error {
	for _, f := range files {
		defer func() { _ = f.Close() }()
	}
	return use(files)
}

func cleanIndexed(cs []io.Closer, use func([]io.Closer)) {
	for i := range cs {
		defer cs[i].Close()
	}
	use(cs)
}

type part struct {
	name string
	f    *os.File
}

func cleanParts(parts []part, use func([]part)) {
	for _, p := range parts {
		defer p.f.Close()
	}
	use(parts)
}

func leakLocks(mus []*sync.Mutex, apply func()) {
	for _, mu := range mus {
		mu.Lock()
		defer mu.Unlock() // want resource/defer-in-loop
		apply()
	}
}

func leakOpened(names []string, use func(*os.File) error) error {
	for _, n := range names {
		f, err := os.Open(n)
		if err != nil {
			return err
		}
		defer f.Close() // want resource/defer-in-loop
		if err := use(f); err != nil {
			return err
		}
	}
	return nil
}

// leakBatches opens in the loop around the one that defers.
func leakBatches(addrs [][]string, open func([]string) []net.Conn, use func([]net.Conn)) {
	for _, a := range addrs {
		cs := open(a)
		for _, c := range cs {
			defer c.Close() // want resource/defer-in-loop
		}
		use(cs)
	}
}

// leakInto opens into the elements of a list.
func leakInto(parts []*part) error {
	for _, p := range parts {
		f, err := os.Open(p.name)
		if err != nil {
			return err
		}
		p.f = f
		defer p.f.Close() // want resource/defer-in-loop
	}
	return nil
}
