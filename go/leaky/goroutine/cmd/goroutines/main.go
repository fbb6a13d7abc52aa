// Goroutines runs one case of the suite and stays in its state.
//
//	goroutines list [--json]
//	goroutines run <case> [--fixed]
//
// run prints "listening http://127.0.0.1:PORT" (net/http/pprof) and "ready"
// once the state is reached, and ends when its standard input is closed.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"

	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/all"
	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

func main() {
	args := os.Args[1:]
	var err error
	switch {
	case len(args) >= 1 && args[0] == "list":
		err = list(len(args) == 2 && args[1] == "--json")
	case len(args) >= 2 && args[0] == "run":
		err = run(args[1], len(args) == 3 && args[2] == "--fixed")
	default:
		fmt.Fprintln(os.Stderr, "usage: goroutines list [--json] | goroutines run <case> [--fixed]")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "goroutines:", err)
		os.Exit(1)
	}
}

func list(asJSON bool) error {
	truths := []suite.Truth{}
	for _, id := range suite.IDs() {
		truth, err := suite.TruthOf(id)
		if err != nil {
			return err
		}
		truths = append(truths, truth)
	}
	if asJSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		return out.Encode(truths)
	}
	for _, t := range truths {
		fmt.Printf("%-28s %-26s %-8s %s\n", t.ID, t.Cause, t.Holder.Kind, t.Title)
	}
	return nil
}

func run(id string, fixed bool) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(listener, nil)
	if err := suite.Run(id, fixed, 20*time.Second); err != nil {
		return err
	}
	fmt.Printf("listening http://%s\nready\n", listener.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
