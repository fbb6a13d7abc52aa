// Package memory has what is kept longer, or bigger, than it has to.
package memory

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
)

var sessions = map[string]*session{}

type session struct{ data []byte }

func leakMap(id string) *session {
	s := &session{}
	sessions[id] = s // want heap/holder-only-added
	return s
}

var listeners []func(string)

func leakSlice(f func(string)) {
	listeners = append(listeners, f) // want heap/holder-only-added
}

var seen sync.Map

func leakSyncMap(id string) bool {
	_, loaded := seen.LoadOrStore(id, true) // want heap/holder-only-added
	return loaded
}

var (
	muCache sync.Mutex
	cache   = map[string][]byte{}
)

func leakCache(name string) ([]byte, error) {
	muCache.Lock()
	defer muCache.Unlock()
	if b, ok := cache[name]; ok {
		return b, nil
	}
	b, err := os.ReadFile(name)
	if err == nil {
		cache[name] = b // want heap/holder-only-added
	}
	return b, err
}

var open = map[string]*session{}

func cleanRemoved(id string) func() {
	open[id] = &session{}
	return func() { delete(open, id) }
}

var recent []string

func cleanBounded(s string) {
	if len(recent) >= 100 {
		recent = recent[1:]
	}
	recent = append(recent, s)
}

var drivers = map[string]func(){}

func RegisterDriver(name string, f func()) { drivers[name] = f }

var table map[int]string

func init() {
	table = map[int]string{}
	for i := range 10 {
		table[i] = strings.Repeat("x", i)
	}
}

var states = map[string]int{}

func cleanConstantKeys(ok bool) {
	if ok {
		states["ok"]++
	} else {
		states["failed"]++
	}
}

var batch []string

func cleanFlushed(s string, flush func([]string)) {
	batch = append(batch, s)
	if len(batch) == cap(batch) {
		flush(batch)
		batch = batch[:0]
	}
}

var dirty = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func leakDirtyBuffer(w io.Writer, s string) {
	b := dirty.Get().(*bytes.Buffer)
	b.WriteString(s)
	w.Write(b.Bytes())
	dirty.Put(b) // want heap/pool-unreset
}

type request struct {
	body  []byte
	owner *session
}

var requests = sync.Pool{New: func() any { return new(request) }}

func leakDirtyStruct(s *session, handle func(*request)) {
	r := requests.Get().(*request)
	r.owner = s
	handle(r)
	requests.Put(r) // want heap/pool-unreset
}

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func leakOversized(r io.Reader, use func([]byte)) error {
	b := bodies.Get().(*bytes.Buffer)
	b.Reset()
	defer bodies.Put(b) // want heap/pool-oversized
	if _, err := io.Copy(b, r); err != nil {
		return err
	}
	use(b.Bytes())
	return nil
}

var clean = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func cleanReset(w io.Writer, s string) {
	b := clean.Get().(*bytes.Buffer)
	defer func() {
		b.Reset()
		clean.Put(b)
	}()
	b.WriteString(s)
	w.Write(b.Bytes())
}

var limited = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func cleanLimited(r io.Reader, use func([]byte)) error {
	b := limited.Get().(*bytes.Buffer)
	b.Reset()
	_, err := b.ReadFrom(r)
	use(b.Bytes())
	if b.Cap() <= 64<<10 {
		limited.Put(b)
	}
	return err
}

var numbers = sync.Pool{New: func() any { s := make([]int, 0, 64); return &s }}

func cleanSlice(n int) {
	p := numbers.Get().(*[]int)
	*p = append((*p)[:0], n)
	numbers.Put(p)
}

var pooled = sync.Pool{New: func() any { return new(request) }}

func cleanStructReset(s *session, handle func(*request)) {
	r := pooled.Get().(*request)
	r.owner = s
	handle(r)
	*r = request{}
	pooled.Put(r)
}

type index struct {
	header []byte
	title  string
	byName map[string]string
}

func (x *index) leakHeader(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	x.header = data[:16] // want heap/subslice-retention
	return nil
}

func (x *index) leakTitle(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	title, _, _ := strings.Cut(string(data), "\n")
	x.title = title // want heap/subslice-retention
	return nil
}

func (x *index) leakKey(name string) {
	data, _ := os.ReadFile(name)
	fields := strings.Split(string(data), "\t")
	x.byName[fields[0]] = name // want heap/subslice-retention
}

var firstBytes [][]byte

func leakAppended(r io.Reader) {
	buf := make([]byte, 1<<20)
	n, _ := io.ReadFull(r, buf)
	firstBytes = append(firstBytes, buf[:n]) // want heap/subslice-retention heap/holder-only-added
}

func (x *index) cleanHeader(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	x.header = bytes.Clone(data[:16])
	return nil
}

func (x *index) cleanTitle(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	title, _, _ := strings.Cut(string(data), "\n")
	x.title = strings.Clone(title)
	return nil
}

func (x *index) cleanAppendCopy(name string) {
	data, _ := os.ReadFile(name)
	x.header = append([]byte(nil), data[:16]...)
}

func (x *index) cleanWhole(name string) (err error) {
	x.header, err = os.ReadFile(name)
	return err
}

func (x *index) cleanLocal(name string) int {
	data, _ := os.ReadFile(name)
	head := data[:16]
	return len(head)
}

func (x *index) cleanSmall(r io.Reader) {
	buf := make([]byte, 64)
	n, _ := r.Read(buf)
	x.header = buf[:n]
}
