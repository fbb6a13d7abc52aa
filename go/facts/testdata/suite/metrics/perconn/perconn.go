// Package perconn registers for each connection.
package perconn

import "github.com/prometheus/client_golang/prometheus"

type conn struct{ depth prometheus.Gauge }

// A collector for each connection, and none is taken back.
func leakCollectorPerConn(reg prometheus.Registerer, name string) *conn {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "depth_" + name})
	reg.MustRegister(g) // want heap/collector-per-instance
	return &conn{depth: g}
}
