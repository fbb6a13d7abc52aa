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

// StreamDesc describes a stream.
type StreamDesc struct{ ServerStreams bool }

// ClientStream is an open call.
type ClientStream interface {
	CloseSend() error
	Context() context.Context
	SendMsg(m any) error
	RecvMsg(m any) error
}

type stream struct{ ctx context.Context }

func (s *stream) CloseSend() error         { return nil }
func (s *stream) Context() context.Context { return s.ctx }
func (s *stream) SendMsg(m any) error      { _ = m; return s.ctx.Err() }
func (s *stream) RecvMsg(m any) error      { _ = m; return s.ctx.Err() }

func (c *ClientConn) NewStream(ctx context.Context, desc *StreamDesc, method string) (ClientStream, error) {
	_, _ = desc, method
	return &stream{ctx: ctx}, ctx.Err()
}
