package scan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/scan"
)

const pairsModule = `package lease

import "errors"

type Lease struct{ id int }

type Room struct{ free chan *Lease }

func (r *Room) Take() (*Lease, error) { return <-r.free, nil }
func (r *Room) Give(l *Lease)         { r.free <- l }

func Forgets(r *Room, bad bool) error {
	l, err := r.Take()
	if err != nil {
		return err
	}
	if bad {
		return errors.New("bad")
	}
	r.Give(l)
	return nil
}

func Gives(r *Room, bad bool) error {
	l, err := r.Take()
	if err != nil {
		return err
	}
	defer r.Give(l)
	if bad {
		return errors.New("bad")
	}
	return nil
}
`

func scanWithPairs(t *testing.T, dir, text string) *scan.Document {
	t.Helper()
	pairs, err := resource.ReadPairs(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return scanWith(t, build.Options{Request: load.Request{Dir: dir, Patterns: []string{"./..."}}, Pairs: pairs})
}

// A pair of the user finds what the table of the program does not know.
func TestPairs(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/lease\n\ngo 1.22\n", "lease.go": pairsModule} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if d := scanFolder(t, dir, "./..."); len(d.Findings) > 0 {
		t.Fatalf("found without the pair: %v", d.Findings)
	}
	d := scanWithPairs(t, dir, `{"pairs": [{"acquire": "example.com/lease.Room.Take", "releaseFunctions": ["example.com/lease.Room.Give"], "noun": "lease"}]}`)
	if len(d.Findings) != 1 || d.Findings[0].Rule != "resource/pair" || d.Findings[0].Function != "example.com/lease.Forgets" || !strings.Contains(d.Findings[0].Message, "the lease from lease.Room.Take is not given back") {
		t.Errorf("%+v", d.Findings)
	}
}

const literalModule = `package queue

type Writer struct {
	Topic string
	ch    chan string
}

func (w *Writer) Write(s string) error {
	if w.ch == nil {
		w.ch = make(chan string, 1)
	}
	w.ch <- s
	return nil
}

func (w *Writer) Close() error { close(w.ch); return nil }
`

const literalUser = `package user

import "example.com/queue/queue"

func Forgets(s string) error {
	w := &queue.Writer{Topic: "a"}
	return w.Write(s)
}

func Closes(s string) error {
	w := queue.Writer{Topic: "a"}
	defer w.Close()
	return w.Write(s)
}
`

// A struct type is taken where it is written down.
func TestPairOfLiteral(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/queue\n\ngo 1.22\n", "queue/queue.go": literalModule, "user/user.go": literalUser} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d := scanWithPairs(t, dir, `{"pairs": [{"acquire": "example.com/queue/queue.Writer{}", "release": ["Close"], "noun": "writer"}]}`)
	if len(d.Findings) != 1 || d.Findings[0].Rule != "resource/pair" || d.Findings[0].Function != "example.com/queue/user.Forgets" {
		t.Errorf("%+v", d.Findings)
	}
}

func TestPairsAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		`{"pairs": [{"acquire": "a.B"}]}`:                                         "neither release nor releaseFunctions",
		`{"pairs": [{"release": ["Close"]}]}`:                                     "acquire is missing",
		`{"pairs": [{"acquire": "a.B", "release": ["C"], "result": -1}]}`:         "result counts from 0",
		`{"pairs": [{"acquire": "a.B", "release": ["C"], "rule": "Not A Rule"}]}`: "a rule is written like",
		`{"pairs": [{"acquire": "a.B", "release": ["C"], "releases": ["D"]}]}`:    "unknown field",
		`{"pears": []}`: "unknown field",
		`[]`:            "cannot unmarshal",
	} {
		if _, err := resource.ReadPairs(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
