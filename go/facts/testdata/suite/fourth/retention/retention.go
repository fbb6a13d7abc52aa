// Package retention has shapes of memory kept by a part of it, written without a look at the analyzers.
package retention

import (
	"bytes"
	"context"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Packet keeps the header of a frame; the frame stays alive with it.
type Packet struct {
	Header []byte
	Seq    uint32
}

var recentPackets [1024]Packet

// leakKeep stores the header of a frame read as a whole.
func leakKeep(r io.Reader, seq uint32) error {
	frame, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if len(frame) < 16 {
		return io.ErrUnexpectedEOF
	}
	recentPackets[seq%1024] = Packet{Header: frame[:16], Seq: seq} // want heap/subslice-retention
	return nil
}

// Fifo pops by re-slicing; popped pointers stay in the array.
type Fifo struct {
	mu sync.Mutex
	q  []*bytes.Buffer
}

// Push pushes.
func (f *Fifo) Push(b *bytes.Buffer) { f.mu.Lock(); f.q = append(f.q, b); f.mu.Unlock() }

// leakPop pops.
func (f *Fifo) leakPop() *bytes.Buffer {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.q) == 0 {
		return nil
	}
	b := f.q[0]
	f.q = f.q[1:] // want heap/subslice-retention
	return b
}

type uploadResult struct {
	size int
	done func() string
}

var uploads sync.Map

// leakUpload keeps a closure that needs the size only, but holds the content.
func leakUpload(id string, r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	res := &uploadResult{size: len(content)}
	res.done = func() string { // want heap/closure-retention
		return id + ":" + time.Duration(len(content)).String()
	}
	uploads.Store(id, res)
	return nil
}

// ForgetUpload removes it.
func ForgetUpload(id string) { uploads.Delete(id) }

// Expire removes a job after a day; the timer holds the whole job with its input until then.
type job struct {
	id    string
	input []byte
}

var jobs sync.Map

// leakStartJob runs a job.
func leakStartJob(id string, input []byte, run func([]byte)) {
	j := &job{id: id, input: bytes.Clone(input)}
	jobs.Store(id, struct{}{})
	run(j.input)
	time.AfterFunc(24*time.Hour, func() { // want heap/closure-retention
		jobs.Delete(j.id)
	})
}

// Handle is part of a cycle with a finaliser: it is never freed.
type Handle struct {
	fd    int
	owner *Owner
}

// Owner owns handles.
type Owner struct {
	handles []*Handle
	buf     []byte
}

// leakNewOwner gives an owner with a handle that points back.
func leakNewOwner(fd int) *Owner {
	o := &Owner{buf: make([]byte, 1<<20)}
	h := &Handle{fd: fd, owner: o}
	o.handles = append(o.handles, h)
	runtime.SetFinalizer(h, func(h *Handle) { // want heap/finalizer-cycle
		h.fd = -1
	})
	return o
}

// Mapping has a finaliser whose closure holds the object itself.
type Mapping struct {
	data  []byte
	unmap func([]byte)
}

// leakNewMapping maps.
func leakNewMapping(n int, unmap func([]byte)) *Mapping {
	m := &Mapping{data: make([]byte, n), unmap: unmap}
	runtime.SetFinalizer(m, func(*Mapping) { // want heap/finalizer-cycle
		m.unmap(m.data)
	})
	return m
}

// Conns keeps pointers; removal leaves the last pointer behind in the array.
type Conns struct {
	mu  sync.Mutex
	all []*bigConn
}

type bigConn struct {
	id  int
	buf [64 << 10]byte
}

// Add adds.
func (c *Conns) Add(b *bigConn) { c.mu.Lock(); c.all = append(c.all, b); c.mu.Unlock() }

// leakRemove removes.
func (c *Conns) leakRemove(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, b := range c.all {
		if b.id == id {
			c.all[i] = c.all[len(c.all)-1]
			c.all = c.all[:len(c.all)-1] // want heap/subslice-retention
			return
		}
	}
}

// Bind closes a stream when the server context ends; a stream that ends by itself stays bound.
type stream struct {
	buf []byte
	out io.Writer
}

// leakServe serves one stream under the context of the server.
func leakServe(server context.Context, in io.Reader, out io.Writer) error {
	s := &stream{buf: make([]byte, 256<<10), out: out}
	context.AfterFunc(server, func() { // want heap/closure-retention
		_, _ = s.out.Write([]byte("bye"))
	})
	_, err := io.CopyBuffer(s.out, in, s.buf)
	return err
}

// cleanKeepCopy copies the header.
func cleanKeepCopy(r io.Reader, seq uint32) error {
	frame, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if len(frame) < 16 {
		return io.ErrUnexpectedEOF
	}
	recentPackets[seq%1024] = Packet{Header: bytes.Clone(frame[:16]), Seq: seq}
	return nil
}

// cleanIsGzip looks at a prefix.
func cleanIsGzip(path string) (bool, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	head := b[:min(2, len(b))]
	return bytes.Equal(head, []byte{0x1f, 0x8b}), nil
}

// cleanDigest copies into an array.
func cleanDigest(path string) (d [16]byte, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return d, err
	}
	copy(d[:], b)
	return d, nil
}

// Queue clears what it pops.
type Queue struct{ q []*bytes.Buffer }

// cleanPush pushes.
func (f *Queue) cleanPush(b *bytes.Buffer) { f.q = append(f.q, b) }

// Pop pops.
func (f *Queue) Pop() *bytes.Buffer {
	if len(f.q) == 0 {
		return nil
	}
	b := f.q[0]
	f.q[0] = nil
	f.q = f.q[1:]
	if len(f.q) == 0 {
		f.q = nil
	}
	return b
}

// cleanDrop removes with slices.DeleteFunc, which clears the tail.
func (c *Conns) cleanDrop(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = slices.DeleteFunc(c.all, func(b *bigConn) bool { return b.id == id })
}

// cleanExpireKey holds only a key.
func cleanExpireKey(id string, d time.Duration) *time.Timer {
	return time.AfterFunc(d, func() { jobs.Delete(id) })
}

// Res has a finaliser without a cycle.
type Res struct{ fd int }

// cleanNewRes gives one.
func cleanNewRes(fd int, closefd func(int)) *Res {
	r := &Res{fd: fd}
	runtime.SetFinalizer(r, func(r *Res) { closefd(r.fd) })
	return r
}

// Close closes early.
func (r *Res) Close() { runtime.SetFinalizer(r, nil); r.fd = -1 }

// cleanServeStopped unbinds when the stream ends.
func cleanServeStopped(server context.Context, in io.Reader, out io.Writer) error {
	s := &stream{buf: make([]byte, 256<<10), out: out}
	stop := context.AfterFunc(server, func() { _, _ = s.out.Write([]byte("bye")) })
	defer stop()
	_, err := io.CopyBuffer(s.out, in, s.buf)
	return err
}
