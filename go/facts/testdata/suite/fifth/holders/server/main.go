// Command server holds the parts of package state for as long as it runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"example.com/suite/fifth/holders/state"
)

type server struct {
	topics   *state.Topics
	leavable *state.LeavableTopics
	pages    *state.Pages
	fresh    *state.FreshPages
	rooms    *state.Rooms
	tidy     *state.TidyRooms
	failures *state.Failures
	last     state.LastFailures
	levels   *state.Levels
}

func newServer() *server {
	return &server{topics: state.NewTopics(), leavable: state.NewLeavableTopics(), pages: state.NewPages(), fresh: state.NewFreshPages(),
		rooms: state.NewRooms(), tidy: state.NewTidyRooms(), failures: &state.Failures{}, levels: state.NewLevels()}
}

func main() {
	own := state.NewOwn()
	own.Start(os.Args[1:])
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	s := newServer()
	mux := http.NewServeMux()
	mux.HandleFunc("/listen", s.listen)
	mux.HandleFunc("/page", s.page)
	mux.HandleFunc("/room", s.room)
	visits, hourly := state.NewVisits(), state.NewHourlyVisits()
	srv := &http.Server{Addr: "127.0.0.1:0", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if visits.Count(r.RemoteAddr) > 1000 || hourly.Count(r.RemoteAddr) > 100 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		mux.ServeHTTP(w, r)
	})}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	return srv.ListenAndServe()
}

func (s *server) fail(w http.ResponseWriter, err error) {
	s.failures.Note(err)
	s.last.Note(err)
	s.levels.Count(true)
	http.Error(w, err.Error(), http.StatusBadRequest)
}

func (s *server) listen(w http.ResponseWriter, r *http.Request) {
	all := s.topics.Listen(r.URL.Path)
	ch, leave := s.leavable.Listen(r.URL.Path)
	defer leave()
	select {
	case line := <-ch:
		_, _ = fmt.Fprintln(w, line)
	case line := <-all:
		_, _ = fmt.Fprintln(w, line)
	case <-r.Context().Done():
	}
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	url := r.URL.String()
	body := s.pages.Get(url)
	if body == nil {
		body = s.fresh.Get(url)
	}
	if body == nil {
		body = []byte(url)
		s.pages.Put(url, body)
		s.fresh.Put(url, body)
	}
	_, _ = w.Write(body)
}

func (s *server) room(w http.ResponseWriter, r *http.Request) {
	fields := state.NewFields()
	for name, values := range r.URL.Query() {
		if len(values) != 1 {
			fields.Wrong(name, "not one")
		}
	}
	if fields.Len() > 0 {
		s.fail(w, errors.New("wrong fields"))
		return
	}
	id := len(r.URL.Path)
	s.rooms.Enter(id, r.FormValue("name"), func() {})
	s.tidy.Enter(id, r.FormValue("name"), func() {})
	defer s.rooms.Leave(id)
	defer s.tidy.Leave(id)
	w.WriteHeader(http.StatusNoContent)
}
