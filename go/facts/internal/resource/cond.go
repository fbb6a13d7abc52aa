package resource

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// condUse is what a package does with a sync.Cond in a field.
type condUse struct {
	owner   *types.Named
	waits   []*ssa.Call
	signals map[*ssa.Function]bool // functions that wake somebody
	unknown bool
}

// condFields looks for condition variables in unexported fields whose waiters
// ask for a flag that a method sets without waking them.
func (x *extractor) condFields() {
	conds := map[*types.Var]*condUse{}
	var order []*types.Var
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			addr, ok := instr.(*ssa.FieldAddr)
			if !ok {
				return
			}
			f, owner := fieldOf(addr.X.Type(), addr.Field)
			if f == nil || typeName(f.Type()) != "sync.Cond" || owner.Obj().Pkg() != x.unit.Types {
				return
			}
			if conds[f] == nil {
				conds[f] = &condUse{owner: owner, signals: map[*ssa.Function]bool{}}
				order = append(order, f)
			}
			conds[f].add(fn, addr)
		})
	}
	for _, f := range order {
		if u := conds[f]; !u.unknown && len(u.waits) > 0 {
			x.flagWithoutSignal(f, u)
		}
	}
}

func (u *condUse) add(fn *ssa.Function, addr *ssa.FieldAddr) {
	values := []ssa.Value{addr}
	for n := 0; n < len(values); n++ {
		for _, r := range *values[n].Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef:
			case *ssa.Store:
				u.unknown = u.unknown || i.Addr != values[n]
			case *ssa.UnOp:
				values = append(values, i)
			case *ssa.FieldAddr: // its L
			case ssa.CallInstruction:
				switch callee := i.Common().StaticCallee(); {
				case callee == nil || i.Common().Args[0] != values[n]:
					u.unknown = true
				case callee.Name() == "Wait":
					if c, ok := i.(*ssa.Call); ok {
						u.waits = append(u.waits, c)
					}
				case callee.Name() == "Signal" || callee.Name() == "Broadcast":
					for outer := fn; outer != nil; outer = outer.Parent() {
						u.signals[outer] = true
					}
				default:
					u.unknown = true
				}
			default:
				u.unknown = true // a method value, handed on
			}
		}
	}
}

// flagWithoutSignal: a loop around Wait asks for a field that a method which
// ends the owner stores, and neither that method nor who it calls or is called
// by wakes the waiters.
func (x *extractor) flagWithoutSignal(f *types.Var, u *condUse) {
	for _, wait := range u.waits {
		asked := map[*types.Var]bool{}
		for b := range loopOf(wait.Block()) {
			if branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If); ok {
				fieldsIn(branch.Cond, u.owner, asked, 0)
			}
		}
		for _, fn := range x.functions {
			if fn.Parent() != nil || !endsOwner(fn, u.owner) || x.wakes(fn, u, 0) {
				continue
			}
			store := flagSet(fn, u.owner, asked)
			if store == nil || x.calledByWaker(fn, u) {
				continue
			}
			pos := wait.Pos()
			for _, g := range x.functions { // where the waiter is started, if it is
				instructions(g, func(instr ssa.Instruction) {
					if s, ok := instr.(*ssa.Go); ok && s.Call.StaticCallee() == wait.Parent() {
						pos = s.Pos()
					}
				})
			}
			x.report(wait.Parent(), "cond", Finding{Rule: "goroutine/cond-no-signal", Verdict: "suspect", pos: pos,
				Message: fmt.Sprintf("%s changes what the loop around Wait asks for and wakes nobody", fn.Name()),
				Cause:   "Wait returns only after Signal or Broadcast: who waits at that time waits for ever",
				Fix:     fmt.Sprintf("call %s.Broadcast() in %s, after the change", f.Name(), fn.Name()),
				Related: []Place{x.place(wait.Pos(), "waits here"), x.place(store.Pos(), "changed here")}})
			return
		}
	}
}

var endWords = []string{"close", "stop", "shutdown", "quit", "cancel", "kill", "exit", "halt", "abort", "finish", "terminate", "drain", "end"}

// endsOwner: a method of the owner that sounds like its end.
func endsOwner(fn *ssa.Function, owner *types.Named) bool {
	recv := fn.Signature.Recv()
	if recv == nil || !types.Identical(deref(recv.Type()), owner) {
		return false
	}
	name := strings.ToLower(fn.Name())
	return slices.ContainsFunc(endWords, func(w string) bool { return strings.HasPrefix(name, w) })
}

// wakes: the function, or one that it calls, signals.
func (x *extractor) wakes(fn *ssa.Function, u *condUse, depth int) bool {
	if u.signals[fn] {
		return true
	}
	found := false
	instructions(fn, func(instr ssa.Instruction) {
		c, ok := instr.(ssa.CallInstruction)
		if !ok || found || depth > 3 {
			return
		}
		if callee := c.Common().StaticCallee(); callee != nil && callee.Pkg == x.unit.SSA && callee != fn {
			found = x.wakes(callee, u, depth+1)
		}
	})
	return found
}

// calledByWaker: who calls the function wakes the waiters.
func (x *extractor) calledByWaker(fn *ssa.Function, u *condUse) bool {
	for _, caller := range x.functions {
		recv := caller.Signature.Recv()
		if caller == fn || !u.signals[caller] && (recv == nil || !types.Identical(deref(recv.Type()), u.owner) || !x.wakes(caller, u, 0)) {
			continue
		}
		called := false
		instructions(caller, func(instr ssa.Instruction) {
			c, ok := instr.(ssa.CallInstruction)
			called = called || ok && c.Common().StaticCallee() == fn
		})
		if called {
			return true
		}
	}
	return false
}

// fieldsIn notes the fields of the owner that a condition reads.
func fieldsIn(v ssa.Value, owner *types.Named, into map[*types.Var]bool, depth int) {
	instr, ok := v.(ssa.Instruction)
	if !ok || depth > 5 {
		return
	}
	if addr, ok := v.(*ssa.FieldAddr); ok {
		if f := fieldWithin(addr, owner); f != nil {
			into[f] = true
		}
		return
	}
	for _, op := range instr.Operands(nil) {
		if *op != nil {
			fieldsIn(*op, owner, into, depth+1)
		}
	}
}

// fieldWithin is a field of the owner, or of what it embeds.
func fieldWithin(addr *ssa.FieldAddr, owner *types.Named) *types.Var {
	f, o := fieldOf(addr.X.Type(), addr.Field)
	for within := addr; f != nil && o != owner; {
		outer, ok := within.X.(*ssa.FieldAddr)
		if !ok {
			return nil
		}
		s := structOf(outer.X.Type())
		if s == nil || !s.Field(outer.Field).Embedded() {
			return nil
		}
		named, _ := types.Unalias(deref(outer.X.Type())).(*types.Named)
		if named != nil {
			o = named.Origin()
		}
		within = outer
	}
	return f
}

// flagSet is a store of a constant to one of the fields: a flag that is set.
func flagSet(fn *ssa.Function, owner *types.Named, fields map[*types.Var]bool) (at *ssa.Store) {
	instructions(fn, func(instr ssa.Instruction) {
		s, ok := instr.(*ssa.Store)
		if !ok {
			return
		}
		addr, ok := s.Addr.(*ssa.FieldAddr)
		if _, isConst := s.Val.(*ssa.Const); !ok || !isConst {
			return
		}
		if f := fieldWithin(addr, owner); f != nil && fields[f] && isBasic(f.Type()) {
			at = s
		}
	})
	return at
}
