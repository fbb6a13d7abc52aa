// Package build makes the facts of a build: it reads the packages one at a
// time, keeps what each adds in a cache, and joins them at the end.
package build

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"

	"github.com/tidemark-go/tidemark/go/facts/internal/codelines"
	"github.com/tidemark-go/tidemark/go/facts/internal/container"
	"github.com/tidemark-go/tidemark/go/facts/internal/escape"
	"github.com/tidemark-go/tidemark/go/facts/internal/holderfacts"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/sourcelines"
	"github.com/tidemark-go/tidemark/go/facts/internal/syncfacts"
)

// Options of Run.
type Options struct {
	load.Request
	// Binary is the built program whose ids, tags and target are taken over.
	Binary string
	// Cache is the folder for the facts of single packages, "" for none.
	Cache string
	// Workers is how many packages are read at a time, 0 for two. Each has
	// types of its own in memory.
	Workers int
	// Escape says what is asked of the compiler: EscapeNone, EscapeOwn (the
	// packages of the main module) or EscapeAll.
	Escape string
	// NoSections: only the parts of Result are wanted, not the sections of File.
	NoSections bool
	// Pairs are rows of the user beside the table of resources.
	Pairs []resource.Pair
	// Progress gets one line a step; nil for none.
	Progress io.Writer
}

// Result is the facts file and what went wrong on the way.
type Result struct {
	File   *container.File
	Failed []syncfacts.PackageInfo
	Read   int // packages analysed now
	Cached int // packages taken from the cache
	// Incomplete says why the compiler's part of the section "escape" is not whole.
	Incomplete string
	// Named are the packages that the patterns name, not those that they import.
	Named map[string]bool
	// Folders are those of the main module's packages below its root, by import path.
	Folders map[string]string
	// Root is the folder of the main module, "" where there is none.
	Root string
	// Resources is what the packages add to the section "resource".
	Resources []*resource.Unit
	// The sections as in File.
	SyncSection     *syncfacts.Section
	HolderSection   *holderfacts.Section
	ResourceSection *resource.Section
	LinesSection    *codelines.Section
}

// Run makes the facts of the packages and all that they import outside of the
// standard library. Packages that do not compile are left out and listed in
// Failed; an error means that there are no facts.
func Run(ctx context.Context, o Options) (*Result, error) {
	var shipped *container.Build
	if o.Binary != "" {
		b, err := container.ReadBinary(o.Binary)
		if err != nil {
			return nil, err
		}
		shipped = &b
		if o.Tags == "" {
			o.Tags = b.Tags
		}
		if b.GOOS != "" && b.GOARCH != "" {
			o.Env = append(o.Env, "GOOS="+b.GOOS, "GOARCH="+b.GOARCH)
		}
		if len(o.Patterns) == 0 && b.Main != "" && b.Main != "command-line-arguments" {
			o.Patterns = []string{b.Main}
		}
	}
	packages, err := load.List(ctx, o.Request)
	if err != nil {
		return nil, err
	}
	env, err := goEnv(ctx, o.Request)
	if err != nil {
		return nil, err
	}
	result := &Result{Named: map[string]bool{}, Folders: map[string]string{}}
	for _, p := range packages {
		if p.Module != nil && p.Module.Main && p.Module.Dir != "" {
			result.Root = p.Module.Dir
			if folder, err := filepath.Rel(p.Module.Dir, p.Dir); err == nil {
				result.Folders[p.Path()] = filepath.ToSlash(folder)
			}
		}
		if !p.DepOnly && !p.Standard {
			result.Named[p.Path()] = true
		}
	}
	extracted := readAll(packages, env["GOARCH"], env["GOOS"], o, result)
	if len(extracted) == 0 {
		return nil, fmt.Errorf("no package could be read: %s", reasons(result.Failed))
	}
	result.File = &container.File{Format: container.Format, Version: container.Version, Sections: map[string]json.RawMessage{}}
	sources := join(packages, extracted, result)
	if !o.NoSections {
		if err := addSections(ctx, packages, extracted, sources, env, o, result); err != nil {
			return nil, err
		}
	}
	result.File.Build = describe(packages, env, o, shipped)
	return result, nil
}

