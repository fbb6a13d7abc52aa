// Package grpcclients dials.
package grpcclients

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc"
)

type health struct{ conn *grpc.ClientConn }

func (h health) Check(service string) error { return h.conn.Invoke("/health/" + service) }

func leakConnPerCall(target, service string) error {
	conn, err := grpc.NewClient(target) // want resource/client
	if err != nil {
		return err
	}
	return health{conn}.Check(service)
}

func cleanConnPerCall(target, service string) error {
	conn, err := grpc.NewClient(target)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return health{conn}.Check(service)
}

func leakConnCheckFails(targets []string) (*grpc.ClientConn, error) {
	for _, t := range targets {
		conn, err := grpc.NewClient(t) // want resource/client
		if err != nil {
			continue
		}
		if err := conn.Invoke("/health"); err == nil {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("none of %d answers", len(targets))
}

func cleanConnCheckFails(targets []string) (*grpc.ClientConn, error) {
	for _, t := range targets {
		conn, err := grpc.NewClient(t)
		if err != nil {
			continue
		}
		if err := conn.Invoke("/health"); err == nil {
			return conn, nil
		}
		conn.Close()
	}
	return nil, fmt.Errorf("none of %d answers", len(targets))
}

type pool struct {
	mu    sync.Mutex
	conns map[string]*grpc.ClientConn
}

// Two that dial at the same time: the second one is dropped open.
func (p *pool) leakLostRace(target string) (*grpc.ClientConn, error) {
	conn, err := grpc.NewClient(target) // want resource/client
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other, ok := p.conns[target]; ok {
		return other, nil
	}
	p.conns[target] = conn
	return conn, nil
}

func (p *pool) cleanLostRace(target string) (*grpc.ClientConn, error) {
	conn, err := grpc.NewClient(target)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other, ok := p.conns[target]; ok {
		conn.Close()
		return other, nil
	}
	p.conns[target] = conn
	return conn, nil
}

func (p *pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k, c := range p.conns {
		c.Close()
		delete(p.conns, k)
	}
}

func cleanDialWithCleanup(ctx context.Context, target string) (*grpc.ClientConn, func(), error) {
	conn, err := grpc.NewClient(target)
	if err != nil {
		return nil, nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	return conn, func() { conn.Close() }, nil
}

type client struct {
	*grpc.ClientConn
	name string
}

func cleanEmbeds(target string) (c client, err error) {
	c.name = target
	c.ClientConn, err = grpc.NewClient(target)
	return
}
