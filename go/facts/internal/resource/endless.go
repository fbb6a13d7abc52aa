package resource

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// endless finds out whether a function runs for ever as long as some values
// (parameters, captured variables) never end: contexts that nobody cancels,
// channels that nobody sends on or closes.
type endless struct {
	x    *extractor
	dead map[ssa.Value]bool
	// outlives: what ends with the function does not count: a deferred cancel.
	outlives bool
	// waits: something that never ends decided about a way out.
	context, channel, flag bool
	loops, parks           bool
	made                   *ssa.MakeChan // the channel that nobody closes, where it is known
}

// never says whether a value never ends.
func (e *endless) never(v ssa.Value) bool { return e.neverAt(v, 0) }

func (e *endless) neverAt(v ssa.Value, depth int) bool {
	if depth > 8 {
		return false
	}
	if e.dead[v] {
		return e.note(v)
	}
	switch t := v.(type) {
	case *ssa.ChangeType:
		return e.neverAt(t.X, depth+1)
	case *ssa.ChangeInterface:
		return e.neverAt(t.X, depth+1)
	case *ssa.MakeInterface:
		return e.neverAt(t.X, depth+1)
	case *ssa.UnOp:
		if t.Op != token.MUL {
			return false
		}
		switch from := t.X.(type) {
		case *ssa.Global:
			return e.x.neverClosed(from) && e.note(v)
		case *ssa.Alloc:
			only := load.OnlyStore(from)
			return only != nil && e.neverAt(only, depth+1)
		case *ssa.FreeVar:
			if only := onlyCaptured(from); only != nil && e.neverAt(only, depth+1) {
				return true
			}
		case *ssa.FieldAddr:
			f, owner := fieldOf(from.X.Type(), from.Field)
			if f == nil || owner.Obj().Pkg() != e.x.unit.Types {
				return false
			}
			if _, isChan := f.Type().Underlying().(*types.Chan); isChan {
				made := e.x.silentField(f)
				return made != nil && e.noteMade(made)
			}
			return isContext(f.Type()) && e.x.endlessField(f) && e.note(v)
		}
		return e.dead[t.X] && e.note(v)
	case *ssa.MakeChan:
		return e.x.silent(t) && e.noteMade(t)
	case *ssa.Extract:
		c, ok := t.Tuple.(*ssa.Call)
		if !ok {
			return false
		}
		if e.x.answersEndless(c, t.Index) {
			return e.note(v)
		}
		if t.Index != 0 {
			return false
		}
		for _, n := range calleeNames(c.Common()) {
			if n == "context.WithCancel" || n == "context.WithCancelCause" {
				return !e.outlives && cancelledAtEnd(c) && e.neverAt(c.Call.Args[0], depth+1)
			}
		}
	case *ssa.Call:
		if t.Call.IsInvoke() {
			return t.Call.Method.Name() == "Done" && e.neverAt(t.Call.Value, depth+1)
		}
		for _, n := range calleeNames(t.Common()) {
			switch n {
			case "context.Background", "context.TODO", "context.WithoutCancel":
				return e.note(v)
			case "context.WithValue":
				return e.neverAt(t.Call.Args[0], depth+1)
			}
		}
		if isContext(t.Type()) && len(t.Call.Args) == 1 && isReceived(t.Call.Args[0].Type()) {
			return e.neverAt(t.Call.Args[0], depth+1) // a context that ends with a channel
		}
		return e.x.answersEndless(t, 0) && e.note(v)
	}
	return false
}

func isReceived(t types.Type) bool {
	ch, ok := t.Underlying().(*types.Chan)
	return ok && ch.Dir() != types.SendOnly
}

// answersEndless: the n-th result of the call is a context that never ends.
func (x *extractor) answersEndless(c *ssa.Call, n int) bool {
	callee := c.Call.StaticCallee()
	if callee == nil || !isContext(callee.Signature.Results().At(n).Type()) {
		return false
	}
	s := x.known(callee)
	return s != nil && slices.Contains(s.Endless, n)
}

