package subjects

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var http2Idle = subject.Subject{
	Name:   "http2-idle",
	Title:  "HTTP/2 clients that connect during the first 20 s, then hold their connections and hardly use them",
	Kind:   subject.Quiet,
	Signal: subject.HeapAndGoroutine,
	// Each id is a client of its own; SizeBytes is the number of clients there are.
	Loads: []subject.Load{
		{Name: "low", RatePerSecond: 10, SizeBytes: 20},
		{Name: "mid", RatePerSecond: 20, SizeBytes: 80},
		{Name: "high", RatePerSecond: 40, SizeBytes: 200},
	},
	Path: "/hello",
	New:  newHTTP2Idle,
}

// newHTTP2Idle serves HTTP/2 without TLS, as inside of a cluster.
func newHTTP2Idle(o subject.Options) (*subject.Service, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Protocols: &protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, r.Proto)
	})}
	go server.Serve(listener)
	fleet := &http2Fleet{url: "http://" + listener.Addr().String(), size: o.SizeBytes, start: time.Now(), connecting: o.Seconds(20), protocols: &protocols}
	return &subject.Service{
		Handler: func(w http.ResponseWriter, r *http.Request) {
			answer, err := fleet.next()
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			fmt.Fprint(w, answer)
		},
		Close: func() {
			fleet.close()
			server.Close()
		},
	}, nil
}

// http2Fleet has one client a connection, as other processes would.
type http2Fleet struct {
	url        string
	size       int
	start      time.Time
	connecting time.Duration
	protocols  *http.Protocols

	mu      sync.Mutex
	clients []*http.Client
	turn    int
}

// next lets a client say hello: a new one as long as clients connect, else one that waits.
func (f *http2Fleet) next() (string, error) {
	f.mu.Lock()
	due := min(f.size, 1+int(float64(f.size)*float64(time.Since(f.start))/float64(f.connecting)))
	if len(f.clients) < due {
		f.clients = append(f.clients, &http.Client{Transport: &http.Transport{Protocols: f.protocols}})
		f.turn = len(f.clients) - 1
	} else {
		f.turn = (f.turn + 1) % len(f.clients)
	}
	client := f.clients[f.turn]
	f.mu.Unlock()
	res, err := client.Get(f.url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

func (f *http2Fleet) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, client := range f.clients {
		client.CloseIdleConnections()
	}
}
