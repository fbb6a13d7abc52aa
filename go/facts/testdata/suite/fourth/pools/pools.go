// Package pools has shapes of pools, written without a look at the analyzers.
package pools

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

var bufPool = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// leakRender writes a value as JSON; huge buffers go back as they are.
func leakRender(w io.Writer, v any) error {
	b := bufPool.Get().(*bytes.Buffer)
	b.Reset()
	defer bufPool.Put(b) // want heap/pool-oversized
	if err := json.NewEncoder(b).Encode(v); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// reqState is what a request carries.
type reqState struct {
	req   *http.Request
	body  []byte
	attrs map[string]any
	n     int
}

var statePool = sync.Pool{New: func() any { return &reqState{} }}

// leakHandle uses a pooled state.
func leakHandle(next func(*reqState)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		st := statePool.Get().(*reqState)
		st.req = r
		st.n = 0
		st.attrs = map[string]any{"path": r.URL.Path}
		next(st)
		statePool.Put(st) // want heap/pool-unreset
	}
}

var gzPool = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// cleanCompress compresses; at an error the writer is left to the collector.
func cleanCompress(w io.Writer, p []byte) error {
	zw := gzPool.Get().(*gzip.Writer)
	zw.Reset(w)
	if _, err := zw.Write(p); err != nil {
		return err
	}
	if err := zw.Close(); err != nil {
		return err
	}
	gzPool.Put(zw)
	return nil
}

// Event is one event.
type Event struct {
	Name string
	Data []byte
}

var batchPool = sync.Pool{New: func() any { s := make([]*Event, 0, 256); return &s }}

// leakShip groups events; the truncated slice still points to all of them.
func leakShip(in <-chan *Event, send func([]*Event) error) error {
	bp := batchPool.Get().(*[]*Event)
	batch := *bp
	for e := range in {
		batch = append(batch, e)
		if len(batch) == cap(batch) {
			break
		}
	}
	err := send(batch)
	*bp = batch[:0]
	batchPool.Put(bp) // want heap/pool-unreset
	return err
}

var scratch = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// leakReadFrame reads a length-prefixed frame of any size into scratch.
func leakReadFrame(r io.Reader, size int, use func([]byte)) error {
	bp := scratch.Get().(*[]byte)
	defer scratch.Put(bp) // want heap/pool-oversized
	if cap(*bp) < size {
		*bp = make([]byte, size)
	}
	b := (*bp)[:size]
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	use(b)
	return nil
}

type respWriter struct {
	http.ResponseWriter
	zw *gzip.Writer
}

var rwPool = sync.Pool{New: func() any { return &respWriter{zw: gzip.NewWriter(io.Discard)} }}

// leakGzip compresses answers; the pooled wrapper keeps its last ResponseWriter.
func leakGzip(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.ServeHTTP(w, r)
			return
		}
		rw := rwPool.Get().(*respWriter)
		rw.ResponseWriter = w
		rw.zw.Reset(w)
		defer rwPool.Put(rw) // want heap/pool-unreset
		defer rw.zw.Close()
		h.ServeHTTP(rw, r)
	})
}

// Write compresses.
func (r *respWriter) Write(p []byte) (int, error) { return r.zw.Write(p) }

const maxPooled = 64 << 10

var cappedPool = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func putBuffer(b *bytes.Buffer) {
	if b.Cap() > maxPooled {
		return
	}
	b.Reset()
	cappedPool.Put(b)
}

// cleanRenderCapped puts only small buffers back.
func cleanRenderCapped(w io.Writer, v any) error {
	b := cappedPool.Get().(*bytes.Buffer)
	defer putBuffer(b)
	if err := json.NewEncoder(b).Encode(v); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

type visit struct {
	req  *http.Request
	tags []string
}

func (v *visit) reset() {
	v.req = nil
	clear(v.tags)
	v.tags = v.tags[:0]
}

var visitPool = sync.Pool{New: func() any { return new(visit) }}

// cleanVisit uses a pooled value and resets it before it goes back.
func cleanVisit(r *http.Request, f func(*visit)) {
	v := visitPool.Get().(*visit)
	v.req = r
	defer func() {
		v.reset()
		visitPool.Put(v)
	}()
	f(v)
}

type task struct {
	fn   func()
	next *task
}

var taskPool = sync.Pool{New: func() any { return new(task) }}

// cleanRun runs f through a pooled task.
func cleanRun(f func()) {
	t := taskPool.Get().(*task)
	t.fn = f
	t.fn()
	*t = task{}
	taskPool.Put(t)
}

var block = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// cleanCopy copies with a block of fixed size.
func cleanCopy(dst io.Writer, src io.Reader) (int64, error) {
	b := block.Get().(*[32 << 10]byte)
	defer block.Put(b)
	return io.CopyBuffer(dst, src, b[:])
}

var zpool = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// cleanSqueeze detaches the writer before it goes back.
func cleanSqueeze(w io.Writer, p []byte) error {
	zw := zpool.Get().(*gzip.Writer)
	zw.Reset(w)
	defer func() {
		zw.Reset(io.Discard)
		zpool.Put(zw)
	}()
	if _, err := zw.Write(p); err != nil {
		return err
	}
	return zw.Close()
}

var small, large sync.Pool

func getBuf(n int) []byte {
	p := &small
	if n > 4096 {
		p = &large
	}
	if v, ok := p.Get().(*[]byte); ok && cap(*v) >= n {
		return (*v)[:n]
	}
	return make([]byte, n, max(n, 1024))
}

func putBuf(b []byte) {
	switch c := cap(b); {
	case c <= 4096:
		small.Put(&b)
	case c <= 1<<20:
		large.Put(&b)
	}
}

// cleanHash reads n bytes in pooled memory.
func cleanHash(r io.Reader, n int, sum func([]byte)) error {
	b := getBuf(n)
	defer putBuf(b)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	sum(b)
	return nil
}

type counter struct{ hits, misses uint64 }

var counterPool = sync.Pool{New: func() any { return new(counter) }}

// cleanCount has only numbers in its pooled value.
func cleanCount(keys []string, has func(string) bool) (h, m uint64) {
	c := counterPool.Get().(*counter)
	c.hits, c.misses = 0, 0
	for _, k := range keys {
		if has(k) {
			c.hits++
		} else {
			c.misses++
		}
	}
	h, m = c.hits, c.misses
	counterPool.Put(c)
	return h, m
}
