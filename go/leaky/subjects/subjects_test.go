package subjects

import (
	"testing"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
	"github.com/tidemark-go/tidemark/go/leaky/internal/subjecttest"
)

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range All() {
		if seen[s.Name] {
			t.Errorf("two subjects are named %s", s.Name)
		}
		seen[s.Name] = true
	}
}

// The quiet ones come first: what leaks stays until the test binary ends.
func TestQuiet(t *testing.T) {
	for _, s := range All() {
		if s.Kind == subject.Quiet {
			t.Run(s.Name, func(t *testing.T) { subjecttest.Quiet(t, s) })
		}
	}
}

func TestLeaks(t *testing.T) {
	for _, s := range All() {
		if s.Kind == subject.Leak {
			t.Run(s.Name, func(t *testing.T) { subjecttest.Leak(t, s, Sources, "subjects") })
		}
	}
}

// The yardstick of TestQuiet must be able to fail.
func TestQuietRefusesLeaks(t *testing.T) {
	for _, s := range []subject.Subject{mapCache, requestGoroutine} {
		t.Run(s.Name, func(t *testing.T) { subjecttest.Control(t, s) })
	}
}
