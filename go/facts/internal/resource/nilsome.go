package resource

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// sometimesNil: a channel variable is made under a condition only, and a
// receive or send outside of any select does not ask for that condition.
func (x *extractor) sometimesNil(fn *ssa.Function) {
	instructions(fn, func(i ssa.Instruction) {
		if a, ok := i.(*ssa.Alloc); ok {
			x.variableSometimesNil(fn, a)
			return
		}
		phi, ok := i.(*ssa.Phi)
		if !ok {
			return
		}
		if _, isChan := phi.Type().Underlying().(*types.Chan); !isChan || !nilOrMade(phi) {
			return
		}
		for _, r := range *phi.Referrers() {
			pos := waitsAt(r, phi)
			if !pos.IsValid() || inLoop(r.Block()) || asks(r.Block(), phi) {
				continue
			}
			x.reportNil(fn, pos, phi.Comment, phi.Pos())
			return
		}
	})
}

// variableSometimesNil: the same for a variable that a closure has, too.
func (x *extractor) variableSometimesNil(fn *ssa.Function, a *ssa.Alloc) {
	made := channelMadeHere(a)
	if made == nil || len(storesInto(a)) != 1 {
		return
	}
	store := storesInto(a)[0]
	for _, r := range *a.Referrers() {
		load, ok := r.(*ssa.UnOp)
		if !ok {
			continue
		}
		for _, r := range *load.Referrers() {
			pos := waitsAt(r, load)
			if pos.IsValid() && !inLoop(r.Block()) && !before(store, r) && !asksAnything(r) && reaches(store.Block(), r.Block(), nil) {
				x.reportNil(fn, pos, a.Comment, store.Pos())
			}
		}
	}
}

func storesInto(a *ssa.Alloc) (list []*ssa.Store) {
	for _, r := range *a.Referrers() {
		if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(a) {
			list = append(list, s)
		}
	}
	return list
}

func (x *extractor) reportNil(fn *ssa.Function, pos token.Pos, name string, declared token.Pos) {
	if x.reportedAt("goroutine/nil-channel", pos) {
		return
	}
	if !declared.IsValid() {
		declared = pos
	}
	x.report(fn, "nil", Finding{Rule: "goroutine/nil-channel", Verdict: "suspect", pos: pos,
		Message: fmt.Sprintf("waits for the channel %s, which is made under a condition only: it may be nil here", name),
		Cause:   "nothing is ever sent on a nil channel, nor received from it",
		Fix:     "make the channel on every way, or wait under the same condition",
		Related: []Place{x.place(declared, "made under a condition")}})
}

// nilOrMade: on one way in the channel is nil, on all others it was made.
func nilOrMade(phi *ssa.Phi) bool {
	isNil, made := false, false
	for _, e := range phi.Edges {
		switch t := e.(type) {
		case *ssa.Const:
			isNil = isNil || t.IsNil()
		case *ssa.MakeChan:
			made = true
		default:
			return false
		}
	}
	return isNil && made
}

// waitsAt is where an instruction sends or receives, if it can do nothing else.
func waitsAt(r ssa.Instruction, ch ssa.Value) token.Pos {
	switch i := r.(type) {
	case *ssa.UnOp:
		if i.Op == token.ARROW {
			return i.Pos()
		}
	case *ssa.Send:
		if i.Chan == ch {
			return i.Pos()
		}
	}
	return token.NoPos
}

// asks: a branch behind the making of the variable decides whether the block
// runs.
func asks(b *ssa.BasicBlock, phi *ssa.Phi) bool {
	for at := b; at != phi.Block() && at.Idom() != nil; at = at.Idom() {
		if _, ok := at.Idom().Instrs[len(at.Idom().Instrs)-1].(*ssa.If); ok {
			return true
		}
	}
	return false
}

// optionalFields: a channel in a field that is made under a condition only,
// though every value of the struct is made in that function, and a method that
// waits for it asks for nothing.
func (x *extractor) optionalFields() { x.channelFields(x.optionalField) }

func (x *extractor) optionalField(f *types.Var) {
	var made *ssa.Store
	var wait ssa.Instruction
	asked := false // something knows that it may be nil
	ok := x.everyField(f, func(addr *ssa.FieldAddr) bool {
		for _, r := range *addr.Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef:
			case *ssa.Store:
				if _, isMade := origin(i.Val).(*ssa.MakeChan); !isMade || made != nil {
					return false
				}
				if _, local := origin(addr.X).(*ssa.Alloc); !local {
					return false
				}
				made = i
			case *ssa.UnOp:
				for _, r := range *i.Referrers() {
					_, compares := r.(*ssa.BinOp)
					asked = asked || compares
					if pos := waitsAt(r, i); pos.IsValid() && !asksAnything(r) {
						wait = r
					}
				}
			default:
				return false
			}
		}
		return true
	})
	if !ok || made == nil || wait == nil || !asked || wait.Parent() == made.Parent() || wait.Parent().Parent() != nil {
		return
	}
	owner := origin(made.Addr.(*ssa.FieldAddr).X).(*ssa.Alloc)
	if made.Block() == owner.Block() || !under(made.Block(), owner.Block()) {
		return
	}
	x.reportNil(wait.Parent(), waitsAt(wait, chanOf(wait)), "in field "+f.Name(), made.Pos())
}

func chanOf(i ssa.Instruction) ssa.Value {
	switch i := i.(type) {
	case *ssa.UnOp:
		return i.X
	case *ssa.Send:
		return i.Chan
	}
	return nil
}

// under: a way from one block to a return leaves the other out.
func under(b, from *ssa.BasicBlock) bool {
	for _, other := range b.Parent().Blocks {
		if _, ok := other.Instrs[len(other.Instrs)-1].(*ssa.Return); ok && (other == from || reaches(from, other, func(o *ssa.BasicBlock) bool { return o == b })) {
			return true
		}
	}
	return false
}

// asksAnything: any branch decides whether the instruction runs.
func asksAnything(i ssa.Instruction) bool {
	for at := i.Block(); at.Idom() != nil; at = at.Idom() {
		if _, ok := at.Idom().Instrs[len(at.Idom().Instrs)-1].(*ssa.If); ok && len(at.Preds) == 1 {
			return true
		}
	}
	return false
}
