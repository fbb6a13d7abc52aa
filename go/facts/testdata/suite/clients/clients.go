// Package clients has clients, transports and tickers.
package clients

import (
	"context"
	"database/sql"
	"net/http"
	"time"

	"google.golang.org/grpc"
)

func leakGRPC(target string) error {
	c, err := grpc.NewClient(target) // want resource/client
	if err != nil {
		return err
	}
	return c.Invoke("/health")
}

func leakGRPCOnError(target string) (*grpc.ClientConn, error) {
	c, err := grpc.NewClient(target) // want resource/client
	if err != nil {
		return nil, err
	}
	if err := c.Invoke("/health"); err != nil {
		return nil, err
	}
	return c, nil
}

func leakDB(dsn string) error {
	db, err := sql.Open("x", dsn) // want resource/client
	if err != nil {
		return err
	}
	return db.Ping()
}

func leakTransport(req *http.Request) (int, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: 1}} // want resource/transport-per-call
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

func leakClonedTransport(url string) error {
	tr := http.DefaultTransport.(*http.Transport).Clone() // want resource/transport-per-call
	tr.MaxIdleConnsPerHost = 1
	client := http.Client{Transport: tr}
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func leakTicker(ctx context.Context, work func() error) error {
	t := time.NewTicker(time.Second) // want resource/ticker
	for {
		select {
		case <-t.C:
			if err := work(); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func leakTick(ctx context.Context, work func()) {
	for c := time.Tick(time.Second); ; { // want resource/ticker
		select {
		case <-c:
			work()
		case <-ctx.Done():
			return
		}
	}
}

func leakAfter(in <-chan int, work func(int)) {
	for {
		select {
		case v, ok := <-in:
			if !ok {
				return
			}
			work(v)
		case <-time.After(time.Minute): // want resource/ticker
			return
		}
	}
}

func cleanGRPC(target string) error {
	c, err := grpc.NewClient(target)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Invoke("/health")
}

type service struct{ conn *grpc.ClientConn }

func cleanGRPCKept(target string) (*service, error) {
	c, err := grpc.NewClient(target)
	if err != nil {
		return nil, err
	}
	if err := c.Invoke("/health"); err != nil {
		c.Close()
		return nil, err
	}
	return &service{conn: c}, nil
}

func cleanDB(dsn string) (*sql.DB, error) {
	db, err := sql.Open("x", dsn)
	if err != nil {
		return nil, err
	}
	if err := db.Ping(); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

var shared = &http.Client{Transport: &http.Transport{MaxIdleConns: 10}}

func cleanSharedClient(url string) error {
	resp, err := shared.Get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func cleanNewClient(timeout time.Duration) *http.Client {
	return &http.Client{Timeout: timeout, Transport: &http.Transport{MaxIdleConns: 10}}
}

func cleanTransportClosed(req *http.Request) (int, error) {
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	resp, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

func cleanNoKeepAlives(req *http.Request) (int, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

func cleanDefaultTransport(req *http.Request) error {
	client := &http.Client{Timeout: time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func cleanTicker(ctx context.Context, work func() error) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if err := work(); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func cleanAfterOnce(in <-chan int) int {
	select {
	case v := <-in:
		return v
	case <-time.After(time.Minute):
		return 0
	}
}

func cleanCaptured(mux *http.ServeMux, url string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: 1}}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		resp, err := client.Get(url)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
	})
}

func leakFromConstructor(url string) error {
	client := cleanNewClient(time.Second) // want resource/transport-per-call
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
