package resource

import (
	"fmt"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// groupFields: a function counts on a group in a field of something and starts
// a method of the same thing, which returns on a way before it defers Done.
func (x *extractor) groupFields(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		var add *ssa.Call
		for _, instr := range b.Instrs {
			if c, ok := instr.(*ssa.Call); ok && len(c.Call.Args) > 0 {
				if names := calleeNames(c.Common()); len(names) > 0 && names[0] == "sync.WaitGroup.Add" {
					add = c
				}
			}
			if add != nil && ssa.Instruction(add) == instr {
				x.addedInVain(fn, add)
			}
			g, ok := instr.(*ssa.Go)
			if !ok || add == nil {
				continue
			}
			group, ok := add.Call.Args[0].(*ssa.FieldAddr)
			callee := g.Call.StaticCallee()
			if !ok || callee == nil || len(callee.Blocks) == 0 || len(callee.Params) != len(g.Call.Args) {
				continue
			}
			for n, a := range g.Call.Args {
				if a != group.X && origin(a) != origin(group.X) {
					continue
				}
				x.groupLeft(fn, add, g, callee, callee.Params[n], group.Field)
			}
			add = nil
		}
	}
}

// addedInVain: behind Add(1) on a group in a field, a way returns before it
// starts what would count down.
func (x *extractor) addedInVain(fn *ssa.Function, add *ssa.Call) {
	group, ok := add.Call.Args[0].(*ssa.FieldAddr)
	one, constant := add.Call.Args[1].(*ssa.Const)
	if !ok || !constant || one.Int64() != 1 || inLoop(add.Block()) {
		return
	}
	starts := false
	has := func(v ssa.Value) bool {
		return v == group.X || origin(v) == origin(group.X) || v == ssa.Value(group)
	}
	stop := func(i ssa.Instruction) bool {
		switch t := i.(type) {
		case *ssa.Go, *ssa.MakeClosure:
			return true
		case *ssa.FieldAddr: // its own Done, or somebody gets it
			return t.Field == group.Field && has(t.X)
		case ssa.CallInstruction:
			for _, a := range t.Common().Args {
				if has(a) {
					return true
				}
			}
		}
		return false
	}
	instructions(fn, func(i ssa.Instruction) {
		_, isGo := i.(*ssa.Go)
		starts = starts || isGo && (before(add, i) || reaches(add.Block(), i.Block(), nil))
		if d, ok := i.(*ssa.Defer); ok && before(d, add) {
			starts = false
		}
	})
	at, left := skips(fn, add, stop)
	if !starts || !left {
		return
	}
	x.report(fn, "Add", Finding{Rule: "goroutine/waitgroup-count", Verdict: "suspect", pos: add.Pos(),
		Message: fmt.Sprintf("counts one more, and the way out in line %d starts nothing that calls Done", x.line(at)),
		Cause:   "the counter never comes back to zero: whoever waits, waits for ever",
		Fix:     "call Add(1) right before the go statement",
		Related: []Place{x.place(at, "returns without Done")}})
}

func (x *extractor) groupLeft(fn *ssa.Function, add *ssa.Call, g *ssa.Go, callee *ssa.Function, owner ssa.Value, field int) {
	is := func(v ssa.Value) bool {
		addr, ok := v.(*ssa.FieldAddr)
		return ok && addr.Field == field && (addr.X == owner || origin(addr.X) == owner)
	}
	deferred := false
	instructions(callee, func(i ssa.Instruction) {
		d, ok := i.(*ssa.Defer)
		deferred = deferred || ok && len(d.Call.Args) > 0 && is(d.Call.Args[0]) && method(&d.Call, d.Call.Args[0]) == "Done"
	})
	if !deferred {
		return // elsewhere, or by a call: package scan asks for the ways around that
	}
	at, left := skips(callee, nil, func(i ssa.Instruction) bool {
		v, ok := i.(ssa.Value)
		if ok && is(v) {
			return true
		}
		m, ok := i.(*ssa.MakeClosure)
		if !ok {
			return false
		}
		for _, b := range m.Bindings {
			if a, ok := b.(*ssa.Alloc); ok && load.OnlyStore(a) == owner {
				return true
			}
		}
		return false
	})
	if !left {
		return
	}
	x.report(fn, "Add", Finding{Rule: "goroutine/waitgroup-count", Verdict: "suspect", pos: g.Pos(),
		Message: fmt.Sprintf("counted in line %d, and what is started can return in line %d before it calls Done", x.line(add.Pos()), x.line(at)),
		Cause:   "the counter never comes back to zero: whoever waits, waits for ever",
		Fix:     "defer Done as the first line of what is started",
		Related: []Place{x.place(add.Pos(), "counts here"), x.place(at, "returns without Done")}})
}
