package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var lockNeverReleased = subject.Subject{
	Name:    "lock-never-released",
	Title:   "an early return leaves a mutex locked; every later request waits for it",
	Kind:    subject.Leak,
	Signal:  subject.Goroutine,
	Grows:   subject.Growth{Goroutines: 1},
	Sites:   []subject.Site{subject.At(subject.Waits, (*inventory).reserve)},
	Loads:   leakLoads(0.5, 10, 1<<10),
	Path:    "/reserve",
	Timeout: time.Second / 2,
	New: func(o subject.Options) (*subject.Service, error) {
		leaking, fixed := newInventory(), newInventory()
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, leaking.reserve(requestID(r))) },
			Fixed:   func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, fixed.reserveDeferred(requestID(r))) },
			Close: func() {
				leaking.mu.TryLock()
				leaking.mu.Unlock() // whoever still waits can go
			},
		}, nil
	},
}

type inventory struct {
	mu       sync.Mutex
	stock    int
	reserved map[string]int
}

func newInventory() *inventory { return &inventory{stock: 5, reserved: map[string]int{}} }

// reserve forgets to unlock when the stock has run out.
func (i *inventory) reserve(id string) bool {
	i.mu.Lock() // leak: waits
	if i.stock == 0 {
		return false
	}
	i.stock--
	i.reserved[id]++
	i.mu.Unlock()
	return true
}

func (i *inventory) reserveDeferred(id string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.stock == 0 {
		return false
	}
	i.stock--
	i.reserved[id]++
	return true
}
