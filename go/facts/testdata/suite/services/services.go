// Package services has further shapes of several kinds, as services have them.
package services

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

func leakDoer(d Doer, r *http.Request) error {
	resp, err := d.Do(r) // want resource/http-body
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusNotFound {
		return errors.New("not found")
	}
	defer resp.Body.Close()
	return nil
}

func cleanDoer(d Doer, r *http.Request) error {
	resp, err := d.Do(r)
	if err != nil {
		return err
	}
	return handle(resp)
}

func handle(resp *http.Response) error {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == 404 {
		return errors.New("x")
	}
	return nil
}

func leakPoll(ctx context.Context, d Doer, r *http.Request) error {
	for {
		resp, err := d.Do(r) // want resource/http-body
		if err == nil && resp.StatusCode == 200 {
			resp.Body.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second): // want resource/ticker
		}
	}
}

func cleanPoll(ctx context.Context, d Doer, r *http.Request) error {
	for {
		resp, err := d.Do(r)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == 200 {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

func leakBoth(a, b string) error {
	ra, err := http.Get(a) // want resource/http-body
	if err != nil {
		return err
	}
	rb, err := http.Get(b)
	if err != nil {
		return err
	}
	defer ra.Body.Close()
	defer rb.Body.Close()
	return nil
}

func cleanProxy(w http.ResponseWriter, r *http.Request) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		http.Error(w, err.Error(), 502)
		return
	}
	defer resp.Body.Close()
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(resp.StatusCode)
	io.Copy(w, resp.Body)
}

func cleanChan(urls []string) {
	ch := make(chan *http.Response, len(urls))
	for _, u := range urls {
		resp, err := http.Get(u)
		if err != nil {
			continue
		}
		ch <- resp
	}
	close(ch)
	for r := range ch {
		r.Body.Close()
	}
}

type file struct {
	*os.File
	path string
}

func (f *file) done() error { return f.File.Close() }

func open(p string) (*file, error) {
	f, err := os.Open(p)
	if err != nil {
		return nil, err
	}
	return &file{f, p}, nil
}

func leakEmbeddedOwner(p string) (string, error) {
	f, err := open(p) // want resource/file
	if err != nil {
		return "", err
	}
	b := make([]byte, 8)
	if _, err := f.Read(b); err != nil {
		return "", err
	}
	return string(b), f.done()
}

func cleanEmbeddedOwner(p string) (string, error) {
	f, err := open(p)
	if err != nil {
		return "", err
	}
	defer f.done()
	b := make([]byte, 8)
	_, err = f.Read(b)
	return string(b), err
}

func cleanAssignedErr(p string) (err error) {
	var f *os.File
	if f, err = os.Open(p); err != nil {
		return
	}
	defer func() {
		cerr := f.Close()
		if err == nil {
			err = cerr
		}
	}()
	return nil
}

func cleanNilOnErr(p string) *os.File {
	f, err := os.Open(p)
	if err != nil {
		return nil
	}
	return f
}

func cleanAtomicWrite(path string, data []byte) (err error) {
	tmp, err := os.CreateTemp("", "x")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func leakAtomicWrite(path string, data []byte) error {
	tmp, err := os.CreateTemp("", "x") // want resource/file
	if err != nil {
		return err
	}
	if _, err := tmp.Write(data); err != nil {
		os.Remove(tmp.Name())
		return err
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

type worker struct {
	quit chan struct{}
	once sync.Once
	jobs chan func()
}

func newWorker() *worker {
	w := &worker{quit: make(chan struct{}), jobs: make(chan func())}
	go func() {
		for {
			select {
			case j := <-w.jobs:
				j()
			case <-w.quit:
				return
			}
		}
	}()
	return w
}

func (w *worker) Close() { w.once.Do(func() { close(w.quit) }) }

func cleanWorker() *worker { return newWorker() }

func leakStartLoop(d time.Duration, f func()) func() {
	done := false
	go func() {
		for !done {
			f()
			time.Sleep(d)
		}
	}()
	go func() { // want goroutine/no-exit
		for {
			time.Sleep(d)
			f()
		}
	}()
	return func() { done = true }
}

func leakDeferUnlockLoop(mus []*sync.Mutex) {
	for _, m := range mus {
		m.Lock()
		defer m.Unlock() // want resource/defer-in-loop
	}
}

func leakMapOfLocks() {
	lk.Lock()
	defer lk.Unlock()
	locks[time.Now().String()] = &sync.Mutex{} // want heap/holder-only-added
}

var (
	lk    sync.Mutex
	locks = map[string]*sync.Mutex{}
)

var bp = sync.Pool{New: func() interface{} { return &bytes.Buffer{} }}

func cleanGetReset() *bytes.Buffer {
	b := bp.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

func cleanPut(b *bytes.Buffer) { bp.Put(b) }

type tok struct{ name, rest string }

var toks []tok

func leakTok(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s := string(b)
	i := strings.IndexByte(s, ' ')
	lastTok = s[:i] // want heap/subslice-retention
	return nil
}

var lastTok string

func leakTimeoutBuf(f func() error) error {
	errc := make(chan error)
	go func() { // want goroutine/no-receiver
		defer close(errc)
		errc <- f()
	}()
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case err := <-errc:
		return err
	case <-t.C:
		return errors.New("timeout")
	}
}

func cleanTimeoutBuf(f func() error) error {
	errc := make(chan error, 1)
	go func() {
		defer close(errc)
		errc <- f()
	}()
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case err := <-errc:
		return err
	case <-t.C:
		return errors.New("timeout")
	}
}

func leakGen(n int) int {
	gen := func() <-chan int {
		c := make(chan int)
		go func() { // want goroutine/no-exit
			for i := 0; ; i++ {
				c <- i
			}
		}()
		return c
	}
	for v := range gen() { // want goroutine/no-receiver
		if v > n {
			return v
		}
	}
	return 0
}

func cleanCtxValue(ctx context.Context, p string) error {
	f, err := os.Open(p)
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		f.Close()
	}()
	return nil
}

func cleanLogFile(p string) {
	f, err := os.OpenFile(p, os.O_APPEND, 0)
	if err != nil {
		return
	}
	out = f
}

var out io.Writer
