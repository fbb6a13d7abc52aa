// Package serve is the frame that every program here stands in: one HTTP server on
// loopback with net/http/pprof and expvar, a known first line, and a known end.
package serve

import (
	"context"
	"errors"
	"expvar"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Config says how a program is served.
type Config struct {
	// Addr must be a loopback address: these programs leak on purpose and have no login.
	Addr string
	// Routes adds the program's own handlers.
	Routes func(mux *http.ServeMux)
	// Drive runs beside the server, with the server's base URL, until its context ends. Optional.
	Drive func(ctx context.Context, base string)
	// Duration ends the program after that time; 0 means never.
	Duration time.Duration
	// ParentWatch ends the program when standard input is closed or its parent is gone.
	ParentWatch bool
	// Also is a line that follows the first one on Stdout. Optional.
	Also   string
	Stdout io.Writer
}

// Run serves until SIGINT, SIGTERM, the duration or the parent ends it. The first line on
// Stdout is `listening http://HOST:PORT`.
func Run(cfg Config) error {
	listener, err := listenLoopback(cfg.Addr)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if cfg.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cfg.Duration)
		defer cancel()
	}
	if cfg.ParentWatch {
		go watchParent(ctx, stop)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.Handle("/debug/vars", expvar.Handler())
	cfg.Routes(mux)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}

	base := "http://" + listener.Addr().String()
	fmt.Fprintf(cfg.Stdout, "listening %s\n", base)
	if cfg.Also != "" {
		fmt.Fprintln(cfg.Stdout, cfg.Also)
	}
	if cfg.Drive != nil {
		go cfg.Drive(ctx, base)
	}
	go func() {
		<-ctx.Done()
		// Handlers of a leaking subject may never return: closing does not wait for them.
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func listenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("--addr %q: want HOST:PORT, such as 127.0.0.1:0", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("--addr %q: only a loopback address is served, such as 127.0.0.1:0", addr)
	}
	return net.Listen("tcp", addr)
}

// watchParent ends the program when the process that started it is gone. A parent that dies
// without a word closes our standard input (where that is a pipe) and leaves us to another parent.
func watchParent(ctx context.Context, stop func()) {
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeCharDevice == 0 {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}
	parent := os.Getppid()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if os.Getppid() != parent {
				stop()
				return
			}
		}
	}
}
