// Package cancel has cancel functions.
package cancel

import (
	"context"
	"errors"
	"time"
)

func leakIgnored(ctx context.Context, work func(context.Context)) {
	ctx, _ = context.WithTimeout(ctx, time.Second) // want resource/cancel
	work(ctx)
}

func leakEarlyReturn(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx) // want resource/cancel
	if err := work(ctx); err != nil {
		return err
	}
	cancel()
	return nil
}

func leakInLoop(ctx context.Context, work func(context.Context) error) error {
	for {
		c, cancel := context.WithTimeout(ctx, time.Second) // want resource/cancel
		if err := work(c); err != nil {
			continue
		}
		cancel()
		return nil
	}
}

func leakOneBranch(ctx context.Context, fast bool, work func(context.Context)) {
	c, cancel := context.WithDeadline(ctx, time.Now().Add(time.Minute)) // want resource/cancel
	if fast {
		defer cancel()
	}
	work(c)
}

func derive(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, time.Second)
}

func leakDerived(ctx context.Context, work func(context.Context) error) error {
	c, cancel := derive(ctx) // want resource/cancel
	if err := work(c); err != nil {
		return errors.Join(err, ctx.Err())
	}
	cancel()
	return nil
}

func leakCause(ctx context.Context, work func(context.Context) error) error {
	c, cancel := context.WithCancelCause(ctx) // want resource/cancel
	err := work(c)
	if err != nil {
		cancel(err)
	}
	return err
}

type job struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func leakOwnerOnError(ctx context.Context, check func() error) (*job, error) {
	c, cancel := context.WithCancel(ctx) // want resource/cancel
	j := &job{ctx: c, cancel: cancel}
	if err := check(); err != nil {
		return nil, err
	}
	return j, nil
}

func cleanDefer(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return work(ctx)
}

func cleanEachPath(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	if err := work(ctx); err != nil {
		cancel()
		return err
	}
	cancel()
	return nil
}

func cleanReturned(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	return ctx, cancel
}

func cleanStored(ctx context.Context) *job {
	j := &job{}
	j.ctx, j.cancel = context.WithCancel(ctx)
	return j
}

func cleanAfterFunc(ctx, other context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(other, cancel)
	return ctx
}

func cleanGoroutine(ctx context.Context, work func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		work(ctx)
	}()
}

func cleanLoop(ctx context.Context, work func(context.Context) error) error {
	for range 3 {
		c, cancel := context.WithTimeout(ctx, time.Second)
		err := work(c)
		cancel()
		if err == nil {
			return nil
		}
	}
	return ctx.Err()
}

func cleanOptional(ctx context.Context, timeout time.Duration, work func(context.Context)) {
	var cancel context.CancelFunc
	if timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, timeout)
	}
	work(ctx)
	if cancel != nil {
		cancel()
	}
}

func cleanAlways(ctx context.Context, timeout time.Duration, work func(context.Context)) {
	cancel := func() {}
	if timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, timeout)
	}
	defer cancel()
	work(ctx)
}

func cleanOwnerClosed(ctx context.Context, check func() error) (*job, error) {
	c, cancel := context.WithCancel(ctx)
	j := &job{ctx: c, cancel: cancel}
	if err := check(); err != nil {
		j.cancel()
		return nil, err
	}
	return j, nil
}
