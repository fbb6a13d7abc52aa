package resource

import (
	"go/ast"
	"strings"
)

// Directive of a suppression: //tidemark:ignore <rule> <reason>.
const directive = "//tidemark:ignore"

// comments reads the suppressions, what is generated, and //go:debug lines.
func (x *extractor) comments() {
	for _, file := range x.unit.Files {
		name := x.unit.Fset.Position(file.FileStart).Filename
		x.generated[name] = ast.IsGenerated(file)
		for _, group := range file.Comments {
			for _, c := range group.List {
				if rest, ok := strings.CutPrefix(c.Text, directive); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
					rule, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
					p := x.place(c.Pos(), "")
					x.out.Ignores = append(x.out.Ignores, Ignore{File: p.File, Line: p.Line, Rule: rule, Reason: strings.TrimSpace(reason)})
				}
				if strings.HasPrefix(c.Text, "//go:debug ") && strings.Contains(c.Text, "asynctimerchan=1") {
					x.out.OldTimers = true
				}
			}
		}
	}
}