func reasons(failed []syncfacts.PackageInfo) string {
	if len(failed) == 0 {
		return "there is none outside of the standard library"
	}
	for _, f := range failed {
		if !strings.Contains(f.Error, load.NoExportData) { // else it fails because of another
			return f.Error
		}
	}
	return failed[0].Error
}

// perPackage is what one package adds to all sections.
type perPackage struct {
	Path     string               `json:"path"`
	Sync     *syncfacts.Extracted `json:"sync"`
	Holder   *holderfacts.Unit    `json:"holder"`
	Resource *resource.Unit       `json:"resource"`
	Escape   escape.Unit          `json:"escape"`
	// Lines are only there for packages of the main module.
	Lines *codelines.Unit `json:"lines,omitempty"`
}

const packageFacts = "package"

func (e *perPackage) whole(p *load.Package) bool {
	return e.Path == p.Path() && e.Sync != nil && e.Holder != nil && e.Resource != nil && (e.Lines != nil || !own(p))
}

// own tells the packages of the main module.
func own(p *load.Package) bool { return p.Module != nil && p.Module.Main }

// addSections fills the file: what was joined, what the compiler says, and the
// lines of source that they name.
func addSections(ctx context.Context, packages []*load.Package, extracted map[string]*perPackage, sources, env map[string]string, o Options, result *Result) error {
	add := func(name string, section any) (err error) {
		result.File.Sections[name], err = json.Marshal(section)
		return err
	}
	lines := wanted(result)
	if o.Escape != "" && o.Escape != EscapeNone {
		section, err := escapes(ctx, packages, extracted, env, o)
		if err != nil {
			return err
		}
		result.Incomplete = section.Incomplete
		addOwn(lines, section, result.Folders)
		if err := add("escape", section); err != nil {
			return err
		}
	}
	for name, section := range map[string]any{"sync": result.SyncSection, "holder": result.HolderSection, "resource": result.ResourceSection, "lines": result.LinesSection, "source": sourcelines.Read(lines, sources)} {
		if err := add(name, section); err != nil {
			return err
		}
	}
	return nil
}

// join makes the sections from what the packages add; it answers the files on
// disk by the names that the sections use.
func join(packages []*load.Package, extracted map[string]*perPackage, result *Result) (sources map[string]string) {
	var units []*syncfacts.Unit
	var holders []*holderfacts.Unit
	var lines []*codelines.Unit
	infos := append([]syncfacts.PackageInfo{}, result.Failed...)
	sources = map[string]string{}
	hasMain := false
	joined := map[string]bool{}
	sorted := append([]*load.Package{}, packages...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].ImportPath < sorted[j].ImportPath })
	for _, p := range sorted {
		e := extracted[p.Path()]
		if e == nil || joined[p.Path()] {
			continue
		}
		joined[p.Path()] = true
		units = append(units, &e.Sync.Unit)
		holders = append(holders, e.Holder)
		result.Resources = append(result.Resources, e.Resource)
		if own(p) && e.Lines != nil {
			lines = append(lines, e.Lines)
		}
		infos = append(infos, syncfacts.PackageInfo{Path: p.Path()})
		hasMain = hasMain || p.Name == "main"
		for name, path := range e.Sync.Sources {
			sources[name] = path
		}
	}
	sort.Slice(infos, func(i, j int) bool { return infos[i].Path < infos[j].Path })
	sync, holder := syncfacts.Solve(units, infos, !hasMain), holderfacts.Join(holders, !hasMain)
	result.SyncSection, result.HolderSection = sync, holder
	goLine, oldTimers := timers(packages, result.Resources)
	resources := resource.Join(result.Resources, !hasMain, goLine, oldTimers)
	result.ResourceSection, result.LinesSection = resources, codelines.Join(lines)
	return sources
}

// timers says which timers the program has: by the go line of its main module,
// and by a godebug setting in a main package or in go.mod.
func timers(packages []*load.Package, units []*resource.Unit) (goLine string, old bool) {
	for _, p := range packages {
		if p.Module != nil && p.Module.Main {
			goLine = p.Module.GoVersion
			if p.Module.Dir != "" {
				text, _ := os.ReadFile(filepath.Join(p.Module.Dir, "go.mod"))
				old = old || strings.Contains(string(text), "asynctimerchan=1")
			}
			break
		}
	}
	for _, u := range units {
		old = old || u.OldTimers
	}
	return goLine, old
}

