// Package files has files, decompressors and pipes.
package files

import (
	"bufio"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func leakOpen(name string) (int64, error) {
	f, err := os.Open(name) // want resource/file
	if err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func leakCreateWriteError(name string, b []byte) error {
	f, err := os.Create(name) // want resource/file
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Close()
}

func leakScanner(name string) (lines int, err error) {
	f, err := os.Open(name) // want resource/file
	if err != nil {
		return 0, err
	}
	for s := bufio.NewScanner(f); s.Scan(); {
		lines++
	}
	return lines, nil
}

func leakInLoop(names []string) error {
	for _, name := range names {
		f, err := os.Open(name) // want resource/file
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, f); err != nil {
			return err
		}
	}
	return nil
}

func leakSecondOpenFails(from, to string) error {
	in, err := os.Open(from) // want resource/file
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer in.Close()
	defer out.Close()
	_, err = io.Copy(out, in)
	return err
}

func leakTemp() (string, error) {
	f, err := os.CreateTemp("", "x") // want resource/file
	if err != nil {
		return "", err
	}
	return f.Name(), nil
}

func load(name string) (*os.File, *bufio.Reader, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	return f, bufio.NewReader(f), nil
}

func leakFromLoad(name string) (string, error) {
	_, r, err := load(name) // want resource/file
	if err != nil {
		return "", err
	}
	return r.ReadString('\n')
}

func leakReassigned(a, b string) error {
	f, err := os.Open(a) // want resource/file
	if err != nil {
		return err
	}
	f, err = os.Open(b)
	if err != nil {
		return err
	}
	return f.Close()
}

func leakGzip(r io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(r) // want resource/decompressor
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func leakZlibEarly(r io.Reader, limit int) error {
	z, err := zlib.NewReader(r) // want resource/decompressor
	if err != nil {
		return err
	}
	if limit == 0 {
		return errors.New("nothing allowed")
	}
	defer z.Close()
	_, err = io.Copy(io.Discard, z)
	return err
}

func leakGzipFile(name string) (*gzip.Reader, error) {
	f, err := os.Open(name) // want resource/file
	if err != nil {
		return nil, err
	}
	return gzip.NewReader(f)
}

func leakPipe(v any) io.Reader {
	pr, pw := io.Pipe() // want resource/io-pipe
	go func() {
		json.NewEncoder(pw).Encode(v)
	}()
	return pr
}

func leakPipeOnError(v any, check func() error) (io.Reader, error) {
	pr, pw := io.Pipe() // want resource/io-pipe
	if err := check(); err != nil {
		go io.Copy(io.Discard, pr)
		return nil, err
	}
	go func() { pw.CloseWithError(json.NewEncoder(pw).Encode(v)) }()
	return pr, nil
}

func cleanOpen(name string) (int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func cleanNotExist(name string) error {
	f, err := os.Open(name)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func cleanCopy(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

func cleanEachClosed(names []string) error {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, f)
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func cleanEachInClosure(names []string) error {
	for _, name := range names {
		err := func() error {
			f, err := os.Open(name)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = io.Copy(io.Discard, f)
			return err
		}()
		if err != nil {
			return err
		}
	}
	return nil
}

type logFile struct {
	f *os.File
	n int
}

func (l *logFile) rotate() error {
	if l.f != nil {
		l.f.Close()
	}
	f, err := os.Create(fmt.Sprintf("log.%d", l.n))
	if err != nil {
		return err
	}
	l.f = f
	return nil
}

func cleanRotate(l *logFile) error { return l.rotate() }

type gzipFile struct {
	*gzip.Reader
	f *os.File
}

func (g gzipFile) Close() error { return errors.Join(g.Reader.Close(), g.f.Close()) }

func cleanBoth(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return gzipFile{z, f}, nil
}

func cleanOpenAll(names []string) (files []*os.File, err error) {
	defer func() {
		if err != nil {
			for _, f := range files {
				f.Close()
			}
		}
	}()
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return files, err
		}
		files = append(files, f)
	}
	return files, nil
}

func cleanStdinOr(name string) (n int64, err error) {
	in := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		in = f
	}
	return io.Copy(io.Discard, in)
}

func cleanSuccessFlag(name string) (*os.File, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	ok := false
	defer func() {
		if !ok {
			f.Close()
			os.Remove(name)
		}
	}()
	if _, err := f.WriteString("header"); err != nil {
		return nil, err
	}
	ok = true
	return f, nil
}

func cleanCleanupFunc(dir string) (*os.File, func(), error) {
	f, err := os.Create(filepath.Join(dir, "x"))
	if err != nil {
		return nil, nil, err
	}
	return f, func() { f.Close() }, nil
}

func cleanGzip(r io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	return io.ReadAll(z)
}

func cleanPipe(v any) io.Reader {
	pr, pw := io.Pipe()
	go func() {
		defer pw.Close()
		json.NewEncoder(pw).Encode(v)
	}()
	return pr
}

func write(w *io.PipeWriter, v any) { w.CloseWithError(json.NewEncoder(w).Encode(v)) }

func cleanPipeHelper(v any) io.Reader {
	pr, pw := io.Pipe()
	go write(pw, v)
	return pr
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func cleanMust(name string) {
	f, err := os.Create(name)
	must(err)
	defer f.Close()
	must(f.Sync())
}

func cleanExit(name string) {
	f, err := os.Open(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if _, err := f.Stat(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	f.Close()
}
