//go:build unix

package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"syscall"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

func init() { onUnix = append(onUnix, mmapOffHeap) }

var mmapOffHeap = subject.Subject{
	Name:   "mmap-offheap",
	Title:  "pages are mapped outside the Go heap and never unmapped",
	Kind:   subject.Leak,
	Signal: subject.RSS,
	Grows:  subject.Growth{RSS: 1},
	Sites:  []subject.Site{subject.At(subject.Causes, (*tiles).load)},
	Loads:  leakLoads(0.8, 16, 64<<10),
	Path:   "/tiles",
	New: func(o subject.Options) (*subject.Service, error) {
		t := &tiles{}
		serve := func(load func(id string, tileBytes int) (int, error)) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				n, err := load(requestID(r), o.SizeBytes)
				if err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
					return
				}
				fmt.Fprintln(w, n)
			}
		}
		return &subject.Service{Handler: serve(t.load), Fixed: serve(t.loadOnce), Close: t.close}, nil
	},
}

type tiles struct {
	mu     sync.Mutex
	mapped [][]byte
}

// load maps memory for a tile and keeps it mapped.
func (t *tiles) load(id string, tileBytes int) (int, error) {
	tile, err := syscall.Mmap(-1, 0, tileBytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE) // leak: causes
	if err != nil {
		return 0, err
	}
	fill(tile, id)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mapped = append(t.mapped, tile)
	return len(t.mapped), nil
}

func (t *tiles) loadOnce(id string, tileBytes int) (int, error) {
	tile, err := syscall.Mmap(-1, 0, tileBytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return 0, err
	}
	defer syscall.Munmap(tile)
	fill(tile, id)
	return len(tile), nil
}

func (t *tiles) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, tile := range t.mapped {
		syscall.Munmap(tile)
	}
	t.mapped = nil
}
