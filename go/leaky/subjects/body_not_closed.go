package subjects

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var bodyNotClosed = subject.Subject{
	Name:   "body-not-closed",
	Title:  "the answer of an upstream is looked at, and its body neither read nor closed",
	Kind:   subject.Leak,
	Signal: subject.Goroutine,
	// One connection of the client holds readLoop and writeLoop; its other end, here in the same
	// process, one goroutine that serves it.
	Grows: subject.Growth{Goroutines: 3},
	Sites: []subject.Site{
		subject.Of(subject.Waits, "net/http.(*persistConn).readLoop"),
		subject.Of(subject.Waits, "net/http.(*persistConn).writeLoop"),
		subject.At(subject.Causes, (*rates).current),
	},
	Loads: leakLoads(0.2, 8, 256<<10),
	Path:  "/rates",
	New:   newRates,
}

// newRates starts an upstream on loopback with answers too large for a socket's buffer.
func newRates(o subject.Options) (*subject.Service, error) {
	table := bytes.Repeat([]byte("EURUSD 1.0842\n"), 1+o.SizeBytes/14)
	upstream, stop, err := listen(func(w http.ResponseWriter, r *http.Request) { w.Write(table) })
	if err != nil {
		return nil, err
	}
	client := &rates{url: upstream, http: &http.Client{Transport: &http.Transport{}}}
	serve := func(current func() (string, error)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			status, err := current()
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			fmt.Fprintln(w, status)
		}
	}
	return &subject.Service{Handler: serve(client.current), Fixed: serve(client.currentClosed), Close: stop}, nil
}

type rates struct {
	url  string
	http *http.Client
}

// current wants to know only whether there are rates, and forgets the body.
func (c *rates) current() (string, error) {
	res, err := c.http.Get(c.url) // leak: causes
	if err != nil {
		return "", err
	}
	return res.Status, nil
}

func (c *rates) currentClosed() (string, error) {
	res, err := c.http.Get(c.url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	return res.Status, nil
}
