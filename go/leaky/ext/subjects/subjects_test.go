package subjects

import (
	"testing"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subjecttest"
)

func TestLeaks(t *testing.T) {
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) { subjecttest.Leak(t, s, Sources, "ext/subjects") })
	}
}
