package resource

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// nilFields looks for unexported channel fields that nothing in the package
// ever sets, though it makes values of the struct, and that a function waits
// for outside of a select.
func (x *extractor) nilFields() {
	type wait struct {
		fn    *ssa.Function
		instr ssa.Instruction
	}
	waits, set := map[*types.Var][]wait{}, map[*types.Var]bool{}
	made, owners := map[*types.Named]bool{}, map[*types.Var]*types.Named{}
	var order []*types.Var
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			var f *types.Var
			var owner *types.Named
			var loads []ssa.Value
			switch i := instr.(type) {
			case *ssa.Alloc:
				if named, ok := types.Unalias(deref(i.Type())).(*types.Named); ok {
					made[named.Origin()] = true
				}
				return
			case *ssa.FieldAddr:
				if f, owner = fieldOf(i.X.Type(), i.Field); f == nil {
					return
				}
				for _, r := range *i.Referrers() {
					switch u := r.(type) {
					case *ssa.UnOp:
						loads = append(loads, u)
					case *ssa.DebugRef:
					default:
						set[f] = true // stored to, or its address is taken
					}
				}
			case *ssa.Field:
				if f, owner = fieldOf(i.X.Type(), i.Field); f == nil {
					return
				}
				loads = append(loads, i)
			default:
				return
			}
			if _, isChan := f.Type().Underlying().(*types.Chan); !isChan || owner.Obj().Pkg() != x.unit.Types {
				return
			}
			owners[f] = owner
			for _, v := range loads {
				for _, r := range *v.Referrers() {
					switch u := r.(type) {
					case *ssa.BinOp:
						set[f] = true // asks whether it is nil
					case *ssa.UnOp:
						if u.Op == token.ARROW {
							waits[f] = append(waits[f], wait{fn, u})
						}
					case *ssa.Send:
						if u.Chan == v {
							waits[f] = append(waits[f], wait{fn, u})
						}
					}
				}
			}
			if len(order) == 0 || order[len(order)-1] != f {
				order = append(order, f)
			}
		})
	}
	told := map[*types.Var]bool{}
	for _, f := range order {
		if set[f] || told[f] || len(waits[f]) == 0 || !made[owners[f]] {
			continue
		}
		told[f] = true
		w := waits[f][0]
		pos := w.instr.Pos()
		for _, g := range x.functions {
			instructions(g, func(instr ssa.Instruction) {
				if s, ok := instr.(*ssa.Go); ok && s.Call.StaticCallee() == w.fn {
					pos = s.Pos()
				}
			})
		}
		x.report(w.fn, "nil", Finding{Rule: "goroutine/nil-channel", Verdict: "leak", pos: pos,
			Message: fmt.Sprintf("waits for the channel in field %s, and nothing ever makes that channel", f.Name()),
			Cause:   "nothing is ever sent on a nil channel, nor received from it",
			Fix:     fmt.Sprintf("make the channel where the struct is made: %s: make(chan …)", f.Name()),
			Related: []Place{x.place(f.Pos(), "the field"), x.place(w.instr.Pos(), "waits here")}})
	}
}
