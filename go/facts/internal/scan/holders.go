package scan

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/holderfacts"
	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
)

// registers are functions whose name says that they are called as often as
// there are things to register: a number that the source decides.
var registers = regexp.MustCompile(`(?i)(^|\.)(must)?(register|define|declare|install|provide|init|setup|configure|new|load|with)[a-z]*$|Register[A-Z]?`)

// routes are such functions where what is registered is code: handlers, commands.
var routes = regexp.MustCompile(`(?i)^(use|mount|handle(func)?|route|add(route|command|flag|handler|middleware|plugin|codec|driver|format|type|migration|check|hook)s?)$`)

// code are types of containers that have functions or handlers in them.
var code = regexp.MustCompile(`func\(|Handler|Middleware|Command|Plugin|Hook`)

// setUp are closures that an init function hands out: hooks for other packages'
// init functions.
var setUp = regexp.MustCompile(`\.init(\.\d+)?\.func`)

// initFunction is one of the init functions of a package.
var initFunction = regexp.MustCompile(`\.init(\.\d+)?$`)

// onlyAdded are package variables, and shared fields, that grow with use and
// that nothing in the program ever removes from.
func onlyAdded(s *holderfacts.Section, units []*resource.Unit) (list []resource.Finding) {
	globals := map[string]bool{}
	for _, u := range units {
		for _, name := range u.GlobalTypes {
			globals[name] = true
		}
	}
	for _, u := range units { // there may be many of these, and short-lived ones
		for _, name := range u.MadeTypes {
			delete(globals, name)
		}
	}
	local := map[string]bool{}
	for _, u := range units {
		for _, name := range u.LocalTypes {
			local[name] = true
		}
	}
	for _, h := range s.Holders {
		if local[h.Struct] || h.Verdict != "only-added" || boundedByTypes(h.Type) {
			continue
		}
		always := sharedForLong(h, globals)
		var add *holderfacts.Use
		for i, u := range h.Adds {
			if (always || u.Shared) && !u.Initial && !u.ConstKey && !initFunction.MatchString(u.Function) && (u.Often || !registers.MatchString(lastName(u.Function)) && !(routes.MatchString(lastName(u.Function)) && code.MatchString(h.Type))) && !strings.HasSuffix(u.Function, "main.main") && !setUp.MatchString(u.Function) {
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
		if gone := append(append([]holderfacts.Use{}, h.Removes...), h.Resets...); len(gone) > 0 {
			f.Message = fmt.Sprintf("adds to %s, and nothing in the program calls what removes from it", h.ID)
			f.Related = append(f.Related, resource.Place{File: gone[0].File, Line: gone[0].Line, Message: "removes, and is never called"})
		}
		if path.Dir(add.File) != path.Dir(h.File) { // a helper of another package adds for it
			f.File, f.Line, f.Related = h.File, h.Line, []resource.Place{{File: add.File, Line: add.Line, Message: "added to here"}}
			f.Function = path.Dir(h.File) + ".init"
			f.Key = f.Function
			f.Message = fmt.Sprintf("%s is added to, and nothing in the program ever removes from it", h.ID)
		}
		list = append(list, f)
	}
	return list
}

// sharedForLong: a package variable, a field of one, or a sync.Map, which is
// made to be shared. Other fields live as long as their object, which the
// source does not tell.
func sharedForLong(h holderfacts.Answer, globals map[string]bool) bool {
	return h.Where == "global" || h.Where == "field" && (h.Kind == "sync.Map" || globals[h.Struct])
}

// boundedByTypes: there are as many keys as types in the program.
func boundedByTypes(typ string) bool {
	return strings.HasPrefix(typ, "map[reflect.Type]") || strings.Contains(typ, "map[*rtype]")
}

func lastName(function string) string {
	return function[strings.LastIndexAny(function, ".")+1:]
}
