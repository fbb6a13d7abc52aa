// Package payment charges customers through a bank.
package payment

import (
	"context"
	"time"
)

// Order is what a customer pays for.
type Order struct {
	ID       string
	Cents    int64
	Currency string
}

// Bank authorises payments and may take its time.
type Bank interface {
	Authorize(order Order) (receipt string, err error)
}

// Gateway charges orders and gives up waiting for the bank after a while.
type Gateway struct {
	bank    Bank
	timeout time.Duration
}

type result struct {
	receipt string
	err     error
}

// NewGateway returns a gateway to bank that waits at most timeout for an answer.
func NewGateway(bank Bank, timeout time.Duration) *Gateway {
	return &Gateway{bank: bank, timeout: timeout}
}

// Charge returns the bank's receipt, or the context's error when the bank is too slow.
func (g *Gateway) Charge(ctx context.Context, order Order) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	// The bug: when the time is over nobody receives, and the sender waits for ever.
	out := make(chan result)
	go func() { // leak: creates
		receipt, err := g.bank.Authorize(order)
		out <- result{receipt, err} // leak: waits
	}()
	select {
	case r := <-out:
		return r.receipt, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
