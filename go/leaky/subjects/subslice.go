package subjects

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var subslice = subject.Subject{
	Name:   "subslice",
	Title:  "16 bytes of every upload are kept, and with them the array of the whole upload",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*uploads).receive)},
	Loads:  leakLoads(1, 16, 64<<10),
	Path:   "/uploads",
	Upload: true,
	New: func(o subject.Options) (*subject.Service, error) {
		store := &uploads{}
		serve := func(receive func(io.Reader, int) (int, error)) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				n, err := receive(r.Body, o.SizeBytes)
				if err != nil {
					http.Error(w, err.Error(), http.StatusBadRequest)
					return
				}
				fmt.Fprintln(w, n)
			}
		}
		return &subject.Service{Handler: serve(store.receive), Fixed: serve(store.receiveHeader)}, nil
	},
}

const uploadHeaderBytes = 16

// uploads remembers the header of every upload, to find duplicates among the last ones.
type uploads struct {
	mu      sync.Mutex
	headers [][]byte
}

func (u *uploads) receive(body io.Reader, limitBytes int) (int, error) {
	content := make([]byte, limitBytes) // leak: allocates
	n, err := io.ReadFull(body, content)
	if err != nil {
		return n, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.headers = append(u.headers, content[:uploadHeaderBytes])
	return n, nil
}

// receiveHeader copies the header out of the content, which can then go.
func (u *uploads) receiveHeader(body io.Reader, limitBytes int) (int, error) {
	content := make([]byte, limitBytes)
	n, err := io.ReadFull(body, content)
	if err != nil {
		return n, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.headers = append(u.headers, bytes.Clone(content[:uploadHeaderBytes]))
	return n, nil
}
