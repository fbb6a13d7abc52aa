package subjects

import (
	"fmt"
	"net/http"
	"runtime"
	"sync/atomic"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var finalizerCycle = subject.Subject{
	Name:   "finalizer-cycle",
	Title:  "objects with finalizers that point at each other, which the GC can never free",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*documents).parse)},
	Loads:  leakLoads(6, 120, 8<<10),
	Path:   "/documents",
	New: func(o subject.Options) (*subject.Service, error) {
		d := &documents{}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, d.parse(requestID(r), o.SizeBytes)) },
			Fixed: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintln(w, d.parseAcyclic(requestID(r), o.SizeBytes))
			},
		}, nil
	},
}

// document and cursor stand for handles of a native library that a finalizer gives back.
type document struct {
	text   []byte
	cursor *cursor
}

type cursor struct{ document *document }

type documents struct{ freed atomic.Int64 }

// parse sets a finalizer on a member of a cycle: Go documents that such a cycle is not freed.
func (d *documents) parse(id string, textBytes int) int {
	doc := &document{text: make([]byte, textBytes)} // leak: allocates
	fill(doc.text, id)
	doc.cursor = &cursor{document: doc}
	runtime.SetFinalizer(doc, func(*document) { d.freed.Add(1) })
	return len(doc.cursor.document.text)
}

// parseAcyclic gives the cursor only what it reads.
func (d *documents) parseAcyclic(id string, textBytes int) int {
	doc := &document{text: make([]byte, textBytes)}
	fill(doc.text, id)
	doc.cursor = &cursor{document: &document{text: doc.text}}
	runtime.SetFinalizer(doc, func(*document) { d.freed.Add(1) })
	return len(doc.cursor.document.text)
}
