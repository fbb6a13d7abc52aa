package subjects

import (
	"fmt"
	"net/http"
	"runtime"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var finalizerBacklog = subject.Subject{
	Name:   "finalizer-backlog",
	Title:  "finalizers that take some time each: a burst leaves a backlog, which drains",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads:  quietLoads(15, 40, 80, 64<<10),
	Path:   "/decode",
	// A tenth of the rate, and a burst from second 15 to 22.
	Shape: func(second float64) float64 {
		if second >= 15 && second < 22 {
			return 1
		}
		return 0.1
	},
	New: func(o subject.Options) (*subject.Service, error) {
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, decode(requestID(r), o.SizeBytes, o.Seconds(0.04)))
		}}, nil
	},
}

// frame stands for a picture whose native part is released by a finalizer.
type frame struct{ pixels []byte }

func decode(id string, pixelBytes int, release time.Duration) int {
	f := &frame{pixels: make([]byte, pixelBytes)}
	fill(f.pixels, id)
	// All finalizers of a process share one goroutine: what takes time here holds up the rest.
	runtime.SetFinalizer(f, func(*frame) { time.Sleep(release) })
	return len(f.pixels)
}
