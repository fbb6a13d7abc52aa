package subjecttest_test

import (
	"testing"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
	"github.com/tidemark-go/tidemark/go/leaky/internal/subjecttest"
	"github.com/tidemark-go/tidemark/go/leaky/subjects"
)

// The leaks are proven here, not beside the quiet subjects: what leaks stays until a test binary
// ends, and would be counted there.
func TestLeaks(t *testing.T) {
	for _, s := range subjects.All() {
		if s.Kind == subject.Leak {
			t.Run(s.Name, func(t *testing.T) { subjecttest.Leak(t, s, subjects.Sources, "subjects") })
		}
	}
}

// The yardstick of Quiet must be able to fail.
func TestQuietRefusesLeaks(t *testing.T) {
	for _, s := range subjects.All() {
		if s.Name == "map-cache" || s.Name == "request-goroutine" {
			t.Run(s.Name, func(t *testing.T) { subjecttest.Control(t, s) })
		}
	}
}