// wanted are the lines that the other sections name.
func wanted(result *Result) sourcelines.Wanted {
	w := sourcelines.Wanted{}
	sync, holder := result.SyncSection, result.HolderSection
	for _, f := range result.ResourceSection.Findings {
		w.Add(f.File, f.Line)
		for _, p := range f.Related {
			w.Add(p.File, p.Line)
		}
	}
	for _, f := range sync.Functions {
		for _, op := range f.Ops {
			w.Add(f.File, op.Line)
			for _, exits := range [][]syncfacts.Exit{op.LeaksOn, op.SkippedBy, op.LoopExits} {
				for _, e := range exits {
					w.Add(f.File, e.Line)
				}
			}
		}
		for _, c := range f.Calls {
			w.Add(f.File, c.Line)
		}
	}
	for _, o := range sync.Objects {
		w.Add(o.File, o.Line)
	}
	for _, h := range holder.Holders {
		w.Add(h.File, h.Line)
		for _, uses := range [][]holderfacts.Use{h.Adds, h.Removes, h.Resets, h.Exposed, h.Bounds} {
			for _, u := range uses {
				w.Add(u.File, u.Line)
			}
		}
	}
	return w
}

// readAll reads the packages in the order in which they were listed, two at a
// time where neither waits for the other.
func readAll(packages []*load.Package, goarch, goos string, o Options, result *Result) map[string]*perPackage {
	standard := map[string]bool{}
	for _, p := range packages {
		if p.Standard {
			standard[p.ImportPath] = true
		}
	}
	todo := choose(packages)
	done := make(map[string]chan struct{}, len(todo))
	place := make(map[string]int, len(todo))
	for i, p := range todo {
		done[p.Path()], place[p.Path()] = make(chan struct{}), i
	}
	keys := newCache(o.Cache, goarch, goos, o.Tags, o.Pairs)
	extracted := map[string]*perPackage{}
	var mu sync.Mutex
	summary := func(key string) *syncfacts.Summary {
		mu.Lock()
		defer mu.Unlock()
		if e := extracted[packageOf(key)]; e != nil {
			return e.Sync.Summaries[key]
		}
		return nil
	}
	resources := func(key string) *resource.Summary {
		mu.Lock()
		defer mu.Unlock()
		if e := extracted[packageOf(key)]; e != nil {
			return e.Resource.Summaries[key]
		}
		return nil
	}
	one := func(reader *load.Reader, p *load.Package) {
		defer close(done[p.Path()])
		for _, path := range p.Imports {
			// Only what comes before: a package with its tests may import what imports it.
			if wait := done[load.Plain(path)]; wait != nil && place[load.Plain(path)] < place[p.Path()] {
				<-wait
			}
		}
		e, err := new(perPackage), error(nil)
		cached := keys.get(p, packageFacts, e) && e.whole(p)
		if !cached {
			if e, err = extract(reader, p, syncfacts.Options{IsStandard: func(path string) bool { return standard[path] }, Summary: summary}, resources, o.Pairs); err == nil {
				e, err = keys.keep(p, e)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			result.Failed = append(result.Failed, syncfacts.PackageInfo{Path: p.Path(), Error: plain(err, p)})
		case !p.HasCode(): // read in no time, and nothing to keep
			extracted[p.Path()] = e
		case cached:
			result.Cached++
			extracted[p.Path()] = e
		default:
			result.Read++
			extracted[p.Path()] = e
		}
		if o.Progress != nil && !cached && p.HasCode() {
			fmt.Fprintf(o.Progress, "read %s\n", p.ImportPath)
		}
	}
	// One queue in list order: whoever waits, waits for a package that some
	// worker already has, so the workers cannot wait in a circle.
	queue := make(chan *load.Package)
	var workers sync.WaitGroup
	count := o.Workers
	if count <= 0 {
		count = min(2, runtime.GOMAXPROCS(0))
	}
	for range count {
		workers.Add(1)
		go func() {
			defer workers.Done()
			reader := load.NewReader(packages, goarch)
			for p := range queue {
				one(reader, p)
			}
		}()
	}
	for _, p := range todo {
		queue <- p
	}
	close(queue)
	workers.Wait()
	sort.Slice(result.Failed, func(i, j int) bool { return result.Failed[i].Path < result.Failed[j].Path })
	return extracted
}

// plain is what went wrong with a package, without this machine's folders.
func plain(err error, p *load.Package) string {
	text := err.Error()
	if p.Dir != "" {
		text = strings.ReplaceAll(text, p.Dir+string(filepath.Separator), p.Path()+"/")
	}
	return text
}

// choose lists the packages to read: all outside of the standard library, each
// once, with its tests where those are listed.
func choose(packages []*load.Package) []*load.Package {
	chosen := map[string]*load.Package{}
	for _, p := range packages {
		if p.Standard {
			continue
		}
		known := chosen[p.Path()]
		if known == nil || p.ForTest == p.Path() {
			chosen[p.Path()] = p
		}
	}
	var list []*load.Package
	for _, p := range packages {
		if chosen[p.Path()] == p {
			list = append(list, p)
		}
	}
	return list
}

func extract(reader *load.Reader, p *load.Package, o syncfacts.Options, resources func(string) *resource.Summary, pairs []resource.Pair) (*perPackage, error) {
	unit, err := reader.Read(p)
	if err != nil {
		return nil, err
	}
	e := &perPackage{Path: p.Path(), Escape: escape.FromSource(unit)}
	if own(p) {
		e.Lines = codelines.Extract(unit)
	}
	if e.Sync, err = syncfacts.Extract(unit, o); err != nil {
		return nil, err
	}
	if e.Holder, err = holderfacts.Extract(unit, o.IsStandard); err != nil {
		return nil, err
	}
	e.Resource, err = resource.Extract(unit, resource.Options{IsStandard: o.IsStandard, Summary: resources, Pairs: pairs})
	return e, err
}

// packageOf cuts the import path out of a function key.
func packageOf(key string) string {
	slash := strings.LastIndex(key, "/") + 1
	dot := strings.Index(key[slash:], ".")
	if dot < 0 {
		return key
	}
	return key[:slash] + strings.ReplaceAll(key[slash:slash+dot], "%2e", ".")
}

func goEnv(ctx context.Context, r load.Request) (map[string]string, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "-json", "GOOS", "GOARCH", "GOVERSION")
	cmd.Dir = r.Dir
	cmd.Env = append(os.Environ(), r.Env...)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	env := map[string]string{}
	return env, json.Unmarshal(out, &env)
}

