package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var lockHeldLong = subject.Subject{
	Name:    "lock-held-long",
	Title:   "a settlement holds a lock over a call to a partner that does not answer; requests queue behind it",
	Kind:    subject.Leak,
	Signal:  subject.Goroutine,
	Grows:   subject.Growth{Goroutines: 1},
	Sites:   []subject.Site{subject.At(subject.Waits, (*ledger).balance), subject.At(subject.Causes, (*ledger).settle)},
	Loads:   leakLoads(0.5, 10, 1<<10),
	Path:    "/balance",
	Timeout: time.Second / 2,
	New: func(o subject.Options) (*subject.Service, error) {
		stop := make(chan struct{})
		leaking, fixed := newLedger(stop), newLedger(stop)
		// The first request of either form starts its settlement, so that a switched service changes.
		var startLeaking, startFixed sync.Once
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				startLeaking.Do(func() { go leaking.settle() })
				fmt.Fprintln(w, leaking.balance(requestID(r)))
			},
			Fixed: func(w http.ResponseWriter, r *http.Request) {
				startFixed.Do(func() { go fixed.settleOutside() })
				fmt.Fprintln(w, fixed.balance(requestID(r)))
			},
			Close: func() { close(stop) },
		}, nil
	},
}

type ledger struct {
	mu       sync.RWMutex
	accounts map[string]int64
	partner  chan struct{} // answers when the partner does
}

func newLedger(partner chan struct{}) *ledger {
	return &ledger{accounts: map[string]int64{}, partner: partner}
}

func (l *ledger) balance(id string) int64 {
	l.mu.RLock() // leak: waits
	defer l.mu.RUnlock()
	return l.accounts[id]
}

// settle asks the partner while it holds the lock.
func (l *ledger) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	<-l.partner // leak: causes
	l.accounts["settled"]++
}

// settleOutside asks first and locks for the result only.
func (l *ledger) settleOutside() {
	<-l.partner
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts["settled"]++
}
