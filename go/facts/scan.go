package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/scan"
)

// scanPackages prints the findings of the named packages as one JSON document.
// Findings are no failure here: 0, or 3 when packages were left out.
func scanPackages(args []string) int {
	flags := flag.NewFlagSet("facts scan", flag.ContinueOnError)
	var o build.Options
	flags.StringVar(&o.Dir, "C", "", "work in this folder")
	flags.StringVar(&o.Tags, "tags", "", "build tags, comma separated")
	flags.StringVar(&o.Mod, "mod", "", "-mod for the go command: mod, readonly or vendor")
	flags.StringVar(&o.Cache, "cache", defaultCache(), "folder that keeps the facts of single packages; empty for none")
	flags.IntVar(&o.Workers, "p", 2, "packages read at a time; 1 needs the least memory")
	out := flags.String("o", "", "file to write (default: standard output)")
	verbose := flags.Bool("v", false, "tell each package that is read")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return exitFailure
	}
	if o.Patterns = flags.Args(); len(o.Patterns) == 0 {
		o.Patterns = []string{"./..."}
	}
	if *verbose {
		o.Progress = os.Stderr
	}
	debug.SetGCPercent(50)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	result, err := build.Run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		if text := err.Error(); strings.Contains(text, "does not contain main module") || strings.Contains(text, "go.mod file not found") {
			fmt.Fprintln(os.Stderr, "there is no go.mod in this folder or above it: scan a module, or make one with go mod init")
		}
		return exitFailure
	}
	section := new(resource.Section)
	if err := json.Unmarshal(result.File.Sections["resource"], section); err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		return exitFailure
	}
	document := scan.Make(result, section)
	text, err := json.MarshalIndent(document, "", " ")
	if err == nil && *out == "" {
		_, err = os.Stdout.Write(append(text, '\n'))
	} else if err == nil {
		err = os.WriteFile(*out, append(text, '\n'), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		return exitFailure
	}
	fmt.Fprintf(os.Stderr, "facts: %d packages read, %d from the cache\n", result.Read, result.Cached)
	if len(document.Failed) > 0 {
		return exitPartial
	}
	return 0
}
