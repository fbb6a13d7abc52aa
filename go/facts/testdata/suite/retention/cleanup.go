//go:build go1.24

package retention

import "runtime"

func leakCleanupCaptures(release func([]byte)) *handle {
	h := &handle{buf: make([]byte, 4096)}
	runtime.AddCleanup(h, func(n int) { release(h.buf[:n]) }, 1) // want heap/finalizer-cycle
	return h
}

func cleanCleanup(release func([]byte)) *handle {
	h := &handle{buf: make([]byte, 4096)}
	runtime.AddCleanup(h, func(b []byte) { release(b) }, h.buf)
	return h
}
