package subjects

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// These look like leaks in the code and are none: since Go 1.23 the garbage collector frees a
// ticker that nobody refers to, and it has always closed dropped files and connections.

var tickerDropped = subject.Subject{
	Name:   "ticker-dropped",
	Title:  "a ticker is made for each request and dropped without Stop",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads:  quietLoads(20, 80, 200, 4<<10),
	Path:   "/limited",
	New: func(o subject.Options) (*subject.Service, error) {
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, throttled(requestID(r), o.SizeBytes, o.Seconds(0.02)))
		}}, nil
	},
}

// throttled waits for one tick and forgets the ticker.
func throttled(id string, bufferBytes int, every time.Duration) int {
	buffer := make([]byte, bufferBytes)
	ticker := time.NewTicker(every)
	<-ticker.C
	fill(buffer, id)
	return len(buffer)
}

var connDropped = subject.Subject{
	Name:   "conn-dropped",
	Title:  "connections are taken over and dropped without Close; the garbage collector closes them",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads:  quietLoads(5, 15, 40, 16<<10),
	Path:   "/probe",
	New: func(o subject.Options) (*subject.Service, error) {
		return &subject.Service{Handler: upgrading(func(conn net.Conn, id string) {
			buffer := make([]byte, o.SizeBytes)
			fill(buffer, id)
			conn.SetWriteDeadline(time.Now().Add(time.Second))
			conn.Write(buffer[:16])
		})}, nil
	},
}

var fileDropped = subject.Subject{
	Name:   "file-dropped",
	Title:  "files are opened for each request and dropped without Close; the garbage collector closes them",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads:  quietLoads(10, 30, 80, 32<<10),
	Path:   "/head",
	New: func(o subject.Options) (*subject.Service, error) {
		name, remove, err := logFile()
		if err != nil {
			return nil, err
		}
		return &subject.Service{
			Handler: answering(func(string) (string, error) { return head(name, o.SizeBytes) }),
			Close:   remove,
		}, nil
	},
}

func head(name string, bufferBytes int) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	return bufio.NewReaderSize(file, bufferBytes).ReadString('\n')
}
