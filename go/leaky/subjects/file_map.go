package subjects

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var fileMap = subject.Subject{
	Name:   "file-map",
	Title:  "open files are kept in a map by session, with a reader each, and never closed",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*tails).open)},
	Loads:  leakLoads(0.5, 10, 64<<10),
	Path:   "/tail",
	New: func(o subject.Options) (*subject.Service, error) {
		name, remove, err := logFile()
		if err != nil {
			return nil, err
		}
		t := &tails{name: name, bySession: map[string]*tail{}}
		return &subject.Service{
			Handler: answering(func(id string) (string, error) { return t.open(id, o.SizeBytes) }),
			Fixed:   answering(func(id string) (string, error) { return t.openOnce(o.SizeBytes) }),
			Close:   func() { t.close(); remove() },
		}, nil
	},
}

type tail struct {
	file   *os.File
	reader *bufio.Reader
}

type tails struct {
	name      string
	mu        sync.Mutex
	bySession map[string]*tail
}

// open keeps the file for the session's next request.
func (t *tails) open(session string, bufferBytes int) (string, error) {
	file, err := os.Open(t.name)
	if err != nil {
		return "", err
	}
	one := &tail{file: file, reader: bufio.NewReaderSize(file, bufferBytes)} // leak: allocates
	t.mu.Lock()
	t.bySession[session] = one
	t.mu.Unlock()
	return one.reader.ReadString('\n')
}

func (t *tails) openOnce(bufferBytes int) (string, error) {
	file, err := os.Open(t.name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return bufio.NewReaderSize(file, bufferBytes).ReadString('\n')
}

func (t *tails) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range t.bySession {
		one.file.Close()
	}
}

// logFile writes a small file and returns its name and how to remove it.
func logFile() (name string, remove func(), err error) {
	file, err := os.CreateTemp("", "leaky-*.log")
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	for n := range 64 {
		fmt.Fprintf(file, "line %d of the log\n", n)
	}
	return file.Name(), func() { os.Remove(file.Name()) }, nil
}

// answering serves a function that works on the request's id.
func answering(work func(id string) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := work(requestID(r))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, answer)
	}
}
