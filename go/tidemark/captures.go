package tidemark

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync/atomic"
	"time"
)

// CaptureSet describes one written profile set; it is the set's meta.json too.
type CaptureSet struct {
	SchemaVersion int               `json:"schema_version"` // 1
	Name          string            `json:"name"`           // the folder below Options.Captures.Dir
	Reason        string            `json:"reason"`
	Time          time.Time         `json:"time"`
	TookMs        float64           `json:"took_ms"`
	Files         []string          `json:"files"`
	Skipped       map[string]string `json:"skipped"` // file → why it is not there
	Memory        Memory            `json:"memory"`
}

const (
	setPrefix  = "tidemark-"
	tempPrefix = ".tidemark-"
)

// captureStore writes profile sets to a folder: each is written beside, synced and renamed, so that a set is whole or
// not there; of those of this host the newest Keep stay.
type captureStore struct {
	options CaptureOptions
	host    string
	written atomic.Uint64
	failed  atomic.Uint64
	// What the written sets took together.
	bytes, nanoseconds atomic.Uint64
}

var unsafeInNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

func openCaptures(o CaptureOptions, hostname string) (*captureStore, error) {
	s := &captureStore{options: o.withDefaults(), host: unsafeInNames.ReplaceAllString(hostname, "_")}
	if !s.on() {
		return s, nil
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("tidemark: %w", err)
	}
	s.removeLeftovers()
	return s, s.prune()
}

func (s *captureStore) on() bool { return s.options.Dir != "" }

// Capture writes a profile set now; reason becomes part of its name.
func (a *Agent) Capture(reason string) (CaptureSet, error) {
	if !a.captures.on() {
		return CaptureSet{}, errNoDir
	}
	if !a.slot.take(time.Second) {
		return CaptureSet{}, errBusy
	}
	defer a.slot.free()
	began := time.Now()
	set, bytes, err := a.writeSet(reason)
	a.captures.nanoseconds.Add(uint64(time.Since(began)))
	a.captures.bytes.Add(uint64(bytes))
	if err != nil {
		a.captures.failed.Add(1)
		return set, fmt.Errorf("tidemark: capture: %w", err)
	}
	a.captures.written.Add(1)
	return set, nil
}

// writeSet returns the bytes that it wrote, of a set that failed too.
func (a *Agent) writeSet(reason string) (set CaptureSet, bytes int64, err error) {
	s := a.captures
	now := time.Now().UTC()
	reason = unsafeInNames.ReplaceAllString(reason, "_")
	if len(reason) > 64 {
		reason = reason[:64]
	}
	name := fmt.Sprintf("%s%s-%s-%d-%s", setPrefix, s.host, now.Format("20060102T150405.000000000Z"), os.Getpid(), reason)
	set = CaptureSet{SchemaVersion: 1, Name: name, Reason: reason, Time: now, Skipped: map[string]string{}, Memory: a.Memory()}
	temp, err := os.MkdirTemp(s.options.Dir, tempPrefix+s.host+"-")
	if err != nil {
		return set, 0, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(temp)
		}
	}()
	if err = os.Chmod(temp, 0o755); err != nil { // a sidecar of another user reads it
		return set, 0, err
	}
	left := s.options.MaxSetBytes
	for _, p := range a.plan(set.Skipped) {
		p := p
		size, err := writeFile(filepath.Join(temp, p.file), left, func(w io.Writer) error { return pprof.Lookup(p.profile).WriteTo(w, p.debug) })
		if errors.Is(err, errTooLarge) {
			set.Skipped[p.file] = fmt.Sprintf("the set would have more than %d bytes", s.options.MaxSetBytes)
			continue
		}
		if err != nil {
			return set, bytes, err
		}
		left -= size
		bytes += size
		set.Files = append(set.Files, p.file)
	}
	set.Files = append(set.Files, "meta.json")
	set.TookMs = float64(time.Since(now).Microseconds()) / 1000
	size, err := writeFile(filepath.Join(temp, "meta.json"), 1<<20, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(set)
	})
	bytes += size
	if err != nil {
		return set, bytes, err
	}
	if err = syncDir(temp); err != nil {
		return set, bytes, err
	}
	if err = os.Rename(temp, filepath.Join(s.options.Dir, name)); err != nil {
		return set, bytes, err
	}
	_ = syncDir(s.options.Dir) // the set is there; only a power cut could still lose its name
	if err := s.prune(); err != nil {
		a.log.Printf("tidemark: old captures stay: %v", err)
	}
	return set, bytes, nil
}

