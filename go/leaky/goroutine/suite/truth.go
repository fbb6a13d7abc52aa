package suite

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"sort"
	"strings"
)

// Place is a line of a case. Function is the name the runtime prints; File is
// import path + base name, as in a build with -trimpath.
type Place struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// tail is what every build prints of the file, with or without -trimpath.
func (p Place) tail() string { return path.Base(path.Dir(p.File)) + "/" + path.Base(p.File) }

// Holder is who keeps the victims waiting. Place is where the holder stands
// now (self, other) or the line by which it left (gone); it is absent where
// no line of the source could be that place. Acquired is the line that took
// the lock, where a lock is the matter.
type Holder struct {
	Kind Kind `json:"kind"`
	*Place
	Acquired *Place `json:"acquired,omitempty"`
}

// Truth is what a perfect reader of the stuck program would say.
type Truth struct {
	ID      string  `json:"id"`
	Title   string  `json:"title"`
	Rule    string  `json:"rule"`
	Cause   string  `json:"cause"`
	Package string  `json:"package"`
	Victims []Place `json:"victims"`
	Holder  Holder  `json:"holder"`
}

// rules names the rule that reports a cause.
var rules = map[string]string{
	"lock-cycle":               "goroutine/deadlock",
	"lock-recursive":           "goroutine/recursive-lock",
	"rlock-recursive":          "goroutine/recursive-lock",
	"lock-not-released-return": "goroutine/holder-gone",
	"lock-not-released-panic":  "goroutine/holder-gone",
	"lock-not-released-goexit": "goroutine/holder-gone",
	"lock-held-while-blocked":  "goroutine/held-while-blocked",
	"slow-holder":              "goroutine/slow-holder",
	"no-sender":                "goroutine/no-sender",
	"no-receiver":              "goroutine/no-receiver",
	"receiver-returned":        "goroutine/no-receiver",
	"no-close":                 "goroutine/no-close",
	"nil-channel":              "goroutine/nil-channel",
	"empty-select":             "goroutine/empty-select",
	"select-no-exit":           "goroutine/select-no-exit",
	"context-never-cancelled":  "goroutine/context-never-cancelled",
	"timer-never-fires":        "goroutine/timer-never-fires",
	"waitgroup-count":          "goroutine/waitgroup-count",
	"cond-no-signal":           "goroutine/cond-no-signal",
}

// A marker stands at the end of the line it is about: // victim: some-case
var marker = regexp.MustCompile(`// (victim|holder|acquired): ([a-z0-9-]+(?:, [a-z0-9-]+)*)`)

// TruthOf reads the truth of a case from the markers in its package's source.
func TruthOf(id string) (Truth, error) {
	c, ok := cases[id]
	if !ok {
		return Truth{}, fmt.Errorf("no case %q", id)
	}
	truth := Truth{ID: id, Title: c.Title, Cause: c.Cause, Rule: rules[c.Cause], Package: c.pkg, Holder: Holder{Kind: c.Holder}}
	if truth.Rule == "" {
		return truth, fmt.Errorf("%s: cause %q has no rule", id, c.Cause)
	}
	entries, err := c.source.ReadDir(".")
	if err != nil {
		return truth, err
	}
	for _, e := range entries {
		text, err := c.source.ReadFile(e.Name())
		if err != nil {
			return truth, err
		}
		if err := truth.read(c.pkg, e.Name(), text); err != nil {
			return truth, err
		}
	}
	if len(truth.Victims) == 0 {
		return truth, fmt.Errorf("%s: no victim is marked", id)
	}
	return truth, nil
}

func (t *Truth) read(pkg, name string, text []byte) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments)
	if err != nil {
		return err
	}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			for _, m := range marker.FindAllStringSubmatch(comment.Text, -1) {
				for _, id := range strings.Split(m[2], ", ") {
					if id != t.ID {
						continue
					}
					place := Place{functionAt(pkg, fset, file, comment.Pos()), pkg + "/" + name, fset.Position(comment.Pos()).Line}
					switch m[1] {
					case "victim":
						t.Victims = append(t.Victims, place)
					case "holder":
						t.Holder.Place = &place
					case "acquired":
						t.Holder.Acquired = &place
					}
				}
			}
		}
	}
	sort.SliceStable(t.Victims, func(i, j int) bool { return t.Victims[i].Line < t.Victims[j].Line })
	return nil
}

// functionAt names the function or closure around pos as the runtime does:
// closures count from 1 in their function, deeper ones within their closure.
// A marker at the end of a line that opens a closure belongs to the outside.
func functionAt(pkg string, fset *token.FileSet, file *ast.File, pos token.Pos) string {
	line := fset.Position(pos).Line
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || pos < fn.Pos() || pos > fn.End() {
			continue
		}
		name := pkg + "." + declared(fn)
		var scope ast.Node = fn.Body
		for separator := ".func"; ; separator = "." {
			inner, n := closureAt(scope, func(lit *ast.FuncLit) bool {
				return fset.Position(lit.Body.Lbrace).Line < line && line <= fset.Position(lit.Body.Rbrace).Line
			})
			if inner == nil {
				return name
			}
			name = fmt.Sprintf("%s%s%d", name, separator, n)
			scope = inner.Body
		}
	}
	return ""
}

// closureAt finds the direct child closure of scope that holds the line, and
// its number among its siblings.
func closureAt(scope ast.Node, holds func(*ast.FuncLit) bool) (found *ast.FuncLit, number int) {
	n := 0
	ast.Inspect(scope, func(node ast.Node) bool {
		lit, ok := node.(*ast.FuncLit)
		if !ok {
			return true
		}
		n++
		if holds(lit) {
			found, number = lit, n
		}
		return false
	})
	return found, number
}

func declared(fn *ast.FuncDecl) string {
	name := fn.Name.Name
	if fn.Type.TypeParams != nil {
		name += "[...]"
	}
	if fn.Recv == nil {
		return name
	}
	typ, pointer := fn.Recv.List[0].Type, false
	if star, ok := typ.(*ast.StarExpr); ok {
		typ, pointer = star.X, true
	}
	base := ""
	switch t := typ.(type) {
	case *ast.Ident:
		base = t.Name
	case *ast.IndexExpr:
		base = t.X.(*ast.Ident).Name + "[...]"
	case *ast.IndexListExpr:
		base = t.X.(*ast.Ident).Name + "[...]"
	}
	if pointer {
		base = "(*" + base + ")"
	}
	return base + "." + name
}
