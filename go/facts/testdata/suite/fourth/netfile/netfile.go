// Package netfile has shapes of files, connections, pipes and processes, written without a look at the analyzers.
package netfile

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// segment is one piece of a write-ahead log.
type segment struct {
	f   *os.File
	off int64
}

// leakOpenSegment opens a segment and positions it at its end.
func leakOpenSegment(dir string, index int) (*segment, error) {
	f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("%08d", index)), os.O_RDWR|os.O_CREATE, 0o644) // want resource/file
	if err != nil {
		return nil, err
	}
	off, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("segment %d: %w", index, err)
	}
	if off%512 != 0 {
		return nil, errors.New("torn segment")
	}
	return &segment{f: f, off: off}, nil
}

// Close closes the file.
func (s *segment) Close() error { return s.f.Close() }

// leakCopyFile copies src to dst.
func leakCopyFile(src, dst string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(dst) // want resource/file
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return out.Close()
}

// leakDialBroker dials and greets a broker.
func leakDialBroker(addr string, timeout time.Duration) (net.Conn, error) {
	c, err := net.DialTimeout("tcp", addr, timeout) // want resource/net-conn
	if err != nil {
		return nil, err
	}
	if _, err := c.Write([]byte("HELLO 2\r\n")); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "+OK") {
		return nil, fmt.Errorf("greeting %q: %w", line, err)
	}
	return c, nil
}

// leakDialTLS upgrades a raw connection.
func leakDialTLS(ctx context.Context, addr string, cfg *tls.Config) (*tls.Conn, error) {
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", addr) // want resource/net-conn
	if err != nil {
		return nil, err
	}
	tc := tls.Client(raw, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("handshake with %s: %w", addr, err)
	}
	return tc, nil
}

// Gate serves connections of known peers.
type Gate struct {
	allowed map[string]bool
	handle  func(net.Conn)
}

// NewGate builds a gate.
func NewGate(peers []string, h func(net.Conn)) *Gate {
	g := &Gate{allowed: map[string]bool{}, handle: h}
	for _, p := range peers {
		g.allowed[p] = true
	}
	return g
}

// leakServe accepts until the listener is closed.
func (g *Gate) leakServe(ln net.Listener) error {
	defer ln.Close()
	for {
		c, err := ln.Accept() // want resource/net-conn
		if err != nil {
			return err
		}
		host, _, err := net.SplitHostPort(c.RemoteAddr().String())
		if err != nil || !g.allowed[host] {
			continue
		}
		go func() {
			defer c.Close()
			g.handle(c)
		}()
	}
}

// leakListenBoth listens on an IPv4 and an IPv6 address.
func leakListenBoth(port string) ([]net.Listener, error) {
	l4, err := net.Listen("tcp4", "0.0.0.0:"+port) // want resource/net-listener
	if err != nil {
		return nil, err
	}
	l6, err := net.Listen("tcp6", "[::]:"+port)
	if err != nil {
		return nil, fmt.Errorf("ipv6: %w", err)
	}
	return []net.Listener{l4, l6}, nil
}

// gzFile reads a compressed dump; only the decompressor is closed.
type gzFile struct {
	zr *gzip.Reader
}

// leakOpenDump opens dump.gz.
func leakOpenDump(path string) (*gzFile, error) {
	f, err := os.Open(path) // want resource/file
	if err != nil {
		return nil, err
	}
	zr, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &gzFile{zr: zr}, nil
}

// Read reads plain bytes.
func (g *gzFile) Read(p []byte) (int, error) { return g.zr.Read(p) }

// Close ends the decompressor.
func (g *gzFile) Close() error { return g.zr.Close() }

// leakUploadTar streams a directory into put.
func leakUploadTar(dir string, put func(io.Reader) error) error {
	pr, pw := io.Pipe() // want resource/io-pipe
	go func() {
		tw := tar.NewWriter(pw)
		ents, err := os.ReadDir(dir)
		if err != nil {
			return
		}
		for _, e := range ents {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return
			}
			_ = tw.WriteHeader(&tar.Header{Name: e.Name(), Size: int64(len(b)), Mode: 0o644})
			_, _ = tw.Write(b)
		}
		_ = tw.Close()
		_ = pw.Close()
	}()
	return put(pr)
}

