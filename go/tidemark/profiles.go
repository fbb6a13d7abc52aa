package tidemark

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"net/http"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Limits bound what a request may cost. Zero values mean the defaults.
type Limits struct {
	// MaxSeconds bounds ?seconds= (default 300).
	MaxSeconds float64
	// MaxGoroutines bounds goroutine?debug=2 and goroutineleak, whose pauses grow with the number of goroutines
	// (default 20,000; ?force=1 goes beyond).
	MaxGoroutines int
	// MaxProfileBytes bounds a profile held in memory and a trace (default 64 MiB).
	MaxProfileBytes int
}

func (l Limits) withDefaults() Limits {
	setDefault(&l.MaxSeconds, 300)
	setDefault(&l.MaxGoroutines, 20_000)
	setDefault(&l.MaxProfileBytes, 64<<20)
	return l
}

// captureSlot lets one capture at a time run in the process.
type captureSlot struct {
	busy  atomic.Bool
	until atomic.Int64 // unix nanoseconds when the running one should end
}

func (s *captureSlot) take(expected time.Duration) bool {
	if !s.busy.CompareAndSwap(false, true) {
		return false
	}
	s.until.Store(time.Now().Add(expected).UnixNano())
	return true
}

func (s *captureSlot) free() { s.busy.Store(false) }

// retryAfterSeconds is at least 1.
func (s *captureSlot) retryAfterSeconds() int {
	return int(math.Max(1, math.Ceil(time.Until(time.Unix(0, s.until.Load())).Seconds())))
}

// deltaProfiles are those whose difference over ?seconds= means something, as in net/http/pprof.
var deltaProfiles = map[string]bool{"allocs": true, "block": true, "goroutine": true, "heap": true, "mutex": true, "threadcreate": true}

func (a *Agent) serveProfile(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/debug/pprof/")
	if name == "" {
		a.serveIndex(w)
		return
	}
	timed := name == "profile" || name == "trace"
	if !timed && pprof.Lookup(name) == nil {
		fail(w, http.StatusNotFound, fmt.Sprintf("this process has no profile of that name; %s runs it", runtime.Version()))
		return
	}
	q, err := a.parseQuery(r, name)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if !a.slot.take(q.duration) {
		w.Header().Set("Retry-After", strconv.Itoa(a.slot.retryAfterSeconds()))
		fail(w, http.StatusTooManyRequests, "another capture is running: one at a time")
		return
	}
	var once sync.Once
	release := func() { once.Do(a.slot.free) }
	defer release()
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if (name == "goroutine" && q.debug >= 2) || name == "goroutineleak" {
		if n := runtime.NumGoroutine(); n > a.limits.MaxGoroutines && !q.force {
			fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf(
				"%d goroutines are more than %d: this would stop the process for long; take goroutine?debug=1, or add force=1", n, a.limits.MaxGoroutines))
			return
		}
	}
	if name == "goroutine" {
		h.Set("Tidemark-Goroutines", strconv.Itoa(runtime.NumGoroutine())) // a dump cut at 64 MiB shows fewer
	}
	var body []byte
	switch {
	case name == "profile":
		body, err = a.timed(r.Context(), q, pprof.StartCPUProfile, pprof.StopCPUProfile)
	case name == "trace":
		body, err = a.timed(r.Context(), q, trace.Start, trace.Stop)
	case q.duration > 0:
		body, err = a.delta(r.Context(), q, name)
		name += "-delta"
	case q.debug > 0: // may be large: straight to the client
		collectGarbage(name, q)
		h.Set("Content-Type", "text/plain; charset=utf-8")
		_ = pprof.Lookup(name).WriteTo(w, q.debug)
		return
	default:
		collectGarbage(name, q)
		body, err = a.collect(name)
	}
	if err != nil {
		a.failProfile(w, err)
		return
	}
	release() // before the client can have the whole answer, and ask for the next
	sendProfile(w, name, body)
}

func collectGarbage(name string, q profileQuery) {
	if name == "heap" && q.gc {
		runtime.GC()
	}
}

func (a *Agent) collect(name string) ([]byte, error) {
	b := &boundedBuffer{max: a.limits.MaxProfileBytes}
	err := pprof.Lookup(name).WriteTo(b, 0)
	if b.full {
		err = errTooLarge
	}
	return b.Bytes(), err
}

type profileQuery struct {
	duration time.Duration
	debug    int
	gc       bool
	force    bool
}

