package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
)

// request is what the commands that read packages have in common.
type request struct {
	build.Options
	out string
}

// parse reads the flags; done says that the program ends with code: after
// -help or wrong use. more adds the flags of one command.
func parse(command string, args []string, more func(*flag.FlagSet, *request)) (r *request, code int, done bool) {
	r = new(request)
	flags := flag.NewFlagSet("facts "+command, flag.ContinueOnError)
	flags.StringVar(&r.Dir, "C", "", "work in this folder")
	flags.StringVar(&r.Tags, "tags", "", "build tags, comma separated (default: those of -binary, if given)")
	flags.StringVar(&r.Mod, "mod", "", "-mod for the go command: mod, readonly or vendor")
	flags.StringVar(&r.Cache, "cache", defaultCache(), "folder that keeps the facts of single packages; empty for none")
	flags.IntVar(&r.Workers, "p", 2, "packages read at a time; 1 needs the least memory")
	flags.StringVar(&r.out, "o", "", "file to write (default: standard output)")
	verbose := flags.Bool("v", false, "tell each package that is read")
	if more != nil {
		more(flags, r)
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, 0, true
	} else if err != nil {
		return nil, exitFailure, true
	}
	r.Patterns = flags.Args()
	if *verbose {
		r.Progress = os.Stderr
	}
	return r, 0, false
}

func defaultCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "tidemark-facts")
}

const memoryLimitBytes = 380 << 20

// run reads the packages until it is done or interrupted.
func (r *request) run() (*build.Result, error) {
	// Packages are read one after the other: a small heap is worth the time. The
	// limit is soft: a build that needs more gets it.
	debug.SetGCPercent(50)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimitBytes)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return build.Run(ctx, r.Options)
}

// fail tells what went wrong, and what to do where that is known.
func fail(err error) int {
	fmt.Fprintln(os.Stderr, "facts:", err)
	if text := err.Error(); strings.Contains(text, "does not contain main module") || strings.Contains(text, "go.mod file not found") {
		fmt.Fprintln(os.Stderr, "there is no go.mod in this folder or above it: scan a module, or make one with go mod init")
	}
	return exitFailure
}

// save writes to standard output, or puts the file in place at once: a reader
// never sees half of it.
func save(name string, to func(io.Writer) error) error {
	if name == "" {
		return to(os.Stdout)
	}
	temp, err := os.CreateTemp(filepath.Dir(name), ".facts-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	err = to(temp)
	if err == nil {
		err = temp.Chmod(0o644)
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), name)
}

func plain(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(document)
}

func tellCounts(result *build.Result) {
	fmt.Fprintf(os.Stderr, "facts: %d packages read, %d from the cache\n", result.Read, result.Cached)
}