type planned struct {
	file, profile string
	debug         int
}

// plan lists what a set holds, cheapest first. goroutineleak is never in it: it would take the waiting minutes out of
// every later dump.
func (a *Agent) plan(skipped map[string]string) []planned {
	plan := []planned{{"heap.pb.gz", "heap", 0}, {"goroutine.pb.gz", "goroutine", 0}}
	if n := runtime.NumGoroutine(); n <= a.limits.MaxGoroutines {
		plan = append(plan, planned{"goroutine-debug2.txt", "goroutine", 2})
	} else {
		skipped["goroutine-debug2.txt"] = fmt.Sprintf("%d goroutines are more than %d", n, a.limits.MaxGoroutines)
	}
	if runtime.SetMutexProfileFraction(-1) > 0 {
		return append(plan, planned{"mutex.pb.gz", "mutex", 0}, planned{"block.pb.gz", "block", 0})
	}
	skipped["mutex.pb.gz"] = "lock profiling is off"
	skipped["block.pb.gz"] = "lock profiling is off"
	return plan
}

// writeFile writes at most max bytes and syncs them; a larger file is removed and errTooLarge returned.
func writeFile(path string, max int64, write func(io.Writer) error) (size int64, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return 0, err
	}
	b := &boundedWriter{w: f, left: max}
	err = write(b)
	if b.err != nil { // runtime/pprof does not pass on every error of its writer
		err = b.err
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return max - b.left, err
}

type boundedWriter struct {
	w    io.Writer
	left int64
	err  error
}

func (b *boundedWriter) Write(p []byte) (int, error) {
	if b.err == nil && int64(len(p)) > b.left {
		b.err = errTooLarge
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.w.Write(p)
	b.left -= int64(n)
	b.err = err
	return n, err
}

func syncDir(path string) error {
	if runtime.GOOS == "windows" { // cannot sync folders, and does not need to
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// prune removes the oldest sets of this host beyond Keep, and nothing else that lies in the folder.
func (s *captureStore) prune() error {
	entries, err := os.ReadDir(s.options.Dir)
	if err != nil {
		return err
	}
	var sets []string
	for _, e := range entries {
		if e.IsDir() && s.isSet(e.Name()) {
			sets = append(sets, e.Name())
		}
	}
	sort.Strings(sets) // the time stands first after the host
	for i := 0; i < len(sets)-s.options.Keep; i++ {
		if err := os.RemoveAll(filepath.Join(s.options.Dir, sets[i])); err != nil {
			return err
		}
	}
	return nil
}

var setRest = regexp.MustCompile(`^\d{8}T\d{6}\.\d{9}Z-\d+-[A-Za-z0-9._-]*$`)

func (s *captureStore) isSet(name string) bool {
	prefix := setPrefix + s.host + "-"
	return strings.HasPrefix(name, prefix) && setRest.MatchString(name[len(prefix):])
}

// removeLeftovers removes half-written sets of a process of this host that was killed.
func (s *captureStore) removeLeftovers() {
	half, _ := filepath.Glob(filepath.Join(s.options.Dir, tempPrefix+s.host+"-*"))
	for _, path := range half {
		if info, err := os.Stat(path); err == nil && info.IsDir() && time.Since(info.ModTime()) > 10*time.Minute {
			_ = os.RemoveAll(path)
		}
	}
}
