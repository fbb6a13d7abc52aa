package main

import (
	"flag"
	"io"
	"os"

	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/scan"
)

// scanPackages prints the findings of the named packages as one JSON document.
// Findings are no failure here: 0, or 3 when packages were left out.
func scanPackages(args []string) int {
	fix, pairs := false, ""
	r, code, done := parse("scan", args, func(flags *flag.FlagSet, r *request) {
		flags.BoolVar(&fix, "fix", false, "change the files of the main module where that is safe")
		flags.StringVar(&pairs, "pairs", "", "JSON file with pairs of acquire and release to look for as well")
	})
	if done {
		return code
	}
	if pairs != "" {
		if err := readPairs(r, pairs); err != nil {
			return fail(err)
		}
	}
	if len(r.Patterns) == 0 {
		r.Patterns = []string{"./..."}
	}
	r.NoSections = true
	result, err := r.run()
	if err != nil {
		return fail(err)
	}
	document := scan.Make(result, result.ResourceSection)
	if fix {
		files, fixed, err := scan.Apply(result.Root, document.Findings)
		if err != nil {
			return fail(err)
		}
		document.Fixed(files, fixed)
	}
	if err := save(r.out, func(w io.Writer) error { return plain(w, document) }); err != nil {
		return fail(err)
	}
	tellCounts(result)
	if len(document.Failed) > 0 {
		return exitPartial
	}
	return 0
}

func readPairs(r *request, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	r.Pairs, err = resource.ReadPairs(file)
	return err
}
