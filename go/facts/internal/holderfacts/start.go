package holderfacts

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

func isInit(fn *ssa.Function) bool {
	return fn.Name() == "init" && fn.Synthetic != "" || strings.HasPrefix(fn.Name(), "init#")
}

// startOnly are closures that run while the program starts, and not after:
// main or an init function makes them and hands them to a function that only
// calls them.
func startOnly(unit *load.Unit, functions []*ssa.Function) map[*ssa.Function]bool {
	list := map[*ssa.Function]bool{}
	for _, fn := range functions {
		main := unit.Name == "main" && fn.Name() == "main" && fn.Parent() == nil && fn.Signature.Recv() == nil
		if !main && !isInit(fn) && !list[fn] {
			continue
		}
		for _, inner := range fn.AnonFuncs {
			if callsAtOnce(fn, inner) {
				list[inner] = true
			}
		}
	}
	return list
}

// oncePerValue are closures that a sync.Once of anything runs: for a container
// of the same value that is once.
func oncePerValue(functions []*ssa.Function) map[*ssa.Function]bool {
	list := map[*ssa.Function]bool{}
	for _, fn := range functions {
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				c, ok := i.(ssa.CallInstruction)
				if !ok || c.Common().StaticCallee() == nil || !doOnce.MatchString(fullName(c.Common().StaticCallee())) {
					continue
				}
				switch f := c.Common().Args[len(c.Common().Args)-1].(type) {
				case *ssa.MakeClosure:
					list[f.Fn.(*ssa.Function)] = true
				case *ssa.Function:
					list[f] = true
				}
			}
		}
	}
	return list
}

// callsAtOnce: the closure is called where it is made, or is an argument of
// functions that do no more than call it.
func callsAtOnce(fn, inner *ssa.Function) bool {
	found := false
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			if m, ok := i.(*ssa.MakeClosure); ok && m.Fn == ssa.Value(inner) {
				for _, r := range *m.Referrers() {
					if !usedAtOnce(m, r) {
						return false
					}
					found = true
				}
				continue
			}
			for _, op := range i.Operands(nil) {
				if *op == ssa.Value(inner) {
					if !usedAtOnce(inner, i) {
						return false
					}
					found = true
				}
			}
		}
	}
	return found
}

func usedAtOnce(v ssa.Value, by ssa.Instruction) bool {
	if conversion, ok := by.(*ssa.ChangeType); ok {
		return allAtOnce(conversion)
	}
	call, ok := by.(*ssa.Call)
	if !ok {
		_, debug := by.(*ssa.DebugRef)
		return debug
	}
	callee := call.Call.StaticCallee()
	for n, a := range call.Call.Args {
		if a != v {
			continue
		}
		if callee == nil || !walks(callee) && (n >= len(callee.Params) || len(callee.Blocks) == 0 || !allAtOnce(callee.Params[n])) {
			return false
		}
	}
	return true
}

// allAtOnce: a function value that is only called.
func allAtOnce(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		if c, ok := r.(*ssa.Call); ok && c.Call.Value == v {
			continue
		}
		if _, again := r.(*ssa.Call); again && v.Parent() != nil && r.(*ssa.Call).Call.StaticCallee() == v.Parent() {
			continue // a walk that calls itself
		}
		if !usedAtOnce(v, r) {
			return false
		}
	}
	return true
}

// walks are functions of the standard library that call what they are given
// before they return, or while flags are parsed.
func walks(fn *ssa.Function) bool {
	obj, ok := fn.Object().(*types.Func)
	if o := fn.Origin(); o != nil {
		obj, ok = o.Object().(*types.Func)
	}
	if !ok || obj.Pkg() == nil {
		return false
	}
	switch path := obj.Pkg().Path(); path {
	case "path/filepath", "io/fs", "sort", "slices", "maps", "strings", "bytes", "go/ast", "flag":
		return true
	case "sync":
		return obj.Name() == "Do" || obj.Name() == "Range"
	}
	return false
}

// onceFromMain are the functions of a command that only its main calls, or one
// another, once and not in a loop: what they make lives as long as the program.
func onceFromMain(unit *load.Unit, functions []*ssa.Function) map[*ssa.Function]bool {
	if unit.Name != "main" {
		return nil
	}
	return load.CalledOnce(functions, func(call ssa.Instruction, once bool) bool {
		return (isMain(call.Parent()) || once) && endsSoon(call.Block())
	})
}
