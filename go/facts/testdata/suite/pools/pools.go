// Package pools reuses values.
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

const maxPooled = 64 << 10

var encodeBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// One answer of 100 MB stays in the pool for ever.
func leakEncodeOversized(w http.ResponseWriter, v any) error {
	buf := encodeBuffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer encodeBuffers.Put(buf) // want heap/pool-oversized
	if err := json.NewEncoder(buf).Encode(v); err != nil {
		return err
	}
	_, err := buf.WriteTo(w)
	return err
}

var boundedBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func cleanEncodeBounded(w http.ResponseWriter, v any) error {
	buf := boundedBuffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= maxPooled {
			buf.Reset()
			boundedBuffers.Put(buf)
		}
	}()
	if err := json.NewEncoder(buf).Encode(v); err != nil {
		return err
	}
	_, err := buf.WriteTo(w)
	return err
}

func putBuffer(b *bytes.Buffer) {
	if b.Cap() > maxPooled {
		return
	}
	b.Reset()
	boundedBuffers.Put(b)
}

func cleanPutHelper(r io.Reader) (int, error) {
	b := boundedBuffers.Get().(*bytes.Buffer)
	defer putBuffer(b)
	n, err := b.ReadFrom(r)
	return int(n), err
}

var chunks = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

func leakGrownSlice(lines []string, w io.Writer) {
	p := chunks.Get().(*[]byte)
	b := (*p)[:0]
	for _, l := range lines {
		b = append(b, l...)
		b = append(b, '\n')
	}
	w.Write(b)
	*p = b
	chunks.Put(p) // want heap/pool-oversized
}

var fixed = sync.Pool{New: func() any { return new([32 << 10]byte) }}

func cleanFixedArray(dst io.Writer, src io.Reader) (int64, error) {
	buf := fixed.Get().(*[32 << 10]byte)
	defer fixed.Put(buf)
	return io.CopyBuffer(dst, src, buf[:])
}

type event struct {
	Name   string
	Tags   []string
	Tenant *tenant
	Raw    []byte
}

type tenant struct{ quota [1 << 16]byte }

func (e *event) reset() { *e = event{Tags: e.Tags[:0]} }

var events = sync.Pool{New: func() any { return &event{} }}

func leakEventKept(t *tenant, raw []byte, emit func(*event)) {
	e := events.Get().(*event)
	e.Tenant, e.Raw = t, raw
	emit(e)
	events.Put(e) // want heap/pool-unreset
}

var resetEvents = sync.Pool{New: func() any { return &event{} }}

func cleanEventReset(t *tenant, raw []byte, emit func(*event)) {
	e := resetEvents.Get().(*event)
	e.Tenant, e.Raw = t, raw
	emit(e)
	e.reset()
	resetEvents.Put(e)
}

func cleanEventFields(t *tenant, emit func(*event)) {
	e := resetEvents.Get().(*event)
	e.Tenant = t
	defer func() {
		e.Tenant = nil
		e.Raw = nil
		e.Tags = e.Tags[:0]
		resetEvents.Put(e)
	}()
	emit(e)
}

var pointerLists = sync.Pool{New: func() any { s := make([]*event, 0, 64); return &s }}

// The length is 0, but the array still points at the events.
func leakPointerSlice(list []*event, flush func([]*event)) {
	p := pointerLists.Get().(*[]*event)
	batch := append((*p)[:0], list...)
	flush(batch)
	*p = batch[:0]
	pointerLists.Put(p) // want heap/pool-unreset
}

var clearedLists = sync.Pool{New: func() any { s := make([]*event, 0, 64); return &s }}

func cleanPointerSlice(list []*event, flush func([]*event)) {
	p := clearedLists.Get().(*[]*event)
	batch := append((*p)[:0], list[:min(len(list), 64)]...)
	flush(batch)
	clear(batch)
	*p = batch[:0]
	clearedLists.Put(p)
}

var zippers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

func cleanZipper(w io.Writer, s string) error {
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(w)
	if _, err := io.Copy(z, strings.NewReader(s)); err != nil {
		return err
	}
	return z.Close()
}

var scratch = sync.Pool{New: func() any { return map[string]int{} }}

func leakUnclearedMap(words []string) int {
	m := scratch.Get().(map[string]int)
	for _, w := range words {
		m[w]++
	}
	n := len(m)
	scratch.Put(m) // want heap/pool-unreset
	return n
}

var clearedMaps = sync.Pool{New: func() any { return map[string]int{} }}

func cleanClearedMap(words []string) int {
	m := clearedMaps.Get().(map[string]int)
	for _, w := range words {
		m[w]++
	}
	n := len(m)
	clear(m)
	clearedMaps.Put(m)
	return n
}

type decoder struct {
	buf  []byte
	dest io.Writer
}

var decoders = sync.Pool{New: func() any { return &decoder{buf: make([]byte, 512)} }}

func cleanDecoderSetOnGet(w io.Writer, r io.Reader) error {
	d := decoders.Get().(*decoder)
	d.dest = w
	defer func() { d.dest = nil; decoders.Put(d) }()
	_, err := io.CopyBuffer(d.dest, r, d.buf)
	return err
}

type frame struct {
	ID   uint64
	Data []byte
}

var frames = sync.Pool{New: func() any { return &frame{Data: make([]byte, 0, 1500)} }}

func cleanFrame(id uint64, send func(*frame)) {
	f := frames.Get().(*frame)
	f.ID = id
	send(f)
	frames.Put(f)
}
