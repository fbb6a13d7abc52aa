// Package scan makes one list of findings from the sections of a facts file:
// what is not given back, locks that stay held, containers only added to and
// channels that nobody closes.
package scan

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/container"
	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/syncfacts"
)

// Format and Version of the document.
const (
	Format  = "tidemark-scan"
	Version = 1
)

// Document is what the command prints.
type Document struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	Build   container.Build `json:"build"`
	// Packages are those that were looked at, without what they import.
	Packages int `json:"packages"`
	// Failed are packages that could not be read: the answer is partial.
	Failed           []syncfacts.PackageInfo `json:"failed"`
	ImportersNotSeen bool                    `json:"importersNotSeen"`
	Findings         []resource.Finding      `json:"findings"`
	// Suppressed are findings with a comment that gives a reason.
	Suppressed []resource.Finding `json:"suppressed"`
	// FixedFiles were changed, and what was found in them is done away with.
	FixedFiles    []string           `json:"fixedFiles"`
	FixedFindings []resource.Finding `json:"fixedFindings"`
	// BadIgnores are suppression comments without a rule or reason.
	BadIgnores []resource.Ignore `json:"badIgnores"`
}

// Fixed moves findings that were changed away to their own list.
func (d *Document) Fixed(files []string, findings []resource.Finding) {
	d.FixedFiles = append(d.FixedFiles, files...)
	d.FixedFindings = append(d.FixedFindings, findings...)
	left := d.Findings[:0]
	for _, f := range d.Findings {
		if !slices.ContainsFunc(findings, func(o resource.Finding) bool { return o.Key == f.Key && o.Anchor == f.Anchor && o.Rule == f.Rule }) {
			left = append(left, f)
		}
	}
	d.Findings = left
}

// Make lists the findings in the packages that were named.
func Make(r *build.Result, section *resource.Section) *Document {
	d := &Document{Format: Format, Version: Version, Build: r.File.Build, Failed: []syncfacts.PackageInfo{}, ImportersNotSeen: section.ImportersNotSeen,
		Findings: []resource.Finding{}, Suppressed: []resource.Finding{}, FixedFiles: []string{}, FixedFindings: []resource.Finding{}, BadIgnores: []resource.Ignore{}}
	for _, f := range r.Failed {
		if r.Named[f.Path] {
			d.Failed = append(d.Failed, f)
		}
	}
	d.Packages = len(r.Named) - len(d.Failed)
	waits := append(neverClosed(r.SyncSection, r.Resources, section.Findings), neverLeft(r.SyncSection, r.Resources)...)
	all := append(withoutTold(section.Findings, waits), waits...)
	all = append(all, heldAtReturn(r.SyncSection, r.Resources)...)
	all = append(all, onlyAdded(r.HolderSection, r.Resources)...)
	all = append(all, doneSkipped(r.SyncSection)...)
	all = append(all, neverSignalled(r.SyncSection)...)
	var ignores []resource.Ignore
	repairs := map[string][]resource.Edit{}
	for _, u := range r.Resources {
		ignores = append(ignores, u.Ignores...)
		for _, one := range u.Repairs {
			repairs[place(one.Rule, one.File, one.Line)] = one.Edits
		}
	}
	for _, f := range all {
		if len(f.Edits) == 0 {
			f.Edits = repairs[place(f.Rule, f.File, f.Line)]
		}
		if f.Package == "" {
			f.Package = path.Dir(f.File)
		}
		if !r.Named[f.Package] || strings.HasSuffix(f.File, "_test.go") {
			continue
		}
		f.RepoFile = repoFile(r, f.File, f.RepoFile)
		for i := range f.Related {
			f.Related[i].RepoFile = repoFile(r, f.Related[i].File, f.Related[i].RepoFile)
		}
		if f.Ignored == "" {
			f.Ignored = resource.Reason(ignores, f.Rule, f.File, f.Line)
		}
		if f.Ignored != "" {
			d.Suppressed = append(d.Suppressed, f)
		} else {
			d.Findings = append(d.Findings, f)
		}
	}
	for _, i := range ignores {
		if (i.Rule == "" || i.Reason == "") && r.Named[path.Dir(i.File)] {
			d.BadIgnores = append(d.BadIgnores, i)
		}
	}
	sort.SliceStable(d.Findings, func(i, j int) bool {
		a, b := d.Findings[i], d.Findings[j]
		return a.File < b.File || a.File == b.File && a.Line < b.Line
	})
	return d
}

func place(rule, file string, line int) string { return fmt.Sprintf("%s %s:%d", rule, file, line) }

// repoFile is a file's name below the root of the main module.
func repoFile(r *build.Result, file, known string) string {
	folder, ok := r.Folders[path.Dir(file)]
	if known != "" || !ok {
		return known
	}
	return path.Join(folder, path.Base(file))
}

// heldAtReturn are locks that a return leaves held, and locks taken twice.
func heldAtReturn(s *syncfacts.Section, units []*resource.Unit) (list []resource.Finding) {
	confirmed := map[string]bool{}
	for _, u := range units {
		for _, place := range u.Held {
			confirmed[place] = true
		}
	}
	for _, fn := range s.Functions {
		for _, op := range fn.Ops {
			switch op.Kind {
			case "lock", "rlock", "trylock", "tryrlock":
			default:
				continue
			}
			f := resource.Finding{Key: fn.Key, Function: fn.Name, File: fn.File, RepoFile: fn.RepoFile, Line: op.Line, Anchor: op.Path}
			for _, e := range op.LeaksOn {
				if op.ReturnsHeld || op.Callee == "" && !confirmed[fmt.Sprintf("%s:%d", fn.File, op.Line)] || e.Possible || e.Kind != "return" && e.Kind != "goexit" {
					continue
				}
				if f.Rule == "" {
					f.Rule, f.Verdict = "goroutine/holder-gone", "leak"
					f.Message = fmt.Sprintf("%s is locked here and still held at the %s in line %d", op.Path, e.Kind, e.Line)
					f.Cause = "everybody who wants the lock after that waits for ever"
					f.Fix = "defer the unlock right after the lock"
					f.Related = append(f.Related, resource.Place{File: fn.File, RepoFile: fn.RepoFile, Line: op.Line, Message: "locked here"})
				}
				f.Related = append(f.Related, resource.Place{File: fn.File, RepoFile: fn.RepoFile, Line: e.Line, Message: e.Kind + " with the lock held"})
			}
			if f.Rule == "" && op.Kind == "lock" {
				for _, h := range op.Held {
					if h.Maybe || h.Path == "" || h.Path != op.Path || h.Via != "" || strings.ContainsAny(h.Path, "[(") || h.Mode == "once" {
						continue
					}
					f.Rule, f.Verdict = "goroutine/recursive-lock", "suspect"
					f.Message = fmt.Sprintf("%s is locked again here, held since line %d", op.Path, h.Line)
					f.Cause, f.Fix = "a lock of package sync cannot be taken twice by one goroutine: it waits for itself", "unlock first, or split the function into one that locks and one that expects the lock"
					f.Related = []resource.Place{{File: fn.File, RepoFile: fn.RepoFile, Line: h.Line, Message: "locked here"}}
					break
				}
			}
			if f.Rule != "" {
				list = append(list, f)
			}
		}
	}
	return list
}
