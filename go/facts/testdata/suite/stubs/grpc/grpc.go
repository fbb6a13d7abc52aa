// Package grpc has the outline of a client connection, enough to be opened and closed.
package grpc

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc/connectivity"
)

type ClientConn struct {
	target string
	state  atomic.Int64
}

type DialOption func(*ClientConn)

func NewClient(target string, options ...DialOption) (*ClientConn, error) {
	c := &ClientConn{target: target}
	for _, o := range options {
		o(c)
	}
	return c, nil
}

func (c *ClientConn) Close() error { c.target = ""; return nil }

func (c *ClientConn) Invoke(method string) error { _ = method; return nil }

// Connect hands the connection to what runs later, as the real one does: what is called on it keeps it.
func (c *ClientConn) Connect() {
	later = append(later, func() { c.state.Store(int64(connectivity.Ready)) })
}

var later []func()

func (c *ClientConn) GetState() connectivity.State { return connectivity.State(c.state.Load()) }

func (c *ClientConn) WaitForStateChange(ctx context.Context, from connectivity.State) bool {
	return ctx.Err() == nil && c.GetState() != from
}
