// Package names gives functions, closures and files the names that the Go
// runtime, pprof and a -trimpath build print, without running the program.
package names

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Runtime returns the runtime's form of a key made by this package: the import
// path of a main package becomes "main". A key keeps the path, because two
// commands of one module both have a main.main.
func Runtime(key, pkgPath, pkgName string) string {
	if pkgName == "main" {
		return "main" + strings.TrimPrefix(key, escape(pkgPath))
	}
	return key
}

// escape writes an import path as the linker does: dots in its last element
// become %2e.
func escape(pkgPath string) string {
	slash := strings.LastIndex(pkgPath, "/") + 1
	return pkgPath[:slash] + strings.ReplaceAll(pkgPath[slash:], ".", "%2e")
}

// Func returns the key of a declared function or method: import path, receiver
// and name as the runtime writes them, type arguments as "[...]".
func Func(fn *types.Func) string {
	fn = fn.Origin()
	if fn.Pkg() == nil {
		return fn.Name() // error.Error and friends
	}
	sig := fn.Type().(*types.Signature)
	prefix := escape(fn.Pkg().Path()) + "."
	recv := sig.Recv()
	if recv == nil {
		name := fn.Name()
		if sig.TypeParams().Len() > 0 {
			name += "[...]"
		}
		return prefix + name
	}
	typ, pointer := recv.Type(), false
	if p, ok := types.Unalias(typ).(*types.Pointer); ok {
		typ, pointer = p.Elem(), true
	}
	base := "interface"
	if named, ok := types.Unalias(typ).(*types.Named); ok {
		base = named.Obj().Name()
		if named.TypeParams().Len() > 0 || named.TypeArgs().Len() > 0 {
			base += "[...]"
		}
	}
	if pointer {
		base = "(*" + base + ")"
	}
	return prefix + base + "." + fn.Name()
}

// Type returns the key of a named type without type arguments, or "" for a
// type that has no name.
func Type(t types.Type) string {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return ""
	}
	obj := named.Obj()
	if obj.Pkg() == nil {
		return obj.Name()
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// Namer names the functions of one package and remembers what it counted.
type Namer struct {
	fset     *token.FileSet
	pkg      *types.Package
	files    []*ast.File
	keys     map[*ssa.Function]string
	children map[ast.Node]map[*ast.FuncLit]int
}

// NewNamer returns a namer for the functions of pkg, whose syntax is files.
func NewNamer(fset *token.FileSet, pkg *types.Package, files []*ast.File) *Namer {
	return &Namer{fset, pkg, files, map[*ssa.Function]string{}, map[ast.Node]map[*ast.FuncLit]int{}}
}

// Key names a function of any package; closures only of the namer's own.
func (n *Namer) Key(fn *ssa.Function) string {
	if key, ok := n.keys[fn]; ok {
		return key
	}
	key := n.key(fn)
	n.keys[fn] = key
	return key
}

func (n *Namer) key(fn *ssa.Function) string {
	if origin := fn.Origin(); origin != nil {
		return n.Key(origin)
	}
	if parent := fn.Parent(); parent != nil {
		parent = written(parent)
		return n.Key(parent) + n.suffix(parent, fn)
	}
	if number, ok := strings.CutPrefix(fn.Name(), "init#"); ok && fn.Pkg != nil {
		if n, err := strconv.Atoi(number); err == nil { // the runtime counts from 0
			return fmt.Sprintf("%s.init.%d", escape(fn.Pkg.Pkg.Path()), n-1)
		}
	}
	if obj, ok := fn.Object().(*types.Func); ok && (fn.Synthetic == "" || strings.HasPrefix(fn.Synthetic, "from ")) { // source, or export data
		return Func(obj)
	}
	if obj, ok := fn.Object().(*types.Func); ok {
		return Func(obj) + "·" + strings.Fields(fn.Synthetic)[0]
	}
	if fn.Pkg != nil {
		return escape(fn.Pkg.Pkg.Path()) + "." + strings.ReplaceAll(fn.Name(), "#", ".")
	}
	return fn.String()
}

// written climbs out of the bodies of loops over functions: what is inside is
// counted with the function as it is written.
func written(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		if _, loop := fn.Syntax().(*ast.RangeStmt); !loop {
			break
		}
		fn = fn.Parent()
	}
	return fn
}

// suffix counts a closure among its siblings in source order, as the compiler
// does: outer.func1, and outer.func1.2 for one inside it. The bodies of loops
// over functions are outer-range1.
func (n *Namer) suffix(parent, fn *ssa.Function) string {
	switch syntax := fn.Syntax().(type) {
	case *ast.FuncLit:
		number := n.siblings(parent)[syntax]
		if _, inClosure := parent.Syntax().(*ast.FuncLit); inClosure {
			return fmt.Sprintf(".%d", number)
		}
		return fmt.Sprintf(".func%d", number)
	case *ast.RangeStmt:
		number := 1
		for _, other := range loops(parent) {
			if other.Syntax().Pos() < syntax.Pos() {
				number++
			}
		}
		return fmt.Sprintf("-range%d", number)
	}
	return fn.Name()
}

// loops lists the bodies of loops over functions in a function.
func loops(fn *ssa.Function) (list []*ssa.Function) {
	for _, anon := range fn.AnonFuncs {
		if _, ok := anon.Syntax().(*ast.RangeStmt); ok {
			list = append(append(list, anon), loops(anon)...)
		}
	}
	return list
}

// siblings numbers the closures directly inside the parent. The closures of
// package variables belong to init and are numbered over all files.
func (n *Namer) siblings(parent *ssa.Function) map[*ast.FuncLit]int {
	var scopes []ast.Node
	switch syntax := parent.Syntax().(type) {
	case *ast.FuncDecl:
		scopes = append(scopes, syntax.Body)
	case *ast.FuncLit:
		scopes = append(scopes, syntax.Body)
	default:
		for _, file := range n.files {
			for _, decl := range file.Decls {
				if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.VAR {
					scopes = append(scopes, gen)
				}
			}
		}
	}
	if len(scopes) == 0 {
		return nil
	}
	if known, ok := n.children[scopes[0]]; ok {
		return known
	}
	numbers := map[*ast.FuncLit]int{}
	for _, scope := range scopes {
		var direct []*ast.FuncLit
		ast.Inspect(scope, func(node ast.Node) bool {
			if lit, ok := node.(*ast.FuncLit); ok {
				direct = append(direct, lit)
				return false
			}
			return true
		})
		sort.SliceStable(direct, func(i, j int) bool { return direct[i].Pos() < direct[j].Pos() })
		for _, lit := range direct {
			numbers[lit] = len(numbers) + 1
		}
	}
	n.children[scopes[0]] = numbers
	return numbers
}

// File returns import path + base name, which is what a build with -trimpath
// prints (without the @version of a dependency).
func File(pkgPath, filename string) string {
	return pkgPath + "/" + path.Base(strings.ReplaceAll(filename, `\`, "/"))
}
