// Package metrics counts.
package metrics

import (
	"expvar"
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

var requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total"}, []string{"path", "code"})

// A series for each path that anybody asks for.
func leakPathLabel(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		requests.WithLabelValues(r.URL.Path, "200").Inc() // want heap/label-unbounded
	})
}

var byRoute = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "by_route_total"}, []string{"route", "code"})

func cleanRouteLabel(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		byRoute.WithLabelValues(route, strconv.Itoa(200)).Inc()
	})
}

func leakUserLabel(r *http.Request) {
	user := r.Header.Get("X-User")
	if user == "" {
		user = "none"
	}
	requests.WithLabelValues(user, "200").Inc() // want heap/label-unbounded
}

var byMethod = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "by_method_total"}, []string{"method"})

func cleanMethodLabel(r *http.Request) {
	method := "other"
	switch r.Method {
	case http.MethodGet, http.MethodPost:
		method = r.Method
	}
	byMethod.WithLabelValues(method).Inc()
}

func cleanErrorLabel(ok bool) {
	if ok {
		byMethod.WithLabelValues("ok").Inc()
		return
	}
	byMethod.WithLabelValues("failed").Inc()
}

func leakRemoteLabel(r *http.Request) {
	requests.WithLabelValues(r.RemoteAddr, "200").Inc() // want heap/label-unbounded
}

type tracked struct {
	depth prometheus.Gauge
	reg   prometheus.Registerer
}

func cleanCollectorTakenBack(reg prometheus.Registerer, name string) *tracked {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "queue_" + name})
	reg.MustRegister(g)
	return &tracked{depth: g, reg: reg}
}

func (t *tracked) Close() { t.reg.Unregister(t.depth) }

func init() {
	prometheus.MustRegister(requests, byRoute, byMethod)
}

func cleanMain(reg prometheus.Registerer) {
	reg.MustRegister(requests)
}

func cleanSessionLabel(id string) func() {
	byMethod.WithLabelValues(id).Inc()
	return func() { byMethod.DeleteLabelValues(id) }
}

var perUser = expvar.NewMap("per_user")

func leakExpvar(r *http.Request) {
	perUser.Add(r.FormValue("user"), 1) // want heap/label-unbounded
}

var perKind = expvar.NewMap("per_kind")

func cleanExpvar(ok bool) {
	if ok {
		perKind.Add("ok", 1)
	} else {
		perKind.Add("failed", 1)
	}
}

var (
	mu     sync.Mutex
	counts = map[string]int{}
)

func leakOwnCounts(r *http.Request) {
	mu.Lock()
	counts[r.URL.Path]++ // want heap/holder-only-added
	mu.Unlock()
}

var statusCounts [600]int

func cleanOwnCounts(code int) {
	if code < 0 || code >= len(statusCounts) {
		code = 0
	}
	mu.Lock()
	statusCounts[code]++
	mu.Unlock()
}
