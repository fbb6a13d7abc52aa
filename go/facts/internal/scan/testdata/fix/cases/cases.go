// Package cases has what a deferred release repairs, and what it would break.
package cases

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func Body(url string, v any) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	return json.NewDecoder(resp.Body).Decode(v)
}

func File(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}

	b, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return b, f.Close()
}

func Rows(db *sql.DB) (n int, err error) {
	rows, err := db.Query("select 1")
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		if n++; n > 10 {
			return 0, errors.New("many")
		}
	}
	return n, rows.Err()
}

func Tx(db *sql.DB) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	if _, err := tx.Exec("delete from t"); err != nil {
		return err
	}
	return tx.Commit()
}

func Cancel(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	if err := do(ctx); err != nil {
		return err
	}
	cancel()
	return nil
}

func Cause(ctx context.Context, do func(context.Context)) {
	ctx, cancel := context.WithCancelCause(ctx)
	do(ctx)
	if ctx.Err() != nil {
		cancel(nil)
	}
}

func Ticker(n int) {
	t := time.NewTicker(time.Second)
	for range n {
		<-t.C
	}
}

// In a loop the deferred call would only move the leak.
func Loop(urls []string) error {
	for _, u := range urls {
		resp, err := http.Get(u)
		if err != nil {
			return err
		}
		if resp.StatusCode != 200 {
			return errors.New(resp.Status)
		}
		resp.Body.Close()
	}
	return nil
}

// On one path it is the caller's.
func Handed(addr string) (net.Conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	if _, err := c.Write([]byte("hello")); err != nil {
		return nil, err
	}
	return c, nil
}

// The error is not looked at: the file may be nil.
func Unchecked(name string) int {
	f, _ := os.Open(name)
	b := make([]byte, 10)
	n, _ := f.Read(b)
	return n
}

// What it returns reads from the body.
func Wrapper(url string) (*bufio.Reader, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return bufio.NewReader(resp.Body), nil
}

type config struct{ name string }

func parse(r io.Reader) (*config, error) {
	name, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return &config{name: string(name)}, nil
}

// What it returns is data.
func Parsed(name string) (*config, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return parse(f)
}
