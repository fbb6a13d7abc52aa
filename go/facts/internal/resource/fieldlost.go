package resource

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// fieldUse is what one function does with a field that things are put into.
type fieldUse struct {
	given   bool // closes it, hands it on, returns it
	asked   bool // compares it with nil
	used    []ssa.Instruction
	cleared []*ssa.Store // sets it to nil
	filled  []*ssa.Store // puts a new thing in
}

// replaced looks for functions that work with the thing in a field, and then
// set the field to nil or have another thing put into it, without closing the
// first one: the usual mistake of a redial after an error.
func (x *extractor) replaced() {
	fresh := map[*types.Var]*kept{} // fields that something open is put into
	var all []*kept
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			for _, t := range x.taken(instr) {
				if t.value == nil || t.kind == "transport" || x.table.kind(t.kind).Before != "" {
					continue
				}
				f, owner := onlyField(t.value)
				if f == nil {
					continue
				}
				switch f.Type().Underlying().(type) {
				case *types.Map, *types.Slice:
					continue // has many
				}
				all = append(all, &kept{fn, instr, t, f, owner})
				if fresh[f] == nil {
					fresh[f] = all[len(all)-1]
				}
			}
		})
	}
	if len(fresh) == 0 {
		return
	}
	uses := x.fieldUses(fresh)
	for _, fn := range x.functions {
		for f, u := range uses[fn] {
			k := fresh[f]
			if k == nil || x.table.kind(k.t.kind).Called || u.given || len(u.used) == 0 || fn.Parent() != nil || givenByCallee(fn, f, uses, 0) {
				continue
			}
			for _, s := range u.cleared {
				if behind(u.used, s) {
					x.reportReplaced(k, fn, s, "set to nil here")
					break
				}
			}
			if len(u.cleared) > 0 {
				continue
			}
			instructions(fn, func(instr ssa.Instruction) {
				call, ok := instr.(*ssa.Call)
				if !ok || x.reported(x.table.kind(k.t.kind).Rule, k.instr) {
					return
				}
				callee := call.Call.StaticCallee()
				if callee == nil || callee == fn || !behind(u.used, call) || !afterError(u.used, call) {
					return
				}
				if inner := uses[callee][f]; inner != nil && len(inner.filled) > 0 && !inner.given && !inner.asked && !givenByCallee(callee, f, uses, 0) {
					x.reportReplaced(k, callee, inner.filled[0], "another one is put in its place here")
				}
			})
		}
	}
	x.refilled(all, uses)
}

// givenByCallee: a function that is called closes what the field has.
func givenByCallee(fn *ssa.Function, f *types.Var, uses map[*ssa.Function]map[*types.Var]*fieldUse, depth int) (found bool) {
	if depth > 3 {
		return false
	}
	instructions(fn, func(instr ssa.Instruction) {
		c, ok := instr.(ssa.CallInstruction)
		if !ok || found {
			return
		}
		if callee := c.Common().StaticCallee(); callee != nil && callee != fn && callee.Pkg == fn.Pkg {
			u := uses[callee][f]
			found = u != nil && u.given || givenByCallee(callee, f, uses, depth+1)
		}
	})
	return found
}

func (x *extractor) reportReplaced(k *kept, fn *ssa.Function, at *ssa.Store, text string) {
	kind := x.table.kind(k.t.kind)
	if x.reported(kind.Rule, k.instr) {
		return
	}
	x.report(k.fn, k.t.how, Finding{Rule: kind.Rule, Kind: k.t.kind, Verdict: "suspect", Cause: kind.WhenNot, pos: k.instr.Pos(),
		Fix:     fmt.Sprintf("close what field %s has before it is given another value", k.field.Name()),
		Message: fmt.Sprintf("the %s from %s is lost when line %d gives field %s another value without closing it", kind.Noun, k.t.how, x.line(at.Pos()), k.field.Name()),
		Related: []Place{x.place(k.instr.Pos(), "taken here"), x.place(at.Pos(), text)}})
}

// behind: a use of the thing leads to the instruction.
func behind(uses []ssa.Instruction, i ssa.Instruction) bool {
	for _, u := range uses {
		if before(u, i) || reaches(u.Block(), i.Block(), nil) {
			return true
		}
	}
	return false
}

// afterError: the instruction runs only where a use of the thing failed.
func afterError(uses []ssa.Instruction, i ssa.Instruction) bool {
	for b := i.Block(); b != nil && b.Idom() != nil; b = b.Idom() {
		branch, ok := b.Idom().Instrs[len(b.Idom().Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		for _, u := range uses {
			if v, ok := u.(ssa.Value); ok && dependsOn(branch.Cond, v, 0) {
				return true
			}
		}
	}
	return false
}

// fieldUses says, for each function, what it does with the fields. What its
// closures do counts as given: they may run at any time.
func (x *extractor) fieldUses(wanted map[*types.Var]*kept) map[*ssa.Function]map[*types.Var]*fieldUse {
	all := map[*ssa.Function]map[*types.Var]*fieldUse{}
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			addr, ok := instr.(*ssa.FieldAddr)
			if !ok {
				return
			}
			f, _ := fieldOf(addr.X.Type(), addr.Field)
			if wanted[f] == nil {
				return
			}
			if all[fn] == nil {
				all[fn] = map[*types.Var]*fieldUse{}
			}
			if all[fn][f] == nil {
				all[fn][f] = &fieldUse{}
			}
			x.fieldUse(fn, addr, all[fn][f])
			for outer := fn.Parent(); outer != nil; outer = outer.Parent() {
				if all[outer] == nil {
					all[outer] = map[*types.Var]*fieldUse{}
				}
				if all[outer][f] == nil {
					all[outer][f] = &fieldUse{}
				}
				all[outer][f].given = all[outer][f].given || all[fn][f].given
			}
		})
	}
	return all
}

func (x *extractor) fieldUse(fn *ssa.Function, addr *ssa.FieldAddr, u *fieldUse) {
	for _, r := range *addr.Referrers() {
		switch i := r.(type) {
		case *ssa.DebugRef:
		case *ssa.Store:
			switch c, isConst := i.Val.(*ssa.Const); {
			case i.Addr != ssa.Value(addr):
				u.given = true
			case isConst && c.IsNil():
				u.cleared = append(u.cleared, i)
			default:
				u.filled = append(u.filled, i)
			}
		case *ssa.UnOp:
			u.given = u.given || x.effectIn(fn, i, anyKind) != Borrowed
			for _, r := range *i.Referrers() {
				switch t := r.(type) {
				case *ssa.BinOp:
					u.asked = true
				case ssa.Instruction:
					if c, ok := t.(*ssa.Call); ok {
						u.used = append(u.used, c)
					} else if m, ok := t.(*ssa.MakeInterface); ok {
						u.used = append(u.used, callsOf(m)...)
					} else if m, ok := t.(*ssa.ChangeInterface); ok {
						u.used = append(u.used, callsOf(m)...)
					}
				}
			}
		default:
			u.given = true
		}
	}
}

func callsOf(v ssa.Value) (list []ssa.Instruction) {
	for _, r := range *v.Referrers() {
		if c, ok := r.(*ssa.Call); ok {
			list = append(list, c)
		}
	}
	return list
}
