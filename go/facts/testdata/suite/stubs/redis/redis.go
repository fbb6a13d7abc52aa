// Package redis has the outline of a client: enough to be opened, used and closed.
package redis

import (
	"context"
	"errors"
)

type Options struct{ Addr string }

type Client struct{ pool chan struct{} }

func NewClient(o *Options) *Client { return &Client{pool: make(chan struct{}, len(o.Addr))} }

func (c *Client) Close() error { close(c.pool); return nil }

func (c *Client) Ping(ctx context.Context) *StatusCmd { return &StatusCmd{err: ctx.Err()} }

func (c *Client) Get(ctx context.Context, key string) *StringCmd {
	return &StringCmd{val: key, err: ctx.Err()}
}

func (c *Client) Subscribe(ctx context.Context, channels ...string) *PubSub {
	return &PubSub{c: make(chan *Message, len(channels)), ctx: ctx}
}

type StatusCmd struct{ err error }

func (c *StatusCmd) Err() error { return c.err }

type StringCmd struct {
	val string
	err error
}

func (c *StringCmd) Result() (string, error) { return c.val, c.err }

type Message struct{ Channel, Payload string }

type PubSub struct {
	c   chan *Message
	ctx context.Context
}

func (p *PubSub) Channel() <-chan *Message { return p.c }

func (p *PubSub) ReceiveMessage(ctx context.Context) (*Message, error) {
	if m, ok := <-p.c; ok {
		return m, ctx.Err()
	}
	return nil, errors.New("closed")
}

func (p *PubSub) Close() error { close(p.c); return nil }

// Incr hands itself to a hook that lives on, as the real client does: what is called on it keeps it.
func (c *Client) Incr(ctx context.Context, key string) *IntCmd {
	cmd := &IntCmd{}
	hooks = func() { c.process(ctx, key, cmd) }
	hooks()
	return cmd
}

var hooks func()

func (c *Client) process(ctx context.Context, key string, cmd *IntCmd) {
	c.pool <- struct{}{}
	cmd.val, cmd.err = int64(len(key)), ctx.Err()
	<-c.pool
}

type IntCmd struct {
	val int64
	err error
}

func (c *IntCmd) Result() (int64, error) { return c.val, c.err }

// Messages keeps the subscription for a health check, as the Channel method of the real one does.
func (p *PubSub) Messages() <-chan *Message {
	checks = append(checks, func() bool { return p.ctx.Err() == nil })
	return p.c
}

var checks []func() bool
