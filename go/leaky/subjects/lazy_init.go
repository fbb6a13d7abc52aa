package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

const modelParts = 16

var lazyInit = subject.Subject{
	Name:   "lazy-init",
	Title:  "16 tables that are each loaded when first needed, during the first 25 s",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	// SizeBytes is all tables together.
	Loads: []subject.Load{
		{Name: "low", RatePerSecond: 20, SizeBytes: 12 << 20},
		{Name: "mid", RatePerSecond: 50, SizeBytes: 40 << 20},
		{Name: "high", RatePerSecond: 100, SizeBytes: 96 << 20},
	},
	Path: "/predict",
	New: func(o subject.Options) (*subject.Service, error) {
		m := newModel(o.SizeBytes)
		start := time.Now()
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			// Callers come to need one part after the other.
			needed := min(modelParts, 1+int(float64(time.Since(start))/float64(o.Seconds(25))*modelParts))
			fmt.Fprintln(w, m.predict(needed))
		}}, nil
	},
}

type model struct{ parts [modelParts]func() [][]byte }

func newModel(totalBytes int) *model {
	m := &model{}
	for i := range m.parts {
		m.parts[i] = sync.OnceValue(func() [][]byte { return loadPart(totalBytes / modelParts) })
	}
	return m
}

func loadPart(partBytes int) [][]byte {
	rows := make([][]byte, partBytes/4096)
	for i := range rows {
		rows[i] = make([]byte, 4096)
		fill(rows[i], "weights")
	}
	return rows
}

func (m *model) predict(needed int) (rows int) {
	for _, part := range m.parts[:needed] {
		rows += len(part())
	}
	return rows
}
