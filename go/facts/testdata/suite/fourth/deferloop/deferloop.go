// Package deferloop has shapes of deferred calls in loops, written without a look at the analyzers.
package deferloop

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// leakSumSizes opens every file and closes them when all were read.
func leakSumSizes(paths []string) (int64, error) {
	var sum int64
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return 0, err
		}
		defer f.Close() // want resource/defer-in-loop
		st, err := f.Stat()
		if err != nil {
			return 0, err
		}
		sum += st.Size()
	}
	return sum, nil
}

// leakServe handles frames; the unlock waits until the connection ends.
func leakServe(c net.Conn, mus map[byte]*sync.Mutex, apply func(byte)) {
	defer c.Close()
	sc := bufio.NewReader(c)
	for {
		b, err := sc.ReadByte()
		if err != nil {
			return
		}
		mu := mus[b]
		if mu == nil {
			continue
		}
		mu.Lock()
		defer mu.Unlock() // want resource/defer-in-loop
		apply(b)
	}
}

// leakRetry gives each try a context, all are kept until it succeeds.
func leakRetry(ctx context.Context, f func(context.Context) error) error {
	for {
		tctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel() // want resource/defer-in-loop
		err := f(tctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
	}
}

// leakExport writes all tables.
func leakExport(ctx context.Context, db *sql.DB, tables []string, w *csv.Writer) error {
	for _, t := range tables {
		rows, err := db.QueryContext(ctx, "SELECT id FROM "+t)
		if err != nil {
			return err
		}
		defer rows.Close() // want resource/defer-in-loop
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			_ = w.Write([]string{t, id})
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// leakCrawl follows next links.
func leakCrawl(hc *http.Client, url string) (int, error) {
	n := 0
again:
	resp, err := hc.Get(url)
	if err != nil {
		return n, err
	}
	defer func() { _ = resp.Body.Close() }() // want resource/defer-in-loop
	n++
	if next := resp.Header.Get("X-Next"); next != "" {
		url = next
		goto again
	}
	return n, nil
}

// cleanFirstReadable opens the first that can be opened.
func cleanFirstReadable(paths []string) ([]byte, error) {
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			continue
		}
		defer f.Close()
		b := make([]byte, 512)
		n, err := f.Read(b)
		return b[:n], err
	}
	return nil, os.ErrNotExist
}

// cleanEach processes lines of every file.
func cleanEach(paths []string, line func(string)) error {
	for _, p := range paths {
		if err := func() error {
			f, err := os.Open(p)
			if err != nil {
				return err
			}
			defer f.Close()
			sc := bufio.NewScanner(f)
			for sc.Scan() {
				line(sc.Text())
			}
			return sc.Err()
		}(); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	return nil
}

// cleanParallel releases in each goroutine.
func cleanParallel(jobs []func()) {
	var wg sync.WaitGroup
	sem := make(chan struct{}, 4)
	for _, j := range jobs {
		wg.Add(1)
		sem <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-sem }()
			j()
		}()
	}
	wg.Wait()
}

// cleanConnect takes the first address that answers and uses it.
func cleanConnect(addrs []string, use func(net.Conn) error) error {
	for _, a := range addrs {
		c, err := net.DialTimeout("tcp", a, time.Second)
		if err != nil {
			continue
		}
		defer c.Close()
		if err := use(c); err != nil {
			return err
		}
		break
	}
	return nil
}

// cleanPair opens exactly two files.
func cleanPair(a, b string) (int64, error) {
	var sum int64
	for _, p := range [2]string{a, b} {
		f, err := os.Open(p)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			return 0, err
		}
		sum += st.Size()
	}
	return sum, nil
}

// cleanLines defers once, before its loop.
func cleanLines(path string) (n int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		n++
	}
	return n, sc.Err()
}
