// Package deferloop defers in loops.
package deferloop

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

func leakFilesOfDir(dir string) (n int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			return n, err
		}
		defer f.Close() // want resource/defer-in-loop
		m, err := io.Copy(io.Discard, f)
		if err != nil {
			return n, err
		}
		n += m
	}
	return n, nil
}

func cleanFilesOfDir(dir string) (n int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	one := func(name string) error {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		m, err := io.Copy(io.Discard, f)
		n += m
		return err
	}
	for _, e := range entries {
		if err := one(filepath.Join(dir, e.Name())); err != nil {
			return n, err
		}
	}
	return n, nil
}

func leakPages(get func(page int) (*http.Response, error)) error {
	for page := 0; ; page++ {
		resp, err := get(page)
		if err != nil {
			return err
		}
		defer resp.Body.Close() // want resource/defer-in-loop
		if resp.StatusCode == http.StatusNoContent {
			return nil
		}
	}
}

// The first one that can be opened is used: the loop leaves in the same pass.
func cleanFirstOf(names []string, use func(io.Reader) error) error {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		defer f.Close()
		return use(f)
	}
	return os.ErrNotExist
}

func cleanBreakAfterDefer(names []string, use func(io.Reader) error) error {
	var r io.Reader
	for _, name := range names {
		f, err := os.Open(name)
		if err == nil {
			defer f.Close()
			r = f
			break
		}
	}
	if r == nil {
		return errors.New("none")
	}
	return use(r)
}

func leakLockInLoop(mus []*sync.Mutex, do func(int)) {
	for i, mu := range mus {
		mu.Lock()
		defer mu.Unlock() // want resource/defer-in-loop
		do(i)
	}
}

func leakServeForever(accept func() (io.ReadCloser, error), log func(string)) error {
	for {
		c, err := accept()
		if err != nil {
			return err
		}
		defer c.Close() // want resource/defer-in-loop
		sc := bufio.NewScanner(c)
		for sc.Scan() {
			log(sc.Text())
		}
	}
}

func cleanServeGoroutines(accept func() (io.ReadCloser, error), log func(string)) error {
	for {
		c, err := accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			sc := bufio.NewScanner(c)
			for sc.Scan() {
				log(sc.Text())
			}
		}()
	}
}

func cleanTwoOnly(a, b string, join func(x, y io.Reader) error) error {
	var files [2]*os.File
	for i, name := range [2]string{a, b} {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		files[i] = f
	}
	return join(files[0], files[1])
}

func cleanDeferPrint(names []string, done func(string)) {
	for _, n := range names {
		func() {
			defer done(n)
		}()
	}
}

func cleanFirstPassOnly(deadline func() time.Duration, poll func(<-chan time.Time) bool) {
	var t *time.Timer
	for {
		if t == nil {
			t = time.NewTimer(deadline())
			defer t.Stop()
		}
		if poll(t.C) {
			return
		}
	}
}