// leakEncodeStream encodes v in the background and reads the first chunk only.
func leakEncodeStream(v any, max int) ([]byte, error) {
	pr, pw := io.Pipe() // want resource/io-pipe
	go func() {
		_ = pw.CloseWithError(json.NewEncoder(pw).Encode(v))
	}()
	buf := make([]byte, max)
	n, err := io.ReadFull(pr, buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return buf[:n], nil
}

// Runner starts hook processes.
type Runner struct {
	dir string
	log io.Writer
}

// NewRunner gives a runner.
func NewRunner(dir string, log io.Writer) *Runner { return &Runner{dir: dir, log: log} }

// leakFire runs a hook without waiting for its result.
func (r *Runner) leakFire(hook string, args ...string) error {
	cmd := exec.Command(filepath.Join(r.dir, hook), args...)
	cmd.Env = append(os.Environ(), "HOOK="+hook)
	cmd.Stdout = r.log
	if err := cmd.Start(); err != nil { // want resource/process
		return fmt.Errorf("hook %s: %w", hook, err)
	}
	fmt.Fprintf(r.log, "hook %s is process %d\n", hook, cmd.Process.Pid)
	return nil
}

// leakListMounts asks a tool for mounts.
func leakListMounts(ctx context.Context) ([]string, error) {
	cmd := exec.CommandContext(ctx, "findmnt", "-J")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil { // want resource/process
		return nil, err
	}
	var doc struct{ Filesystems []struct{ Target string } }
	if err := json.NewDecoder(out).Decode(&doc); err != nil {
		return nil, err
	}
	var t []string
	for _, f := range doc.Filesystems {
		t = append(t, f.Target)
	}
	return t, cmd.Wait()
}

// Spill is a sorter that spills runs to disc.
type Spill struct {
	runs []*os.File
	buf  []uint64
}

// NewSpill gives a sorter.
func NewSpill() *Spill { return &Spill{buf: make([]uint64, 0, 1<<16)} }

// leakFlush writes a run.
func (s *Spill) leakFlush() error {
	f, err := os.CreateTemp("", "run-*") // want resource/file
	if err != nil {
		return err
	}
	if err := binary.Write(f, binary.LittleEndian, s.buf); err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	s.buf = s.buf[:0]
	return nil
}

// Merge reads all runs.
func (s *Spill) Merge(emit func(uint64)) error {
	for _, f := range s.runs {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		var v uint64
		for binary.Read(f, binary.LittleEndian, &v) == nil {
			emit(v)
		}
	}
	s.runs = nil
	return nil
}

// Forwarder keeps one connection and dials again at errors.
type Forwarder struct {
	mu   sync.Mutex
	addr string
	conn net.Conn
}

// NewForwarder gives a forwarder.
func NewForwarder(addr string) *Forwarder { return &Forwarder{addr: addr} }

// leakSend writes a frame; at an error it dials again.
func (f *Forwarder) leakSend(p []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for try := 0; try < 3; try++ {
		if f.conn == nil {
			c, err := net.Dial("tcp", f.addr) // want resource/net-conn
			if err != nil {
				continue
			}
			f.conn = c
		}
		if _, err := f.conn.Write(p); err == nil {
			return nil
		}
		f.conn = nil
	}
	return errors.New("unreachable")
}

// cleanWriteAtomic writes through a temporary file.
func cleanWriteAtomic(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Archive owns a file through an embedded field.
type Archive struct {
	*os.File
	index map[string]int64
}

// cleanOpenArchive opens and reads the index.
func cleanOpenArchive(path string) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	a := &Archive{File: f, index: map[string]int64{}}
	if err := a.load(); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *Archive) load() error {
	var hdr [16]byte
	if _, err := io.ReadFull(a, hdr[:]); err != nil {
		return err
	}
	a.index["root"] = int64(binary.BigEndian.Uint64(hdr[8:]))
	return nil
}

type closers []io.Closer

func (c closers) closeAll() {
	for i := len(c) - 1; i >= 0; i-- {
		_ = c[i].Close()
	}
}

// cleanMergeFiles reads several files at once.
func cleanMergeFiles(paths []string, w io.Writer) error {
	var cs closers
	defer func() { cs.closeAll() }()
	var rs []io.Reader
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		cs = append(cs, f)
		rs = append(rs, f)
	}
	_, err := io.Copy(w, io.MultiReader(rs...))
	return err
}

// Session owns a connection; its read loop closes it.
type Session struct {
	conn net.Conn
	done chan struct{}
	once sync.Once
}

// cleanStartSession runs the read loop.
func cleanStartSession(addr string, onFrame func([]byte)) (*Session, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &Session{conn: c, done: make(chan struct{})}
	go s.readLoop(onFrame)
	return s, nil
}

func (s *Session) readLoop(onFrame func([]byte)) {
	defer s.shutdown()
	buf := make([]byte, 4096)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			return
		}
		onFrame(buf[:n])
	}
}

func (s *Session) shutdown() {
	s.once.Do(func() {
		close(s.done)
		s.conn.Close()
	})
}

// Stop ends the session and waits for it.
func (s *Session) Stop() { s.shutdown(); <-s.done }

