package feed

import (
	"context"
	"time"
)

type gateway struct{ delay time.Duration }

func (g *gateway) post(amount int) string {
	time.Sleep(g.delay)
	return "paid"
}

func (g *gateway) charge(ctx context.Context, amount int) (string, error) {
	out := make(chan string)
	go func() {
		receipt := g.post(amount)
		out <- receipt // victim: timeout-unbuffered
	}()
	select {
	case receipt := <-out:
		return receipt, nil
	case <-ctx.Done():
		return "", ctx.Err() // holder: timeout-unbuffered
	}
}

func leakCharge() {
	g := &gateway{delay: 80 * time.Millisecond}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	g.charge(ctx, 5)
}

type till struct{ delay time.Duration }

func (t *till) post(amount int) string {
	time.Sleep(t.delay)
	return "paid"
}

func (t *till) charge(ctx context.Context, amount int) (string, error) {
	out := make(chan string, 1)
	go func() {
		out <- t.post(amount)
	}()
	select {
	case receipt := <-out:
		return receipt, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func fixedCharge() {
	t := &till{delay: 30 * time.Millisecond}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	t.charge(ctx, 5)
	time.Sleep(50 * time.Millisecond)
}
