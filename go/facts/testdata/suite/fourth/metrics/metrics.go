// Package metrics has shapes of labels and collectors, written without a look at the analyzers.
package metrics

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	byPath = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fleet_requests_total"}, []string{"path", "code"})
	byUser = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fleet_user_seconds"}, []string{"user"})
	byErr  = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fleet_errors_total"}, []string{"reason"})
	byCls  = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fleet_class_total"}, []string{"class", "method"})
	byPeer = prometheus.NewCounterVec(prometheus.GaugeOpts{Name: "fleet_peer_up"}, []string{"peer"})
	byKind = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fleet_kind_total"}, []string{"kind"})
)

// leakCount counts requests by their raw path.
func leakCount(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		byPath.WithLabelValues(r.URL.Path, "200").Inc() // want heap/label-unbounded
	})
}

// leakObserve observes by user.
func leakObserve(userID int64) {
	byUser.With(prometheus.Labels{"user": strconv.FormatInt(userID, 10)}).Inc() // want heap/label-unbounded
}

// leakFailed counts by error text.
func leakFailed(err error) {
	if err == nil {
		return
	}
	byErr.WithLabelValues(err.Error()).Inc() // want heap/label-unbounded
}

// Worker registers a gauge of its own and never takes it back.
type Worker struct {
	id    string
	depth prometheus.Gauge
}

// leakNewWorker gives a worker; workers come and go.
func leakNewWorker(reg prometheus.Registerer, id string) *Worker {
	w := &Worker{id: id}
	w.depth = prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "fleet_worker_depth",
		ConstLabels: prometheus.Labels{"worker": id},
	})
	reg.MustRegister(w.depth) // want heap/collector-per-instance
	return w
}

// Close ends it.
func (w *Worker) Close() { w.depth.Set(0) }

func leakMark(kind, id string) {
	byKind.WithLabelValues(kind + "/" + id).Inc() // want heap/label-unbounded
}

// Trace marks a request.
func Trace(ctx context.Context, r *http.Request) {
	leakMark("http", r.Header.Get("X-Request-Id"))
}

// cleanCountClass counts by class of status and known methods.
func cleanCountClass(r *http.Request, code int) {
	m := r.Method
	switch m {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete:
	default:
		m = "other"
	}
	byCls.WithLabelValues(fmt.Sprintf("%dxx", code/100), m).Inc()
}

// cleanPeerUp and PeerGone follow membership.
func cleanPeerUp(peer string) { byPeer.WithLabelValues(peer).Inc() }

// PeerGone removes the series.
func PeerGone(peer string) { byPeer.DeleteLabelValues(peer) }

// Pool registers and unregisters.
type Pool struct {
	reg prometheus.Registerer
	g   prometheus.Gauge
}

// cleanNewPool gives a pool.
func cleanNewPool(reg prometheus.Registerer, name string) (*Pool, error) {
	p := &Pool{reg: reg}
	p.g = prometheus.NewGauge(prometheus.GaugeOpts{Name: "fleet_pool_size", ConstLabels: prometheus.Labels{"pool": name}})
	if err := reg.Register(p.g); err != nil {
		return nil, err
	}
	return p, nil
}

// Close takes the gauge back.
func (p *Pool) Close() { p.reg.Unregister(p.g) }

// cleanRouted counts by route pattern.
func cleanRouted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		byCls.WithLabelValues(routeOf(r), "any").Inc()
	})
}

// cleanFailedKind maps errors to a few reasons.
func cleanFailedKind(err error) {
	reason := "other"
	switch err {
	case context.Canceled:
		reason = "canceled"
	case context.DeadlineExceeded:
		reason = "deadline"
	}
	byErr.WithLabelValues(reason).Inc()
}

func routeOf(r *http.Request) string {
	if r.TLS != nil {
		return "secure"
	}
	return "plain"
}
