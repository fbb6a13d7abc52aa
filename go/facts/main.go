// Facts reads a Go build and writes its facts: who locks, sends, receives,
// closes, adds, waits and signals what, and on which paths they do not.
//
//	facts build [-C dir] [-tags list] [-binary file] [-cache dir] [-o out.json.gz] [packages]
//	facts scan [-C dir] [-tags list] [-cache dir] [packages]
//	facts show file [section]
//	go vet -vettool=facts packages
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/container"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
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
	r, code, done := parse("build", args, func(flags *flag.FlagSet, r *request) {
		flags.BoolVar(&r.Test, "test", false, "read the packages with their tests: facts of a test binary")
		flags.StringVar(&r.Binary, "binary", "", "the built program: its build ids, tags and target are used")
		flags.StringVar(&r.Escape, "escape", build.EscapeAll, "why bytes are on the heap, as the compiler says: of all packages, of those of the main module (own), or none")
		flags.Lookup("o").Usage = "file to write, gzip unless it ends in .json (default: standard output, plain JSON)"
	})
	if done {
		return code
	}
	if r.Escape != build.EscapeAll && r.Escape != build.EscapeOwn && r.Escape != build.EscapeNone {
		return fail(fmt.Errorf("-escape is all, own or none, not %q", r.Escape))
	}
	if r.Binary != "" {
		if abs, err := filepath.Abs(r.Binary); err == nil {
			r.Binary = abs
		}
	}
	result, err := r.run()
	if err != nil {
		return fail(err)
	}
	err = save(r.out, func(w io.Writer) error {
		if r.out == "" || strings.HasSuffix(r.out, ".json") {
			return plain(w, result.File)
		}
		return container.Encode(w, result.File)
	})
	if err != nil {
		return fail(err)
	}
	tellCounts(result)
	if result.Incomplete != "" {
		fmt.Fprintln(os.Stderr, "facts: partial: the compiler did not say of all packages why bytes are on the heap:", result.Incomplete)
	}
	if len(result.Failed) == 0 && result.Incomplete == "" {
		return 0
	}
	tellFailed(result)
	return exitPartial
}

// maxTold bounds the packages that are named on the terminal.
const maxTold = 10

func tellFailed(result *build.Result) {
	told := 0
	for _, p := range result.Failed {
		// What only fails because an import does is not the place to look.
		if strings.Contains(p.Error, load.NoExportData) {
			continue
		}
		if told++; told <= maxTold {
			fmt.Fprintf(os.Stderr, "facts: left out: %s: %s\n", p.Path, strings.SplitN(strings.TrimPrefix(p.Error, p.Path+": "), "\n", 2)[0])
		}
	}
	if rest := len(result.Failed) - min(told, maxTold); rest > 0 {
		fmt.Fprintf(os.Stderr, "facts: left out: %d packages more, most of them because of an import; the file names them all\n", rest)
	}
}

const showLimit = 1 << 30

func show(args []string) int {
	if len(args) < 1 || len(args) > 2 {
		fmt.Fprint(os.Stderr, usage)
		return exitFailure
	}
	file, err := os.Open(args[0])
	if err != nil {
		return fail(err)
	}
	defer file.Close()
	f, err := container.Decode(file, showLimit)
	if err != nil {
		return fail(err)
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