func (a *Agent) parseQuery(r *http.Request, name string) (profileQuery, error) {
	var q profileQuery
	values := r.URL.Query()
	for key, to := range map[string]*bool{"gc": &q.gc, "force": &q.force} {
		if v := values.Get(key); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil {
				return q, fmt.Errorf("%s is 0 or 1", key)
			}
			*to = n > 0
		}
	}
	if v := values.Get("debug"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 2 {
			return q, fmt.Errorf("debug is 0, 1 or 2")
		}
		q.debug = n
	}
	switch v := values.Get("seconds"); {
	case v != "":
		seconds, err := strconv.ParseFloat(v, 64)
		if err != nil || !(seconds > 0) { // NaN too
			return q, fmt.Errorf("seconds is a positive number")
		}
		if seconds > a.limits.MaxSeconds {
			return q, fmt.Errorf("seconds is at most %g", a.limits.MaxSeconds)
		}
		q.duration = time.Duration(seconds * float64(time.Second))
	case name == "profile":
		q.duration = time.Duration(math.Min(30, a.limits.MaxSeconds) * float64(time.Second))
	case name == "trace":
		q.duration = time.Duration(math.Min(1, a.limits.MaxSeconds) * float64(time.Second))
	}
	if q.duration == 0 {
		return q, nil
	}
	if name != "profile" && name != "trace" {
		if !deltaProfiles[name] {
			return q, fmt.Errorf("seconds does not go with %s", html.EscapeString(name))
		}
		if q.debug != 0 {
			return q, fmt.Errorf("seconds and debug do not go together")
		}
	}
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if ok && server.WriteTimeout > 0 && q.duration >= server.WriteTimeout {
		return q, fmt.Errorf("seconds must be below the server's WriteTimeout of %s", server.WriteTimeout)
	}
	return q, nil
}

func (a *Agent) timed(request context.Context, q profileQuery, start func(io.Writer) error, stop func()) ([]byte, error) {
	ctx, cancel := context.WithCancel(request)
	defer cancel()
	b := &boundedBuffer{max: a.limits.MaxProfileBytes}
	if err := start(&stopWhenFull{b, cancel}); err != nil {
		return nil, fmt.Errorf("%w: %v", errInUse, err)
	}
	a.wait(ctx, q.duration)
	stop()
	if b.full {
		return nil, errTooLarge
	}
	return b.Bytes(), request.Err()
}

// stopWhenFull ends the wait of a capture whose buffer is full.
type stopWhenFull struct {
	*boundedBuffer
	stop func()
}

func (s *stopWhenFull) Write(p []byte) (int, error) {
	n, err := s.boundedBuffer.Write(p)
	if err != nil {
		s.stop()
	}
	return n, err
}

func (a *Agent) delta(request context.Context, q profileQuery, name string) ([]byte, error) {
	collectGarbage(name, q)
	before, err := a.collect(name)
	if err != nil {
		return nil, err
	}
	if !a.wait(request, q.duration) {
		return nil, errClosed
	}
	collectGarbage(name, q)
	after, err := a.collect(name)
	if err != nil {
		return nil, err
	}
	diff, _, err := subtractProfiles(after, before, a.limits.MaxProfileBytes)
	return diff, err
}

// wait answers false when the request or the agent ended first.
func (a *Agent) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-a.done:
	}
	return false
}

func (a *Agent) failProfile(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, errTooLarge):
		fail(w, http.StatusInsufficientStorage, fmt.Sprintf("the profile has more than %d bytes (Limits.MaxProfileBytes)", a.limits.MaxProfileBytes))
	case errors.Is(err, errInUse):
		fail(w, http.StatusConflict, err.Error())
	default:
		fail(w, http.StatusInternalServerError, err.Error())
	}
}

func sendProfile(w http.ResponseWriter, name string, b []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b)
}

// serveIndex lists the profiles as links in the form that readers of net/http/pprof look for: NAME?debug=1 with the
// count in the cell before it. Only goroutines are counted here; others would cost a walk over all their records.
func (a *Agent) serveIndex(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	fmt.Fprint(w, "<!doctype html><title>/debug/pprof/</title><h1>/debug/pprof/</h1><table>\n")
	for _, p := range pprof.Profiles() {
		count, n := "", html.EscapeString(p.Name())
		if n == "goroutine" {
			count = strconv.Itoa(runtime.NumGoroutine())
		}
		fmt.Fprintf(w, "<tr><td>%s</td><td><a href='%s?debug=1'>%s</a></td></tr>\n", count, n, n)
	}
	fmt.Fprint(w, "<tr><td></td><td><a href='profile'>profile</a></td></tr>\n<tr><td></td><td><a href='trace'>trace</a></td></tr>\n</table>\n")
}