// onlyCaptured is the one value of a variable that a closure has from the
// function around it; nil where something sets it again.
func onlyCaptured(v *ssa.FreeVar) ssa.Value {
	inner := v.Parent()
	if inner.Parent() == nil {
		return nil
	}
	if !onlyReadIn(v) {
		return nil
	}
	var only ssa.Value
	instructions(inner.Parent(), func(i ssa.Instruction) {
		m, ok := i.(*ssa.MakeClosure)
		if !ok || m.Fn != ssa.Value(inner) {
			return
		}
		for n, free := range inner.FreeVars {
			if a, ok := m.Bindings[n].(*ssa.Alloc); ok && free == v {
				only = load.OnlyStore(a)
			}
		}
	})
	return only
}

func (e *endless) note(v ssa.Value) bool {
	if isContext(v.Type()) || isContext(deref(v.Type())) {
		e.context = true
	} else {
		e.channel = true
	}
	return true
}

func (e *endless) noteMade(made *ssa.MakeChan) bool {
	e.made = made
	return e.note(made)
}

func isContext(t types.Type) bool { return typeName(t) == "context.Context" }

// cancelledAtEnd: the cancel function is only deferred: it runs when the function ends.
func cancelledAtEnd(c *ssa.Call) bool {
	cancel, _ := result(c, 1)
	if cancel == nil {
		return true
	}
	for _, r := range *cancel.Referrers() {
		switch r.(type) {
		case *ssa.Defer, *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}

// runs says whether no way leads from the entry to a return.
func (e *endless) runs(fn *ssa.Function) bool {
	return noReturn(fn, e.stays, func(b *ssa.BasicBlock, n int) bool {
		if e.blocked(b, n) {
			return false
		}
		e.loops = e.loops || b.Succs[n].Dominates(b)
		return true
	})
}

// stays: the block is never left: it waits for what never comes, or calls what
// never returns.
func (e *endless) stays(b *ssa.BasicBlock) bool {
	for _, instr := range b.Instrs {
		switch i := instr.(type) {
		case *ssa.UnOp:
			if i.Op == token.ARROW && e.never(i.X) {
				e.parks = true
				return true
			}
		case *ssa.Select:
			stays := i.Blocking
			for _, s := range i.States {
				stays = stays && s.Dir == types.RecvOnly && e.never(s.Chan)
			}
			if stays {
				e.parks = true
				return true
			}
		case *ssa.Call:
			if endsProgram(i.Common()) {
				return true
			}
			callee := i.Call.StaticCallee()
			if callee == nil {
				continue
			}
			s := e.x.known(callee)
			if s == nil {
				continue
			}
			if s.Ends {
				e.loops = e.loops || s.Loops
				return true
			}
			for _, n := range s.Until {
				if n < len(i.Call.Args) && e.never(i.Call.Args[n]) {
					e.loops = true
					return true
				}
			}
		}
	}
	return false
}

// blocked: the n-th way out of the block is taken only when something ends that never does.
func (e *endless) blocked(b *ssa.BasicBlock, n int) bool {
	branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	cond, truth := branch.Cond, 0 // the way that is taken when it holds
	if not, ok := cond.(*ssa.UnOp); ok && not.Op == token.NOT {
		cond, truth = not.X, 1
	}
	if n == truth && e.x.neverSet(cond) {
		e.flag = true
		return true
	}
	op, ok := branch.Cond.(*ssa.BinOp)
	if !ok || op.Op != token.EQL && op.Op != token.NEQ {
		return false
	}
	if call, ok := op.X.(*ssa.Call); ok && call.Call.IsInvoke() && call.Call.Method.Name() == "Err" && isContext(call.Call.Value.Type()) {
		c, ok := op.Y.(*ssa.Const) // ctx.Err() is nil
		return ok && c.IsNil() && (op.Op == token.NEQ) == (n == 0) && e.never(call.Call.Value)
	}
	extract, ok := op.X.(*ssa.Extract)
	if !ok || extract.Index != 0 || op.Op != token.EQL || n != 0 {
		return false
	}
	sel, ok := extract.Tuple.(*ssa.Select)
	index, isConst := op.Y.(*ssa.Const)
	if !ok || !isConst {
		return false
	}
	k := int(index.Int64())
	return k >= 0 && k < len(sel.States) && sel.States[k].Dir == types.RecvOnly && e.never(sel.States[k].Chan)
}

// until are the parameters of a function that alone can end it.
func (x *extractor) until(fn *ssa.Function) (list []int) {
	for n, p := range fn.Params {
		if _, isChan := p.Type().Underlying().(*types.Chan); !isChan && !isContext(p.Type()) {
			continue
		}
		e := &endless{x: x, dead: map[ssa.Value]bool{p: true}}
		if e.runs(fn) && e.loops && !x.endsOtherwise(fn) {
			list = append(list, n)
		}
	}
	return list
}

// starts are the parameters of a function that it runs in a goroutine.
func starts(fn *ssa.Function) (list []int) {
	for n, p := range fn.Params {
		if _, isFunc := p.Type().Underlying().(*types.Signature); !isFunc {
			continue
		}
		found := false
		instructions(fn, func(instr ssa.Instruction) {
			g, ok := instr.(*ssa.Go)
			if !ok {
				return
			}
			found = found || g.Call.Value == ssa.Value(p)
			m, ok := g.Call.Value.(*ssa.MakeClosure)
			if !ok {
				return
			}
			inner := m.Fn.(*ssa.Function)
			for k, b := range m.Bindings {
				a, ok := b.(*ssa.Alloc)
				if ok && load.OnlyStore(a) == ssa.Value(p) && callsVariable(inner, inner.FreeVars[k]) {
					found = true
				}
			}
		})
		if found {
			list = append(list, n)
		}
	}
	return list
}

// callsVariable: the closure calls the function in a captured variable.
func callsVariable(fn *ssa.Function, v ssa.Value) (found bool) {
	instructions(fn, func(instr ssa.Instruction) {
		if c, ok := instr.(*ssa.Call); ok {
			load, ok := c.Call.Value.(*ssa.UnOp)
			found = found || ok && load.X == v
		}
	})
	return found
}

// openForEver are package variables with channels that nobody closes.
var openForEver = map[string]bool{"k8s.io/apimachinery/pkg/util/wait.NeverStop": true}

// neverClosed: a package variable has a channel that nothing closes or sends to.
func (x *extractor) neverClosed(g *ssa.Global) bool {
	if g.Pkg == nil || g.Object() == nil {
		return false
	}
	if g.Pkg != x.unit.SSA {
		return openForEver[g.Pkg.Pkg.Path()+"."+g.Name()]
	}
	ch, ok := deref(g.Type()).Underlying().(*types.Chan)
	if !ok || g.Object().Exported() && ch.Dir() != types.RecvOnly {
		return false
	}
	made := 0
	for _, fn := range append(x.functions, g.Pkg.Func("init")) {
		if fn == nil {
			continue
		}
		bad := false
		instructions(fn, func(instr ssa.Instruction) {
			switch i := instr.(type) {
			case *ssa.Store:
				if i.Addr == ssa.Value(g) {
					v := i.Val
					if c, ok := v.(*ssa.ChangeType); ok {
						v = c.X
					}
					m, isMade := v.(*ssa.MakeChan)
					bad = bad || !isMade || fn.Name() != "init" || len(*m.Referrers()) > 1
					made++
				}
			case *ssa.UnOp:
				bad = bad || i.X == ssa.Value(g) && ch.Dir() != types.RecvOnly && x.effectIn(fn, i, &Kind{}) != Borrowed
			}
		})
		if bad {
			return false
		}
	}
	return made > 0
}
