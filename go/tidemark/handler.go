package tidemark

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Handler serves /debug/pprof/…, /debug/tidemark/… and /healthz, for a mux of the service:
//
//	mux.Handle("/debug/", agent.Handler())
//
// Requests from loopback may read; others need the token. Behind a reverse proxy on the same machine that adds no
// X-Forwarded-For, every request looks local: set Options.RequireToken there.
func (a *Agent) Handler() http.Handler { return a.handler }

func (a *Agent) routes(g guard) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/debug/pprof/", g.read(a.serveProfile))
	mux.Handle("/debug/tidemark/memory", g.read(func(w http.ResponseWriter, r *http.Request) { sendJSON(w, http.StatusOK, a.Memory()) }))
	mux.Handle("/healthz", g.read(func(w http.ResponseWriter, r *http.Request) { sendJSON(w, http.StatusOK, a.Memory()) }))
	mux.Handle("/debug/tidemark/metrics", g.read(a.serveMetrics))
	mux.Handle("/debug/tidemark/locks", byMethod(
		g.read(func(w http.ResponseWriter, r *http.Request) { sendJSON(w, http.StatusOK, a.locks.now()) }),
		g.change(a.serveSwitch)))
	mux.Handle("/debug/tidemark/locks/mutex", g.read(a.serveLockProfile("mutex")))
	mux.Handle("/debug/tidemark/locks/block", g.read(a.serveLockProfile("block")))
	mux.Handle("/debug/tidemark/capture", g.change(a.serveCapture))
	return mux
}

func byMethod(get, post http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			post.ServeHTTP(w, r)
			return
		}
		get.ServeHTTP(w, r)
	})
}

func (a *Agent) serveMetrics(w http.ResponseWriter, r *http.Request) {
	var now reading
	a.reader.read(&now)
	body := a.appendExposition(make([]byte, 0, 16<<10), now)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(body)
}

// serveSwitch takes level=off|sample|full (none: the switch goes on as with SIGUSR2) and seconds= for the window.
func (a *Agent) serveSwitch(w http.ResponseWriter, r *http.Request) {
	level, window := r.FormValue("level"), time.Duration(0)
	if v := r.FormValue("seconds"); v != "" {
		seconds, err := strconv.ParseFloat(v, 64)
		if err != nil || !(seconds > 0) || seconds > a.locks.options.MaxWindow.Seconds() {
			fail(w, http.StatusBadRequest, "seconds is a positive number, at most "+a.locks.options.MaxWindow.String())
			return
		}
		window = time.Duration(seconds * float64(time.Second))
	}
	var state LockState
	var err error
	if level == "" && window == 0 {
		state, err = a.locks.toggle("http")
	} else {
		if level == "" {
			level = string(LockFull)
		}
		state, err = a.locks.to(LockLevel(level), window, "http")
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	sendJSON(w, http.StatusOK, state)
}

func (a *Agent) serveLockProfile(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, err := a.locks.difference(name)
		if err != nil {
			fail(w, http.StatusNotFound, err.Error())
			return
		}
		sendProfile(w, name+"-window", b)
	}
}

func (a *Agent) serveCapture(w http.ResponseWriter, r *http.Request) {
	set, err := a.Capture("request")
	switch err {
	case nil:
		sendJSON(w, http.StatusOK, set)
	case errBusy:
		w.Header().Set("Retry-After", strconv.Itoa(a.slot.retryAfterSeconds()))
		fail(w, http.StatusTooManyRequests, err.Error())
	case errNoDir:
		fail(w, http.StatusConflict, err.Error())
	default:
		fail(w, http.StatusInternalServerError, err.Error())
	}
}

func sendJSON(w http.ResponseWriter, status int, v interface{}) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
