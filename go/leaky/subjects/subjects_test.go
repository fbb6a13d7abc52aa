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

func TestQuiet(t *testing.T) {
	for _, s := range All() {
		if s.Kind == subject.Quiet {
			t.Run(s.Name, func(t *testing.T) { subjecttest.Quiet(t, s) })
		}
	}
}
