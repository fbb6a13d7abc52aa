package payment

import (
	"math/rand/v2"
	"sync"
	"time"
)

// SlowBank answers most orders at once and some only after seconds, as real ones do.
type SlowBank struct {
	// SlowShare is the share of orders, 0 to 1, that take SlowDelay.
	SlowShare float64
	FastDelay time.Duration
	SlowDelay time.Duration

	mu  sync.Mutex
	rng *rand.Rand
}

// NewSlowBank returns a bank that is slow for a share of its orders.
func NewSlowBank(seed uint64, slowShare float64, fast, slow time.Duration) *SlowBank {
	return &SlowBank{SlowShare: slowShare, FastDelay: fast, SlowDelay: slow, rng: rand.New(rand.NewPCG(seed, 7))}
}

// Authorize implements Bank.
func (b *SlowBank) Authorize(order Order) (string, error) {
	b.mu.Lock()
	delay := b.FastDelay + time.Duration(b.rng.ExpFloat64()*float64(b.FastDelay))
	if b.rng.Float64() < b.SlowShare {
		delay = b.SlowDelay
	}
	b.mu.Unlock()
	time.Sleep(delay)
	return "receipt-" + order.ID, nil
}
