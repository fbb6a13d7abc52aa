package main

import (
	"io"

	"github.com/tidemark-go/tidemark/go/facts/internal/scan"
)

// scanPackages prints the findings of the named packages as one JSON document.
// Findings are no failure here: 0, or 3 when packages were left out.
func scanPackages(args []string) int {
	r, code, done := parse("scan", args, nil)
	if done {
		return code
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
	if err := save(r.out, func(w io.Writer) error { return plain(w, document) }); err != nil {
		return fail(err)
	}
	tellCounts(result)
	if len(document.Failed) > 0 {
		return exitPartial
	}
	return 0
}
