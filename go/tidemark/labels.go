package tidemark

import (
	"context"
	"net/http"
	"runtime/pprof"
)

// Labelled gives every goroutine that next starts or runs on, and their CPU and goroutine samples, the profiler label
// handler=name. A name is a route ("/orders/{id}"), never a raw path: labels are kept for as long as goroutines live.
func Labelled(name string, next http.Handler) http.Handler {
	labels := pprof.Labels("handler", name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pprof.Do(r.Context(), labels, func(ctx context.Context) {
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	})
}
