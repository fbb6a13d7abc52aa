// Package retention keeps big things alive by small ones.
package retention

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// A line of 80 bytes holds the whole file.
func leakLineOfFile(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	text := string(b)
	line, _, _ := strings.Cut(text, "\n")
	titles[name] = line // want heap/subslice-retention heap/holder-only-added
	return nil
}

var titles = map[string]string{}

var copied = map[string]string{}

func cleanLineCopied(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	copied[name] = strings.Clone(line)
	return nil
}

func Forget(name string) {
	delete(copied, name)
	delete(headers, name)
	delete(magics, name)
	delete(ids, name)
}

var headers = map[string][]byte{}

func leakHeaderOfBody(key string, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if len(body) > 16 {
		headers[key] = body[:16] // want heap/subslice-retention
	}
	return nil
}

var magics = map[string][]byte{}

func cleanHeaderCloned(key string, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if len(body) > 16 {
		magics[key] = bytes.Clone(body[:16])
	}
	return nil
}

var word = regexp.MustCompile(`id=(\w+)`)

var ids = map[string]string{}

func leakMatchOfPage(key string, r io.Reader) error {
	page, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	text := string(page)
	if m := word.FindStringSubmatch(text); m != nil {
		ids[key] = m[1] // want heap/subslice-retention
	}
	return nil
}

type index struct{ keys []string }

func (x *index) cleanReadOnly(name string) (int, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, f := range strings.Fields(string(b)) {
		n += len(f)
	}
	return n, nil
}

func (x *index) cleanAllFields(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	x.keys = strings.Fields(string(b))
	return nil
}

type upload struct {
	id   string
	data []byte
}

// The timer of an hour holds the upload.
func leakAfterFuncHolds(r *http.Request, expire func(string)) error {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	u := &upload{id: r.Header.Get("x-id"), data: data}
	time.AfterFunc(time.Hour, func() { // want heap/closure-retention
		expire(u.id)
	})
	return nil
}

func cleanAfterFuncSmall(r *http.Request, expire func(string)) error {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	u := &upload{id: r.Header.Get("x-id"), data: data}
	id := u.id
	time.AfterFunc(time.Hour, func() { expire(id) })
	return nil
}

func leakAfterFuncBuffer(expire func(int)) {
	buf := make([]byte, 8<<20)
	n := fill(buf)
	time.AfterFunc(30*time.Minute, func() { // want heap/closure-retention
		expire(n + len(buf))
	})
}

func fill(b []byte) int { return copy(b, "x") }

func cleanAfterFuncShort(flush func([]byte)) {
	buf := make([]byte, 1<<20)
	t := time.AfterFunc(time.Second, func() { flush(buf) })
	defer t.Stop()
	fill(buf)
}

var hooks []func() int

// Each hook holds a buffer of which it needs the length.
func leakHookHolds(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	hooks = append(hooks, func() int { return len(data) }) // want heap/holder-only-added heap/closure-retention
	return nil
}

type handle struct {
	self *handle
	peer *link
	buf  []byte
}

type link struct{ owner *handle }

// A cycle with a finaliser is never freed.
func leakFinalizerCycle() *handle {
	h := &handle{buf: make([]byte, 1<<20)}
	h.peer = &link{owner: h}
	runtime.SetFinalizer(h, func(h *handle) { h.buf = nil }) // want heap/finalizer-cycle
	return h
}

func leakFinalizerCaptures(close func(*handle)) *handle {
	h := &handle{buf: make([]byte, 1<<20)}
	runtime.SetFinalizer(h, func(*handle) { close(h) }) // want heap/finalizer-cycle
	return h
}

func leakFinalizerSelf() *handle {
	h := new(handle)
	h.self = h
	runtime.SetFinalizer(h, (*handle).free) // want heap/finalizer-cycle
	return h
}

func (h *handle) free() { h.buf = nil }

func cleanFinalizer() *handle {
	h := &handle{buf: make([]byte, 1<<20)}
	h.peer = &link{}
	runtime.SetFinalizer(h, (*handle).free)
	return h
}

func cleanFinalizerCleared(h *handle) {
	h.peer = &link{owner: h}
	runtime.SetFinalizer(h, nil)
}
