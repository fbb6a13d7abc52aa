// Package results has named results, error and panic paths.
package results

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
)

func leakNamedFile(name string) (f *os.File, size int64, err error) {
	f, err = os.Open(name) // want resource/file
	if err != nil {
		return
	}
	st, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	return f, st.Size(), nil
}

func cleanNamedFile(name string) (f *os.File, size int64, err error) {
	f, err = os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer func() {
		if err != nil {
			f.Close()
			f = nil
		}
	}()
	st, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	return f, st.Size(), nil
}

// The naked return hands the open file to the caller, who closes it.
func cleanNaked(name string) (f *os.File, err error) {
	f, err = os.Create(name)
	if err != nil {
		return
	}
	_, err = f.WriteString("v1\n")
	return
}

type archive struct {
	f *os.File
	z *gzip.Reader
}

func leakArchive(name string) (*archive, error) {
	f, err := os.Open(name) // want resource/file
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &archive{f, z}, nil
}

func cleanArchive(name string) (a *archive, err error) {
	a = &archive{}
	if a.f, err = os.Open(name); err != nil {
		return nil, err
	}
	if a.z, err = gzip.NewReader(a.f); err != nil {
		a.f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

func (a *archive) Close() error { return errors.Join(a.z.Close(), a.f.Close()) }

// Close only when all goes well: a panic of parse is recovered above.
func leakPanicBetween(name string, parse func(io.Reader) int) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parse: %v", r)
		}
	}()
	f, err := os.Open(name) // want resource/file
	if err != nil {
		return 0, err
	}
	n = parse(f)
	return n, f.Close()
}

func cleanPanicBetween(name string, parse func(io.Reader) int) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parse: %v", r)
		}
	}()
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return parse(f), nil
}

func leakLockPanic(mu *sync.Mutex, f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	mu.Lock() // want goroutine/holder-gone
	f()
	mu.Unlock()
	return nil
}

func cleanLockPanic(mu *sync.Mutex, f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	mu.Lock()
	defer mu.Unlock()
	f()
	return nil
}

func leakErrShadow(name string, r io.Reader) error {
	out, err := os.Create(name) // want resource/file
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	if _, err := io.Copy(w, r); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return out.Close()
}

func cleanErrJoined(name string, r io.Reader) (err error) {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := out.Close(); err == nil {
			err = cerr
		}
	}()
	_, err = io.Copy(out, r)
	return err
}

func leakFrame(addr string) ([]byte, error) {
	c, err := net.Dial("tcp", addr) // want resource/net-conn
	if err != nil {
		return nil, err
	}
	var n uint32
	if err := binary.Read(c, binary.BigEndian, &n); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(c, b); err != nil {
		return nil, err
	}
	c.Close()
	return b, nil
}

func cleanFrame(addr string) ([]byte, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var n uint32
	if err := binary.Read(c, binary.BigEndian, &n); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(c, b)
	return b, err
}

func leakCount(db *sql.DB, kind string) (int, error) {
	rows, err := db.Query("select n from t where kind = ?", kind) // want resource/sql-rows
	if err != nil {
		return 0, err
	}
	total := 0
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			rows.Close()
			return 0, err
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, rows.Err()
}

func cleanCount(db *sql.DB, kind string) (total int, err error) {
	rows, err := db.Query("select n from t where kind = ?", kind)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
		total += n
	}
	return total, rows.Err()
}

func open(url string) (io.ReadCloser, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// The helper returns what has to be closed.
func leakFromOpen(url string) (string, error) {
	body, err := open(url) // want resource/http-body
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(body)
	return b.String(), err
}

func cleanFromOpen(url string) (string, error) {
	body, err := open(url)
	if err != nil {
		return "", err
	}
	defer body.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(body)
	return b.String(), err
}

func leakStarted(name string, in io.Reader) (string, error) {
	cmd := exec.Command(name)
	cmd.Stdin = in
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil { // want resource/process
		return "", err
	}
	b, err := io.ReadAll(out)
	if err != nil {
		return "", err
	}
	return string(b), cmd.Wait()
}

func cleanStarted(name string, in io.Reader) (string, error) {
	cmd := exec.Command(name)
	cmd.Stdin = in
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	b, rerr := io.ReadAll(out)
	return string(b), errors.Join(rerr, cmd.Wait())
}

type lazyFile struct {
	once sync.Once
	f    *os.File
	err  error
}

func (l *lazyFile) cleanGet(name string) (*os.File, error) {
	l.once.Do(func() { l.f, l.err = os.Open(name) })
	return l.f, l.err
}

func cleanSwap(dst **os.File, name string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	old := *dst
	*dst = f
	if old != nil {
		return old.Close()
	}
	return nil
}

func cleanBoth(in, out string) (err error) {
	src, err := os.Open(in)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(out)
	if err != nil {
		return err
	}
	if _, err = io.Copy(dst, src); err != nil {
		_ = dst.Close()
		_ = os.Remove(out)
		return err
	}
	return dst.Close()
}

func leakBothSecond(in, out string) error {
	src, err := os.Open(in)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(out) // want resource/file
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return err
}
