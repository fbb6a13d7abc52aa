package resource

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// unanswered looks for loops that take requests with an answer channel in a
// field and go on to the next one, on some way, without an answer, though who
// asked waits for it outside of any select.
func (x *extractor) unanswered() {
	waits := map[*types.Var]*ssa.UnOp{} // plain receives of who made the channel and sent it away
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			made, ok := i.(*ssa.MakeChan)
			if !ok {
				return
			}
			f, holder := storedInField(made)
			if f == nil || !sentAway(holder) {
				return
			}
			instructions(fn, func(i ssa.Instruction) {
				receive, ok := i.(*ssa.UnOp)
				if ok && receive.Op == token.ARROW && (origin(receive.X) == ssa.Value(made) || fieldRead(receive.X) == f) {
					waits[f] = receive
				}
			})
		})
	}
	if len(waits) == 0 {
		return
	}
	for _, fn := range x.functions {
		for f := range answersIn(fn, waits) {
			at, skipped := x.goesOnWithout(fn, f)
			if !skipped {
				continue
			}
			x.report(waits[f].Parent(), "reply", Finding{Rule: "goroutine/no-sender", Verdict: "suspect", pos: waits[f].Pos(),
				Message: fmt.Sprintf("waits for an answer, and who gives it goes on to the next request in line %d without one", x.line(at)),
				Cause:   "whoever asked waits for ever",
				Fix:     "answer on every way (with an error in it), or close the channel",
				Related: []Place{x.place(at, "goes on without an answer")}})
		}
	}
}

// answersIn are the fields with an answer channel on which a function sends.
func answersIn(fn *ssa.Function, waits map[*types.Var]*ssa.UnOp) map[*types.Var]bool {
	found := map[*types.Var]bool{}
	instructions(fn, func(i ssa.Instruction) {
		if s, ok := i.(*ssa.Send); ok {
			if f := fieldRead(s.Chan); f != nil && waits[f] != nil && waits[f].Parent() != fn {
				found[f] = true
			}
		}
	})
	return found
}

// goesOnWithout: from where a loop takes a request a way leads back there that
// neither answers nor hands the request on.
func (x *extractor) goesOnWithout(fn *ssa.Function, f *types.Var) (at token.Pos, found bool) {
	instructions(fn, func(i ssa.Instruction) {
		receive, ok := i.(*ssa.UnOp)
		if !ok || receive.Op != token.ARROW || found || !inLoop(receive.Block()) || !holds(elemOf(receive.X.Type()), f) {
			return
		}
		request := map[ssa.Value]bool{receive: true}
		for range 4 {
			instructions(fn, func(i ssa.Instruction) { follow(i, request, f) })
		}
		from := receive.Block()
		seen := map[*ssa.BasicBlock]bool{}
		queue := []*ssa.BasicBlock{from}
		for first := true; len(queue) > 0; queue = queue[1:] {
			b, answered := queue[0], false
			for _, i := range b.Instrs {
				if !first || before(receive, i) {
					answered = answered || usesRequest(i, request)
				}
			}
			first = false
			if answered {
				continue
			}
			for n, to := range b.Succs {
				if closedBranch(b, receive) && !loopOf(from)[to] || n > 1 {
					continue
				}
				if to == from || to.Dominates(from) && loopOf(from)[to] {
					at, found = lastPos(b), true
					if !at.IsValid() {
						at = receive.Pos()
					}
					return
				}
				if !seen[to] {
					seen[to] = true
					queue = append(queue, to)
				}
			}
		}
	})
	return at, found
}

func elemOf(t types.Type) types.Type {
	if ch, ok := t.Underlying().(*types.Chan); ok {
		return ch.Elem()
	}
	return t
}

// holds: the struct, or what the pointer points to, has the field.
func holds(t types.Type, f *types.Var) bool {
	s := structOf(t)
	for n := 0; s != nil && n < s.NumFields(); n++ {
		if s.Field(n) == f {
			return true
		}
	}
	return false
}

// follow notes the values that have the request, or its answer channel.
func follow(i ssa.Instruction, request map[ssa.Value]bool, f *types.Var) {
	switch i := i.(type) {
	case *ssa.Extract:
		if request[i.Tuple] && i.Index == 0 {
			request[i] = true
		}
	case *ssa.Store:
		if a, ok := i.Addr.(*ssa.Alloc); ok && request[i.Val] {
			request[a] = true
		}
	case *ssa.UnOp:
		if addr, ok := i.X.(*ssa.FieldAddr); ok {
			if request[addr.X] && anyField(addr.X.Type(), addr.Field) == f {
				request[i] = true
			}
		} else if i.Op == token.MUL && request[i.X] {
			request[i] = true
		}
	case *ssa.Field:
		if request[i.X] && anyField(i.X.Type(), i.Field) == f {
			request[i] = true
		}
	}
}

// usesRequest: answers, or hands the request or its channel on.
func usesRequest(i ssa.Instruction, request map[ssa.Value]bool) bool {
	switch i := i.(type) {
	case *ssa.Send:
		return request[i.Chan] || request[i.X]
	case *ssa.Select:
		for _, s := range i.States {
			if request[s.Chan] || request[s.Send] {
				return true
			}
		}
	case *ssa.MapUpdate:
		return request[i.Value]
	case *ssa.MakeInterface:
		return request[i.X]
	case *ssa.Store:
		_, local := i.Addr.(*ssa.Alloc)
		return request[i.Val] && !local
	case *ssa.MakeClosure:
		for _, b := range i.Bindings {
			if request[b] {
				return true
			}
		}
	case ssa.CallInstruction:
		for _, a := range i.Common().Args {
			if request[a] {
				return true
			}
		}
	}
	return false
}
