// Package pricing quotes prices, which hold for a short time.
package pricing

import (
	"sync"
	"time"
)

// Quote is a price with the reasons for it.
type Quote struct {
	Cents int64
	Until time.Time
	Rules []string
}

// Prices keeps quotes until they end.
type Prices struct {
	ttl    time.Duration
	mu     sync.Mutex
	quotes map[int64]Quote
	swept  time.Time
}

// New returns prices whose quotes hold for ttl.
func New(ttl time.Duration) *Prices {
	return &Prices{ttl: ttl, quotes: make(map[int64]Quote), swept: time.Now()}
}

// Of returns the quote for a product and drops the quotes that have ended.
func (p *Prices) Of(product int64) Quote {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.swept) > p.ttl {
		for id, quote := range p.quotes {
			if now.After(quote.Until) {
				delete(p.quotes, id)
			}
		}
		p.swept = now
	}
	if quote, ok := p.quotes[product]; ok && now.Before(quote.Until) {
		return quote
	}
	quote := Quote{Cents: 199 + product%5000, Until: now.Add(p.ttl), Rules: make([]string, 24)}
	for i := range quote.Rules {
		quote.Rules[i] = "base"
	}
	p.quotes[product] = quote
	return quote
}
