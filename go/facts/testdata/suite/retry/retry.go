// Package retry tries again.
package retry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// The body of each try but the last stays open.
func leakRetryStatus(c *http.Client, req *http.Request, tries int) (*http.Response, error) {
	var last error
	for i := 0; i < tries; i++ {
		resp, err := c.Do(req) // want resource/http-body
		if err != nil {
			last = err
			continue
		}
		if resp.StatusCode < 500 {
			return resp, nil
		}
		last = fmt.Errorf("status %s", resp.Status)
		time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
	}
	return nil, last
}

func cleanRetryStatus(c *http.Client, req *http.Request, tries int) (*http.Response, error) {
	var last error
	for i := 0; i < tries; i++ {
		resp, err := c.Do(req)
		if err != nil {
			last = err
			continue
		}
		if resp.StatusCode < 500 {
			return resp, nil
		}
		io.Copy(io.Discard, io.LimitReader(resp.Body, 4096))
		resp.Body.Close()
		last = fmt.Errorf("status %s", resp.Status)
	}
	return nil, last
}

func leakRetryVariable(url string) (body []byte, err error) {
	var resp *http.Response
	for range 3 {
		resp, err = http.Get(url) // want resource/http-body
		if err == nil && resp.StatusCode == http.StatusOK {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func cleanRetryVariable(url string) (body []byte, err error) {
	var resp *http.Response
	for range 3 {
		if resp != nil {
			resp.Body.Close()
		}
		resp, err = http.Get(url)
		if err == nil && resp.StatusCode == http.StatusOK {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func withRetry(n int, f func() error) (err error) {
	for range n {
		if err = f(); err == nil {
			return nil
		}
	}
	return err
}

// The closure drops its body where it wants another try.
func leakRetryClosure(url string, out io.Writer) error {
	return withRetry(3, func() error {
		resp, err := http.Get(url) // want resource/http-body
		if err != nil {
			return err
		}
		if resp.StatusCode != 200 {
			return errors.New(resp.Status)
		}
		defer resp.Body.Close()
		_, err = io.Copy(out, resp.Body)
		return err
	})
}

func cleanRetryClosure(url string, out io.Writer) error {
	return withRetry(3, func() error {
		resp, err := http.Get(url)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != 200 {
			return errors.New(resp.Status)
		}
		_, err = io.Copy(out, resp.Body)
		return err
	})
}

func leakRetryDial(ctx context.Context, addr string, hello func(net.Conn) error) (net.Conn, error) {
	var d net.Dialer
	for {
		conn, err := d.DialContext(ctx, "tcp", addr) // want resource/net-conn
		if err == nil {
			if err = hello(conn); err == nil {
				return conn, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func cleanRetryDial(addr string, hello func(net.Conn) error) (net.Conn, error) {
	for range 5 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			continue
		}
		if err := hello(conn); err != nil {
			conn.Close()
			continue
		}
		return conn, nil
	}
	return nil, errors.New("nobody answers")
}

// It is the handler's from there on.
func cleanHandOver(addr string, handle func(net.Conn) error) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	if err := handle(conn); err != nil {
		return err
	}
	return nil
}

func greet(c net.Conn) error {
	_, err := c.Write([]byte("hello\n"))
	return err
}

func leakRetryGreet(addr string) (net.Conn, error) {
	for range 5 {
		conn, err := net.Dial("tcp", addr) // want resource/net-conn
		if err != nil {
			continue
		}
		if greet(conn) == nil {
			return conn, nil
		}
	}
	return nil, errors.New("gave up")
}

func cleanRetryGreet(addr string) (net.Conn, error) {
	for range 5 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			continue
		}
		if greet(conn) == nil {
			return conn, nil
		}
		conn.Close()
	}
	return nil, errors.New("gave up")
}

var errBusy = errors.New("busy")

func leakRetryTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	for {
		tx, err := db.BeginTx(ctx, nil) // want resource/sql-tx
		if err != nil {
			return err
		}
		if err := f(tx); err != nil {
			if errors.Is(err, errBusy) {
				continue
			}
			return errors.Join(err, tx.Rollback())
		}
		if err := tx.Commit(); err == nil {
			return nil
		}
	}
}

func apply(tx *sql.Tx, stmts []string) error {
	for _, s := range stmts {
		if _, err := tx.Exec(s); err != nil {
			return err
		}
	}
	return nil
}

func leakRetryApply(ctx context.Context, db *sql.DB, stmts []string) error {
	for range 3 {
		tx, err := db.BeginTx(ctx, nil) // want resource/sql-tx
		if err != nil {
			return err
		}
		if err := apply(tx, stmts); err != nil {
			continue
		}
		return tx.Commit()
	}
	return errors.New("gave up")
}

func cleanRetryApply(ctx context.Context, db *sql.DB, stmts []string) error {
	for range 3 {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := apply(tx, stmts); err != nil {
			_ = tx.Rollback()
			continue
		}
		return tx.Commit()
	}
	return errors.New("gave up")
}