// ConnPool keeps idle connections in a channel.
type ConnPool struct {
	idle chan net.Conn
	addr string
}

// cleanNewConnPool keeps up to n idle connections.
func cleanNewConnPool(addr string, n int) *ConnPool {
	return &ConnPool{idle: make(chan net.Conn, n), addr: addr}
}

// Get takes an idle one or dials.
func (p *ConnPool) Get(ctx context.Context) (net.Conn, error) {
	select {
	case c := <-p.idle:
		return c, nil
	default:
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", p.addr)
}

// Put gives it back or closes it.
func (p *ConnPool) Put(c net.Conn, broken bool) {
	if broken {
		c.Close()
		return
	}
	select {
	case p.idle <- c:
	default:
		c.Close()
	}
}

// Close ends the idle ones.
func (p *ConnPool) Close() {
	close(p.idle)
	for c := range p.idle {
		c.Close()
	}
}

// cleanEcho serves until ctx ends.
func cleanEcho(ctx context.Context, addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	defer ln.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		c, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		wg.Add(1)
		go func(c net.Conn) {
			defer wg.Done()
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(30 * time.Second))
			_, _ = io.Copy(c, c)
		}(c)
	}
}

type multiCloser struct {
	io.Reader
	closers []func() error
}

func (m *multiCloser) Close() error {
	var errs []error
	for _, c := range m.closers {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// cleanOpenMaybeGzip opens plain or compressed files.
func cleanOpenMaybeGzip(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if filepath.Ext(path) != ".gz" {
		return f, nil
	}
	zr, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &multiCloser{Reader: zr, closers: []func() error{zr.Close, f.Close}}, nil
}

// cleanInflate inflates a small buffer; the reader holds no descriptor and is closed.
func cleanInflate(b []byte, max int64) ([]byte, error) {
	zr, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(zr, max))
	if cerr := zr.Close(); err == nil {
		err = cerr
	}
	return out, err
}

// cleanStreamJSON encodes into put and ends both sides.
func cleanStreamJSON(v any, put func(io.Reader) error) error {
	pr, pw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := json.NewEncoder(pw).Encode(v)
		pw.CloseWithError(err)
		done <- err
	}()
	err := put(pr)
	pr.CloseWithError(err)
	if e := <-done; err == nil {
		err = e
	}
	return err
}

// cleanDaemon starts a child and reaps it in the background.
func cleanDaemon(ctx context.Context, bin string, exited func(error)) (int, error) {
	cmd := exec.CommandContext(ctx, bin)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() { exited(cmd.Wait()) }()
	return cmd.Process.Pid, nil
}

// Supervisor keeps one child.
type Supervisor struct {
	mu  sync.Mutex
	cmd *exec.Cmd
}

// cleanStart starts the child.
func (s *Supervisor) cleanStart(name string, arg ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		return errors.New("already running")
	}
	cmd := exec.Command(name, arg...)
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd = cmd
	return nil
}

// Stop kills and reaps it.
func (s *Supervisor) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return nil
	}
	_ = s.cmd.Process.Kill()
	err := s.cmd.Wait()
	s.cmd = nil
	return err
}

// cleanInput reads a file or the standard input.
func cleanInput(path string) ([]byte, error) {
	var r io.ReadCloser = os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		r = f
		defer f.Close()
	}
	return io.ReadAll(r)
}

var lockFile *os.File

// cleanAcquirePidLock holds a file until the process ends or ReleasePidLock.
func cleanAcquirePidLock(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	fmt.Fprintln(f, os.Getpid())
	lockFile = f
	return nil
}

// ReleasePidLock ends it.
func ReleasePidLock() {
	if lockFile != nil {
		name := lockFile.Name()
		lockFile.Close()
		os.Remove(name)
		lockFile = nil
	}
}

// Rotator writes logs and changes files.
type Rotator struct {
	mu   sync.Mutex
	base string
	n    int
	cur  *os.File
}

// cleanNewRotator gives a rotator.
func cleanNewRotator(base string) (*Rotator, error) {
	r := &Rotator{base: base}
	return r, r.rotate()
}

func (r *Rotator) rotate() error {
	f, err := os.Create(fmt.Sprintf("%s.%d", r.base, r.n))
	if err != nil {
		return err
	}
	if old := r.cur; old != nil {
		_ = old.Close()
	}
	r.cur, r.n = f, r.n+1
	return nil
}

// Write writes and rotates at 1 MiB.
func (r *Rotator) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if st, err := r.cur.Stat(); err == nil && st.Size() > 1<<20 {
		if err := r.rotate(); err != nil {
			return 0, err
		}
	}
	return r.cur.Write(p)
}

// Close ends it.
func (r *Rotator) Close() error { r.mu.Lock(); defer r.mu.Unlock(); return r.cur.Close() }
