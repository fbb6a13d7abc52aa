package subjects

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var connPool = subject.Subject{
	Name:        "conn-pool",
	Title:       "an HTTP client's pool of connections that grows with the load for 30 s and stays open",
	Kind:        subject.Quiet,
	Signal:      subject.Goroutine,
	Loads:       quietLoads(30, 80, 150, 16<<10),
	Path:        "/quote",
	Shape:       func(second float64) float64 { return 0.1 + 0.9*min(1, second/30) },
	MaxInFlight: 256,
	New: func(o subject.Options) (*subject.Service, error) {
		upstream, stop, err := listen(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(o.Seconds(0.5))
			w.Write(make([]byte, o.SizeBytes))
		})
		if err != nil {
			return nil, err
		}
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200, IdleConnTimeout: 90 * time.Second}}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				n, err := quote(client, upstream)
				if err != nil {
					http.Error(w, err.Error(), http.StatusBadGateway)
					return
				}
				fmt.Fprintln(w, n)
			},
			Close: func() {
				client.CloseIdleConnections()
				stop()
			},
		}, nil
	},
}

func quote(client *http.Client, url string) (int64, error) {
	res, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return io.Copy(io.Discard, res.Body)
}
