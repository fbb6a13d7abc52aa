package scan

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/holderfacts"
	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
)

// registers are functions whose name says that they are called as often as
// there are things to register: a number that the source decides.
var registers = regexp.MustCompile(`(?i)(^|\.)(must)?(register|define|declare|install|provide|init|setup|configure|new|load|with)[a-z]*$`)

// onlyAdded are package variables, and shared fields, that grow with use and
// that nothing in the program ever removes from.
func onlyAdded(s *holderfacts.Section) (list []resource.Finding) {
	for _, h := range s.Holders {
		if h.Verdict != "only-added" || !sharedForLong(h) || boundedByTypes(h.Type) {
			continue
		}
		var add *holderfacts.Use
		for i, u := range h.Adds {
			if !u.Initial && !u.ConstKey && !registers.MatchString(lastName(u.Function)) && !strings.HasSuffix(u.Function, "main.main") {
				add = &h.Adds[i]
				break
			}
		}
		if add == nil {
			continue
		}
		f := resource.Finding{Rule: "heap/holder-only-added", Verdict: "suspect", Key: add.Function, Function: add.Function, File: add.File, Line: add.Line, Anchor: h.ID,
			Message: fmt.Sprintf("adds to %s, and nothing in the program ever removes from it", h.ID),
			Cause:   "it grows for as long as the program runs",
			Fix:     "bound it (an LRU, a time to live), or remove what is done with",
			Related: []resource.Place{{File: h.File, Line: h.Line, Message: "declared here: " + h.Type}}}
		list = append(list, f)
	}
	return list
}

// sharedForLong: a package variable. A field lives as long as its object, which
// the source does not tell.
func sharedForLong(h holderfacts.Answer) bool {
	return h.Where == "global" || h.Where == "field" && h.Kind == "sync.Map"
}

// boundedByTypes: there are as many keys as types in the program.
func boundedByTypes(typ string) bool {
	return strings.HasPrefix(typ, "map[reflect.Type]") || strings.Contains(typ, "map[*rtype]")
}

func lastName(function string) string {
	return function[strings.LastIndexAny(function, ".")+1:]
}
