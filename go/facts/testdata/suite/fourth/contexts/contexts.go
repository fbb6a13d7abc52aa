// Package contexts has shapes of contexts, written without a look at the analyzers.
package contexts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"time"

	"github.com/redis/go-redis/v9"
)

type ctxKey string

// leakGetVersion has a deadline that the request does not know.
func leakGetVersion(ctx context.Context, hc *http.Client, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	req, err := http.NewRequest(http.MethodGet, url, nil) // want goroutine/deadline-not-passed
	if err != nil {
		return "", err
	}
	resp, err := hc.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	return resp.Header.Get("X-Version"), nil
}

// leakLoadUser gets a context, but its query has none.
func leakLoadUser(ctx context.Context, db *sql.DB, id int) (name string, err error) {
	tctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	slog.InfoContext(tctx, "load", "id", id)
	err = db.QueryRow("SELECT name FROM users WHERE id=$1", id).Scan(&name) // want goroutine/deadline-not-passed
	return name, err
}

// leakAllow checks a rate limit with a fresh context.
func leakAllow(ctx context.Context, rdb *redis.Client, key string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	n, err := rdb.Incr(context.Background(), key).Result() // want goroutine/deadline-not-passed
	if err != nil {
		return false, fmt.Errorf("%w (%v)", err, ctx.Err())
	}
	return n < 100, nil
}

// leakProcess gives every item a context that is built on the one before.
func leakProcess(ctx context.Context, items []string, f func(context.Context, string) error) error {
	for i, it := range items {
		ctx = context.WithValue(ctx, ctxKey("item"), i) // want heap/context-nested
		if err := f(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// Loop keeps its context in a field and derives it anew at every tick.
type Loop struct {
	ctx context.Context
	n   int
}

// NewLoop gives a loop.
func NewLoop(ctx context.Context) *Loop { return &Loop{ctx: ctx} }

// leakTick derives.
func (l *Loop) leakTick(f func(context.Context)) {
	l.n++
	l.ctx = context.WithValue(l.ctx, ctxKey("tick"), l.n) // want heap/context-nested
	f(l.ctx)
}

// leakRunHook has a deadline; the process does not.
func leakRunHook(ctx context.Context, bin string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.Command(bin, "--once").CombinedOutput() // want goroutine/deadline-not-passed
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, ctx.Err()
	}
	return out, err
}

// leakStream renews its deadline by nesting.
func leakStream(ctx context.Context, recv func(context.Context) error) error {
	for {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Minute) // want heap/context-nested
		err := recv(ctx)
		if err != nil {
			cancel()
			return err
		}
		defer cancel() // want resource/defer-in-loop
	}
}

// cleanGetETag passes the deadline on.
func cleanGetETag(ctx context.Context, hc *http.Client, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := hc.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	return resp.Header.Get("ETag"), nil
}

// cleanSigned builds the request first and adds the context at the end.
func cleanSigned(ctx context.Context, url string, sign func(*http.Request)) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequest("POST", url, nil)
	if err != nil {
		return nil, err
	}
	sign(req)
	return http.DefaultClient.Do(req.WithContext(ctx))
}

// cleanLeave uses a fresh context for the cleanup, as ctx is over by then.
func cleanLeave(ctx context.Context, run func(context.Context) error, leave func(context.Context) error) error {
	err := run(ctx)
	cctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(err, leave(cctx))
}

// cleanItems derives from the same parent each time.
func cleanItems(ctx context.Context, items []string, f func(context.Context, string)) {
	for i, it := range items {
		ictx := context.WithValue(ctx, ctxKey("item"), i)
		f(ictx, it)
	}
}

// cleanDecorate nests a fixed number of values.
func cleanDecorate(r *http.Request) *http.Request {
	ctx := r.Context()
	for _, h := range []string{"X-Request-Id", "X-Tenant"} {
		if v := r.Header.Get(h); v != "" {
			ctx = context.WithValue(ctx, ctxKey(h), v)
		}
	}
	return r.WithContext(ctx)
}

// cleanWithin bounds a wait in a select.
func cleanWithin(ctx context.Context, done <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cleanAsk sets the deadline of the context on the connection.
func cleanAsk(ctx context.Context, c net.Conn, q []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if d, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(d)
	}
	if _, err := c.Write(q); err != nil {
		return nil, err
	}
	b := make([]byte, 512)
	n, err := c.Read(b)
	return b[:n], err
}

// cleanMiddleware puts a value in each request's own context.
func cleanMiddleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, ctxKey("start"), time.Now())))
	})
}
