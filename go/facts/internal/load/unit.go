package load

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/ssa"
)

// Unit is one package, ready to be analysed.
type Unit struct {
	Path, Name string
	Fset       *token.FileSet
	Files      []*ast.File
	Types      *types.Package
	Info       *types.Info
	Sizes      types.Sizes
	SSA        *ssa.Package
	Module     *Module
}

// Reader reads packages and shares the types of their imports between them.
type Reader struct {
	exports map[string]string // import path -> export data file
	broken  map[string]string // import path -> why the go command has no such package
	goarch  string
	fset    *token.FileSet
	imports map[string]*types.Package
	reads   int
}

// NewReader returns a reader for packages of one build.
func NewReader(packages []*Package, goarch string) *Reader {
	exports, broken := map[string]string{}, map[string]string{}
	for _, p := range packages {
		exports[p.ImportPath] = p.Export
		// A package without files was not found; one that does not compile is told about itself.
		if p.Error != nil && len(p.CompiledGoFiles)+len(p.GoFiles) == 0 {
			broken[p.ImportPath] = strings.TrimSpace(p.Error.Err)
		}
	}
	r := &Reader{exports: exports, broken: broken, goarch: goarch}
	r.forget()
	return r
}

// forget drops what was shared, so that memory stays bounded.
func (r *Reader) forget() {
	r.fset, r.imports, r.reads = token.NewFileSet(), map[string]*types.Package{}, 0
}

const sharedReads = 16

// Read parses and checks one package and builds its SSA. It fails on the first
// error of syntax or type.
func (r *Reader) Read(p *Package) (*Unit, error) {
	unit, err := r.Check(p)
	if err != nil {
		return nil, err
	}
	unit.SSA, err = BuildSSA(r.fset, unit.Types, unit.Files, unit.Info)
	return unit, err
}

// Check is Read without SSA.
func (r *Reader) Check(p *Package) (*Unit, error) {
	if p.Error != nil {
		return nil, fmt.Errorf("%s: %s", p.ImportPath, strings.TrimSpace(p.Error.Err))
	}
	if r.reads++; r.reads > sharedReads {
		r.forget()
	}
	names := p.CompiledGoFiles
	if len(names) == 0 {
		names = p.GoFiles // the go command gave up on an import
	}
	var files []*ast.File
	for _, name := range names {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		// What cgo writes lies in the build cache and has no extension.
		if ext := filepath.Ext(name); ext != ".go" && ext != "" {
			continue
		}
		file, err := parser.ParseFile(r.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	info := &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Instances:    map[*ast.Ident]types.Instance{},
		Scopes:       map[ast.Node]*types.Scope{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		FileVersions: map[*ast.File]string{},
	}
	sizes := types.SizesFor("gc", r.goarch)
	config := types.Config{Importer: &importer{r, p.ImportMap}, Sizes: sizes, GoVersion: goVersion(p)}
	pkg, err := config.Check(p.Path(), r.fset, files, info)
	if err != nil {
		return nil, err
	}
	return &Unit{Path: p.Path(), Name: pkg.Name(), Fset: r.fset, Files: files, Types: pkg, Info: info, Sizes: sizes, Module: p.Module}, nil
}

func goVersion(p *Package) string {
	if p.Module != nil && p.Module.GoVersion != "" {
		return "go" + p.Module.GoVersion
	}
	return ""
}

// BuildSSA builds the SSA form of one package, and only declarations for what
// it imports. A panic of the builder comes back as an error.
func BuildSSA(fset *token.FileSet, pkg *types.Package, files []*ast.File, info *types.Info) (result *ssa.Package, err error) {
	defer func() {
		if r := recover(); r != nil {
			result, err = nil, fmt.Errorf("%s: cannot build SSA: %v", pkg.Path(), r)
		}
	}()
	prog := ssa.NewProgram(fset, 0)
	for _, p := range pkg.Imports() { // what lies behind them is declared when it is met
		prog.CreatePackage(p, nil, nil, true)
	}
	result = prog.CreatePackage(pkg, files, info, false)
	result.Build()
	return result, nil
}

// NoExportData is in the error of a package whose import does not compile.
const NoExportData = "no export data for"

type importer struct {
	r         *Reader
	importMap map[string]string
}

func (i *importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if mapped, ok := i.importMap[path]; ok {
		path = mapped
	}
	if pkg, ok := i.r.imports[path]; ok && pkg.Complete() {
		return pkg, nil
	}
	export := i.r.exports[path]
	if why := i.r.broken[path]; why != "" {
		return nil, errors.New(why)
	}
	if export == "" {
		return nil, fmt.Errorf(NoExportData+" %q: it does not compile or is not part of the build", path)
	}
	file, err := os.Open(export)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := gcexportdata.NewReader(file)
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(data, i.r.fset, i.r.imports, path)
}