// describe fills the header: from the shipped binary where there is one, else
// from the source tree.
func describe(packages []*load.Package, env map[string]string, o Options, shipped *container.Build) container.Build {
	if shipped != nil {
		return *shipped
	}
	b := container.Build{GoVersion: env["GOVERSION"], GOOS: env["GOOS"], GOARCH: env["GOARCH"], Tags: o.Tags}
	versions := map[string]string{}
	for _, p := range packages {
		m := p.Module
		if m == nil {
			continue
		}
		if m.Main {
			b.Module, b.ModuleVersion = m.Path, m.Version
		} else if m.Replace != nil {
			versions[m.Path] = m.Replace.Version
		} else {
			versions[m.Path] = m.Version
		}
		if p.Name == "main" && !p.DepOnly && b.Main == "" {
			b.Main = p.ImportPath
		}
	}
	for path, version := range versions {
		b.Modules = append(b.Modules, container.Module{Path: path, Version: version})
	}
	sort.Slice(b.Modules, func(i, j int) bool { return b.Modules[i].Path < b.Modules[j].Path })
	git := func(args ...string) (string, bool) {
		cmd := exec.Command("git", args...)
		cmd.Dir = o.Dir
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err == nil
	}
	if revision, ok := git("rev-parse", "HEAD"); ok {
		b.VCSRevision = revision
		status, _ := git("status", "--porcelain", "--untracked-files=normal")
		b.Dirty = status != ""
	}
	return b
}
