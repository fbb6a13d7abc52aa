// Package pools has pools that one function cares for and another does not.
package pools

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"text/template"
)

var bufs = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func leakRender(w io.Writer, t *template.Template, data any) error {
	b := bufs.Get().(*bytes.Buffer)
	b.Reset()
	defer bufs.Put(b) // want heap/pool-oversized
	if err := t.Execute(b, data); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

func cleanRender(w io.Writer, t *template.Template, data any) error {
	b := bufs.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() > 64<<10 {
			return
		}
		b.Reset()
		bufs.Put(b)
	}()
	if err := t.Execute(b, data); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

// shared goes back by way of a function that looks at the size.
var shared = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func giveBack(b *bytes.Buffer) {
	if b.Cap() <= 1<<16 {
		b.Reset()
		shared.Put(b)
	}
}

func cleanShared(w io.Writer, t *template.Template, data any) error {
	b := shared.Get().(*bytes.Buffer)
	defer giveBack(b)
	if err := t.Execute(b, data); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

// cleanShort writes a few bytes.
func cleanShort(w io.Writer, n byte) error {
	b := shared.Get().(*bytes.Buffer)
	b.Reset()
	defer shared.Put(b)
	b.WriteByte(n)
	_, err := b.WriteTo(w)
	return err
}

type entry struct {
	msg  string
	tags map[string]string
	req  *http.Request
}

var entries = sync.Pool{New: func() any { return &entry{tags: map[string]string{}} }}

func leakEntry(r *http.Request, emit func(*entry)) {
	e := entries.Get().(*entry)
	e.msg = r.URL.Path
	e.req = r
	e.tags["host"] = r.Host
	emit(e)
	entries.Put(e) // want heap/pool-unreset
}

func (e *entry) reset() {
	e.msg, e.req = "", nil
	clear(e.tags)
}

func cleanEntry(r *http.Request, emit func(*entry)) {
	e := entries.Get().(*entry)
	e.msg = r.URL.Path
	e.req = r
	emit(e)
	e.reset()
	entries.Put(e)
}

func cleanEntryDeferred(r *http.Request, emit func(*entry)) {
	e := entries.Get().(*entry)
	defer entries.Put(e)
	defer e.reset()
	e.req = r
	emit(e)
}

func cleanEntryByHand(r *http.Request, emit func(*entry)) {
	e := entries.Get().(*entry)
	e.req = r
	emit(e)
	e.req = nil
	entries.Put(e)
}

var scratch = sync.Pool{New: func() any { s := make([]*http.Request, 0, 64); return &s }}

func leakGroup(reqs []*http.Request, keep func(*http.Request) bool, f func([]*http.Request)) {
	p := scratch.Get().(*[]*http.Request)
	s := (*p)[:0]
	for _, r := range reqs {
		if keep(r) {
			s = append(s, r)
		}
	}
	f(s)
	*p = s[:0]
	scratch.Put(p) // want heap/pool-unreset
}

func cleanGroup(reqs []*http.Request, f func([]*http.Request)) {
	p := scratch.Get().(*[]*http.Request)
	s := append((*p)[:0], reqs...)
	f(s)
	clear(s)
	if cap(s) <= 1024 {
		*p = s[:0]
		scratch.Put(p)
	}
}

func wipe(p *[]*http.Request) {
	s := (*p)[:cap(*p)]
	for i := range s {
		s[i] = nil
	}
	*p = s[:0]
}

func cleanGroupWiped(reqs []*http.Request, f func([]*http.Request)) {
	p := scratch.Get().(*[]*http.Request)
	*p = append((*p)[:0], reqs...)
	f(*p)
	wipe(p)
	scratch.Put(p)
}
