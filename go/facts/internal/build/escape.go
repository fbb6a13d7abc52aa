package build

import (
	"context"
	"io"
	"path"
	"path/filepath"

	"github.com/tidemark-go/tidemark/go/facts/internal/escape"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/sourcelines"
)

// What Options.Escape can be.
const (
	EscapeNone = "none"
	EscapeOwn  = "own"
	EscapeAll  = "all"
)

const standardSites = "standard"

// escapes asks the compiler and joins it with what the source says.
func escapes(ctx context.Context, packages []*load.Package, extracted map[string]*perPackage, env map[string]string, o Options) (*escape.Section, error) {
	work, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(work); err == nil {
		work = real
	}
	folders := escape.Folders{}
	mains := map[string]bool{}
	for _, p := range packages {
		folders[p.Dir] = p.Path()
		if p.Module != nil && p.Module.Main {
			mains[p.Module.Path+"/..."] = true
		}
	}
	patterns := []string{"all"}
	if o.Escape == EscapeOwn && len(mains) > 0 {
		patterns = nil
		for p := range mains {
			patterns = append(patterns, p)
		}
	}
	if o.Progress != nil {
		io.WriteString(o.Progress, "asking the compiler why bytes are on the heap\n")
	}
	var compiled escape.Unit
	incomplete, err := load.Compile(ctx, o.Request, patterns, func(output io.Reader) (err error) {
		compiled, err = escape.ReadCompiler(output, work, folders)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var sources []escape.Unit
	for _, e := range extracted {
		sources = append(sources, e.Escape)
	}
	if o.Escape == EscapeAll {
		sources = append(sources, standard(packages, env, o)...)
	}
	return escape.Join(compiled, sources, incomplete), nil
}

// standard reads what the standard library's statements allocate; without
// cgo's, whose files are in no folder of the library. What cannot be read is
// left out: the compiler's part is there.
func standard(packages []*load.Package, env map[string]string, o Options) (units []escape.Unit) {
	keys := newCache(o.Cache, env["GOARCH"], env["GOOS"], o.Tags, nil)
	reader := load.NewReader(packages, env["GOARCH"])
	for _, p := range packages {
		if !p.Standard || p.ImportPath == "unsafe" || p.ForTest != "" {
			continue
		}
		var unit escape.Unit
		if !keys.get(p, standardSites, &unit) {
			checked, err := reader.Check(p)
			if err != nil {
				continue
			}
			unit = escape.FromSource(checked)
			keys.put(p, standardSites, unit)
		}
		units = append(units, unit)
	}
	return units
}

// addOwn asks for the lines around the sites of the main module.
func addOwn(lines sourcelines.Wanted, section *escape.Section, folders map[string]string) {
	for _, f := range section.Files {
		if _, own := folders[path.Dir(f.File)]; !own {
			continue
		}
		for _, s := range f.Sites {
			lines.Add(f.File, s.Line)
		}
	}
}
