package subjects

import (
	"context"
	"fmt"
	"net/http"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var contextChildren = subject.Subject{
	Name:   "context-children",
	Title:  "WithCancel children of the service's own context that are never cancelled",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*pipeline).begin)},
	Loads:  leakLoads(8, 160, 7<<10),
	Path:   "/jobs",
	New: func(o subject.Options) (*subject.Service, error) {
		base, stop := context.WithCancel(context.Background())
		p := &pipeline{base: base}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				ctx, _ := p.begin(requestID(r), o.SizeBytes)
				fmt.Fprintln(w, process(ctx))
			},
			Fixed: func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := p.beginJob(requestID(r), o.SizeBytes)
				defer cancel()
				fmt.Fprintln(w, process(ctx))
			},
			Close: stop,
		}, nil
	},
}

type jobKey struct{}

// pipeline runs jobs under the context of the service, which lives as long as the process.
type pipeline struct{ base context.Context }

// begin derives a job's context. The parent holds every child until it is cancelled, and the
// child holds what its values hold; the caller drops the cancel function.
func (p *pipeline) begin(id string, scratchBytes int) (context.Context, context.CancelFunc) {
	scratch := make([]byte, scratchBytes) // leak: allocates
	fill(scratch, id)
	return context.WithCancel(context.WithValue(p.base, jobKey{}, scratch))
}

// beginJob is the same; its caller cancels.
func (p *pipeline) beginJob(id string, scratchBytes int) (context.Context, context.CancelFunc) {
	scratch := make([]byte, scratchBytes)
	fill(scratch, id)
	return context.WithCancel(context.WithValue(p.base, jobKey{}, scratch))
}

func process(ctx context.Context) int {
	scratch, _ := ctx.Value(jobKey{}).([]byte)
	return len(scratch)
}
