package payment

import (
	"context"
	"time"
)

// BufferedGateway is the fixed twin of Gateway: a late answer has room and its sender can go.
type BufferedGateway struct {
	bank    Bank
	timeout time.Duration
}

// NewBufferedGateway returns a gateway to bank that waits at most timeout for an answer.
func NewBufferedGateway(bank Bank, timeout time.Duration) *BufferedGateway {
	return &BufferedGateway{bank: bank, timeout: timeout}
}

// Charge returns the bank's receipt, or the context's error when the bank is too slow.
func (g *BufferedGateway) Charge(ctx context.Context, order Order) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	out := make(chan result, 1)
	go func() {
		receipt, err := g.bank.Authorize(order)
		out <- result{receipt, err}
	}()
	select {
	case r := <-out:
		return r.receipt, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
