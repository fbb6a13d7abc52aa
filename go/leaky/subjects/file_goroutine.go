package subjects

import (
	"bufio"
	"os"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var fileGoroutine = subject.Subject{
	Name:   "file-goroutine",
	Title:  "each open file is held by a goroutine that sends lines to a reader who took only one",
	Kind:   subject.Leak,
	Signal: subject.Goroutine,
	Grows:  subject.Growth{Heap: 1, Goroutines: 1},
	Sites: []subject.Site{
		subject.In(subject.Waits, (*lines).stream, "func1"),
		subject.At(subject.Creates, (*lines).stream),
	},
	Loads: leakLoads(0.5, 8, 4<<10),
	Path:  "/lines",
	New: func(o subject.Options) (*subject.Service, error) {
		name, remove, err := logFile()
		if err != nil {
			return nil, err
		}
		l := &lines{name: name}
		return &subject.Service{
			Handler: answering(func(string) (string, error) { return l.first() }),
			Fixed:   answering(func(string) (string, error) { return l.firstThenStop() }),
			Close:   remove,
		}, nil
	},
}

type lines struct{ name string }

func (l *lines) first() (string, error) {
	stream, err := l.stream()
	if err != nil {
		return "", err
	}
	return <-stream, nil
}

// stream sends the file's lines and closes it after the last: which is never received.
func (l *lines) stream() (<-chan string, error) {
	file, err := os.Open(l.name)
	if err != nil {
		return nil, err
	}
	out := make(chan string)
	go func() { // leak: creates
		defer file.Close()
		defer close(out)
		for scanner := bufio.NewScanner(file); scanner.Scan(); {
			out <- scanner.Text() // leak: waits
		}
	}()
	return out, nil
}

func (l *lines) firstThenStop() (string, error) {
	stop := make(chan struct{})
	defer close(stop)
	stream, err := l.streamUntil(stop)
	if err != nil {
		return "", err
	}
	return <-stream, nil
}

// streamUntil sends lines until the receiver says stop.
func (l *lines) streamUntil(stop <-chan struct{}) (<-chan string, error) {
	file, err := os.Open(l.name)
	if err != nil {
		return nil, err
	}
	out := make(chan string)
	go func() {
		defer file.Close()
		defer close(out)
		for scanner := bufio.NewScanner(file); scanner.Scan(); {
			select {
			case out <- scanner.Text():
			case <-stop:
				return
			}
		}
	}()
	return out, nil
}
