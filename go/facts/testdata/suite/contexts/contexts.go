// Package contexts makes contexts, and hands them on or not.
package contexts

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os/exec"
	"time"
)

// The time-out is made and never reaches the request.
func leakTimeoutNotPassed(url string) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return http.Get(url) // want goroutine/deadline-not-passed
}

func cleanTimeoutPassed(url string) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

func leakQueryWithoutContext(ctx context.Context, db *sql.DB, id int) (name string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	err = db.QueryRow("select name from users where id = $1", id).Scan(&name) // want goroutine/deadline-not-passed
	return name, err
}

func cleanQueryWithContext(ctx context.Context, db *sql.DB, id int) (name string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err = db.QueryRowContext(ctx, "select name from users where id = $1", id).Scan(&name)
	return name, err
}

// The time-out is there, the call gets another one.
func leakBackgroundInstead(ctx context.Context, load func(context.Context) error) error {
	tctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = tctx
	return load(context.Background()) // want goroutine/deadline-not-passed
}

func cleanDetachedOnPurpose(ctx context.Context, load, audit func(context.Context) error) error {
	tctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := load(tctx); err != nil {
		return err
	}
	return audit(context.WithoutCancel(ctx))
}

func leakCommandWithoutContext(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	fmt.Println(ctx.Deadline())
	return exec.Command(name).Run() // want goroutine/deadline-not-passed
}

func cleanCommandContext(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return exec.CommandContext(ctx, name).Run()
}

type key struct{}

// Each pass wraps the context of the pass before.
func leakNestedValues(ctx context.Context, ids []string, do func(context.Context) error) error {
	for _, id := range ids {
		ctx = context.WithValue(ctx, key{}, id) // want heap/context-nested
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

func cleanValuesPerPass(ctx context.Context, ids []string, do func(context.Context) error) error {
	for _, id := range ids {
		ctx := context.WithValue(ctx, key{}, id)
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

type consumer struct {
	ctx  context.Context
	next func() (string, bool)
}

// The field grows by one context a message.
func (c *consumer) leakFieldNested(handle func(context.Context)) {
	for {
		id, ok := c.next()
		if !ok {
			return
		}
		c.ctx = context.WithValue(c.ctx, key{}, id) // want heap/context-nested
		handle(c.ctx)
	}
}

func (c *consumer) cleanFieldNotNested(handle func(context.Context)) {
	for {
		id, ok := c.next()
		if !ok {
			return
		}
		handle(context.WithValue(c.ctx, key{}, id))
	}
}

func leakNestedTimeout(ctx context.Context, step func(context.Context) error) {
	for ctx.Err() == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx) // want heap/context-nested
		if step(ctx) != nil {
			cancel()
			return
		}
		defer cancel() // want resource/defer-in-loop
	}
}

func cleanOptionsApplied(ctx context.Context, options ...func(context.Context) context.Context) context.Context {
	for _, o := range options {
		ctx = o(ctx)
	}
	return ctx
}

func cleanHeaders(ctx context.Context, r *http.Request) context.Context {
	for _, name := range []string{"x-request-id", "x-tenant"} {
		ctx = context.WithValue(ctx, key{}, r.Header.Get(name))
	}
	return ctx
}

func leakCancelOnlyOnError(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx) // want resource/cancel
	if err := do(ctx); err != nil {
		cancel()
		return err
	}
	return nil
}

func leakCancelInLoop(ctx context.Context, urls []string, fetch func(context.Context, string) error) error {
	for _, u := range urls {
		c, cancel := context.WithTimeout(ctx, time.Second) // want resource/cancel
		if err := fetch(c, u); err != nil {
			return err
		}
		cancel()
	}
	return nil
}

func cleanCancelInLoop(ctx context.Context, urls []string, fetch func(context.Context, string) error) error {
	for _, u := range urls {
		c, cancel := context.WithTimeout(ctx, time.Second)
		err := fetch(c, u)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

type session struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func cleanSession(parent context.Context) *session {
	ctx, cancel := context.WithCancel(parent)
	return &session{ctx, cancel}
}

func (s *session) Close() { s.cancel() }

// The session is renewed, the old one is not ended.
func (s *session) leakRenew(parent context.Context) {
	ctx, _ := context.WithCancel(parent) // want resource/cancel
	s.ctx = ctx
}

func (s *session) cleanRenew(parent context.Context) {
	s.cancel()
	s.ctx, s.cancel = context.WithCancel(parent)
}

func cleanCancelAfter(ctx context.Context, do func(context.Context)) {
	ctx, cancel := context.WithCancelCause(ctx)
	time.AfterFunc(time.Minute, func() { cancel(context.DeadlineExceeded) })
	do(ctx)
}

func cleanCancelGiven(ctx context.Context, serve func(context.Context, context.CancelFunc)) {
	ctx, cancel := context.WithCancel(ctx)
	go serve(ctx, cancel)
}

func (c *consumer) cleanFromOld(names []string, handle func(context.Context)) {
	old := c.ctx
	for _, n := range names {
		c.ctx = context.WithValue(old, key{}, n)
		handle(c.ctx)
	}
	c.ctx = old
}
