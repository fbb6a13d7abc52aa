// Facts reads a Go build and writes its facts: who locks, sends, receives,
// closes, adds, waits and signals what, and on which paths they do not.
//
//	facts build [-C dir] [-tags list] [-binary file] [-cache dir] [-o out.json.gz] [packages]
//	facts scan [-C dir] [-tags list] [-cache dir] [packages]
//	facts show file [section]
//	go vet -vettool=facts packages
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/container"
	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/syncfacts"
)

// Exit codes as everywhere in Tidemark: 2 wrong use or failure, 3 partial.
const (
	exitFailure = 2
	exitPartial = 3
)

const usage = `usage:
  facts build [flags] [packages]   write the facts of a build (default: the package in this folder)
  facts scan [flags] [packages]    print what leaks as JSON (default: ./...)
  facts show <file> [section]      print a facts file as JSON
  go vet -vettool=facts [packages] report locks that stay held or are taken twice
`

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(exitFailure)
	}
	if asVetTool(os.Args[1:]) {
		unitchecker.Main(syncfacts.Analyzer, resource.Analyzer)
	}
	switch os.Args[1] {
	case "build":
		os.Exit(buildFacts(os.Args[2:]))
	case "scan":
		os.Exit(scanPackages(os.Args[2:]))
	case "show":
		os.Exit(show(os.Args[2:]))
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(exitFailure)
	}
}

// asVetTool says whether the go command calls: for the version, for the flags
// or with the description of a package.
func asVetTool(args []string) bool {
	last := args[len(args)-1]
	return strings.HasPrefix(args[0], "-V") || args[0] == "-flags" || strings.HasSuffix(last, ".cfg") && strings.HasPrefix(filepath.Base(last), "vet")
}

func buildFacts(args []string) int {
	flags := flag.NewFlagSet("facts build", flag.ContinueOnError)
	var o build.Options
	flags.StringVar(&o.Dir, "C", "", "work in this folder")
	flags.StringVar(&o.Tags, "tags", "", "build tags, comma separated (default: those of -binary)")
	flags.StringVar(&o.Mod, "mod", "", "-mod for the go command: mod, readonly or vendor")
	flags.BoolVar(&o.Test, "test", false, "read the packages with their tests: facts of a test binary")
	flags.StringVar(&o.Binary, "binary", "", "the built program: its build ids, tags and target are used")
	flags.StringVar(&o.Cache, "cache", defaultCache(), "folder that keeps the facts of single packages; empty for none")
	flags.IntVar(&o.Workers, "p", 2, "packages read at a time; 1 needs the least memory")
	out := flags.String("o", "", "file to write, gzip unless it ends in .json (default: standard output, plain JSON)")
	verbose := flags.Bool("v", false, "tell each package that is read")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return exitFailure
	}
	o.Patterns = flags.Args()
	if *verbose {
		o.Progress = os.Stderr
	}
	if o.Binary != "" {
		if abs, err := filepath.Abs(o.Binary); err == nil {
			o.Binary = abs
		}
	}
	// Packages are read one after the other: a small heap is worth the time.
	debug.SetGCPercent(50)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	result, err := build.Run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		return exitFailure
	}
	if err := write(*out, result.File); err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		return exitFailure
	}
	fmt.Fprintf(os.Stderr, "facts: %d packages read, %d from the cache\n", result.Read, result.Cached)
	told := 0
	for _, p := range result.Failed {
		// What only fails because an import does is not the place to look.
		if strings.Contains(p.Error, "no export data for") {
			continue
		}
		if told++; told <= maxTold {
			fmt.Fprintf(os.Stderr, "facts: left out: %s: %s\n", p.Path, strings.SplitN(strings.TrimPrefix(p.Error, p.Path+": "), "\n", 2)[0])
		}
	}
	if rest := len(result.Failed) - min(told, maxTold); rest > 0 {
		fmt.Fprintf(os.Stderr, "facts: left out: %d packages more, most of them because of an import; the file names them all\n", rest)
	}
	if len(result.Failed) > 0 {
		return exitPartial
	}
	return 0
}

// maxTold bounds the packages that are named on the terminal.
const maxTold = 10

func defaultCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "tidemark-facts")
}

// write puts the file in place at once: a reader never sees half of it.
func write(name string, f *container.File) error {
	if name == "" {
		return plain(os.Stdout, f)
	}
	temp, err := os.CreateTemp(filepath.Dir(name), ".facts-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if strings.HasSuffix(name, ".json") {
		err = plain(temp, f)
	} else {
		err = container.Encode(temp, f)
	}
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

func plain(w *os.File, f *container.File) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(f)
}

const showLimit = 1 << 30

func show(args []string) int {
	if len(args) < 1 || len(args) > 2 {
		fmt.Fprint(os.Stderr, usage)
		return exitFailure
	}
	file, err := os.Open(args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		return exitFailure
	}
	defer file.Close()
	f, err := container.Decode(file, showLimit)
	if err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		return exitFailure
	}
	if len(args) == 2 {
		section, ok := f.Sections[args[1]]
		if !ok {
			fmt.Fprintf(os.Stderr, "facts: no section %q\n", args[1])
			return exitFailure
		}
		f.Sections = map[string]json.RawMessage{args[1]: section}
	}
	if err := plain(os.Stdout, f); err != nil {
		return exitFailure
	}
	return 0
}
