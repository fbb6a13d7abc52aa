package resource

import (
	"go/token"
	"go/types"
	"regexp"

	"golang.org/x/tools/go/ssa"
)

// usesOfFields is what each function does with the fields that are looked at.
type usesOfFields map[*ssa.Function]map[*types.Var]*fieldUse

// refilled looks for functions that put a new thing into a field which has one
// already: each value of the struct is made with one, a loop comes back to it,
// or a limit that what is in the field has reached leads to it. Who asks
// whether the field has one, or closes it, is not meant.
func (x *extractor) refilled(all []*kept, uses usesOfFields) {
	for _, k := range all {
		if x.reported(x.table.kind(k.t.kind).Rule, k.instr) {
			continue
		}
		u := uses[k.fn][k.field]
		store := storeOf(k)
		if u == nil || u.given || store == nil {
			continue
		}
		limited := orLimit(k.fn, k.field, store.Block())
		if u.asked && !limited || givenByCallee(k.fn, k.field, uses, 0) || x.releasedBehind(store, k.t.value) {
			continue
		}
		addr := store.Addr.(*ssa.FieldAddr)
		if !given(addr.X) || x.givenByCaller(k, uses) {
			continue
		}
		switch {
		case x.oncePerProgram(k.fn):
		case limited || x.calledOrLimit(k):
			x.reportReplaced(k, k.fn, store, "another one is put in its place where a limit is reached, though it has one")
		case x.table.kind(k.t.kind).Called && again.MatchString(k.fn.Name()):
			x.reportReplaced(k, k.fn, store, "the one of the call before is forgotten")
		case inLoop(store.Block()) && fromOutside(addr.X, store.Block()) && repeats(k.fn, store, k.field):
			x.reportReplaced(k, k.fn, store, "the next pass of the loop puts another one in its place")
		case x.alwaysMadeWith(k) && !x.calledWhereMade(k):
			x.reportReplaced(k, k.fn, store, "another one is put in the place of the one that it was made with")
		case x.calledAgain(k, store, uses):
			x.reportReplaced(k, k.fn, store, "another one is put in its place here")
		}
	}
}

// storeOf is where the thing is put into the field.
func storeOf(k *kept) (found *ssa.Store) {
	instructions(k.fn, func(i ssa.Instruction) {
		s, ok := i.(*ssa.Store)
		if !ok {
			return
		}
		addr, ok := s.Addr.(*ssa.FieldAddr)
		if !ok || origin(s.Val) != origin(k.t.value) {
			return
		}
		if f, _ := fieldOf(addr.X.Type(), addr.Field); f == k.field {
			found = s
		}
	})
	return found
}

// given: the struct was made by others.
func given(v ssa.Value) bool {
	switch t := v.(type) {
	case *ssa.Parameter, *ssa.FreeVar:
		return true
	case *ssa.UnOp:
		_, captured := t.X.(*ssa.FreeVar)
		return captured
	}
	return false
}

// fromOutside: the value is the same in each pass of the loop around the block.
func fromOutside(v ssa.Value, b *ssa.BasicBlock) bool {
	i, ok := v.(ssa.Instruction)
	return !ok || !loopOf(b)[i.Block()]
}

// repeats: a way leads from the instruction back to itself, and the field is
// used on it.
func repeats(fn *ssa.Function, at ssa.Instruction, f *types.Var) (used bool) {
	loop := loopOf(at.Block())
	instructions(fn, func(i ssa.Instruction) {
		addr, ok := i.(*ssa.FieldAddr)
		if !ok || !loop[i.Block()] {
			return
		}
		if g, _ := fieldOf(addr.X.Type(), addr.Field); g != f {
			return
		}
		for _, r := range *addr.Referrers() {
			_, load := r.(*ssa.UnOp)
			used = used || load
		}
	})
	return used
}

// releasedBehind: the function itself gives the thing back after it put it into the field.
func (x *extractor) releasedBehind(store *ssa.Store, v ssa.Value) bool {
	made := func(o *ssa.BasicBlock) bool { return o == v.(ssa.Instruction).Block() }
	return x.acts(store.Parent(), v, store, func(i ssa.Instruction, e Effect) bool {
		return e > Borrowed && (before(store, i) || reaches(store.Block(), i.Block(), made))
	})
}

// givenByCaller: a function that calls this one, directly or over others,
// closes what the field has, or asks for it.
func (x *extractor) givenByCaller(k *kept, uses usesOfFields) bool {
	seen := map[*ssa.Function]bool{k.fn: true}
	for queue := []*ssa.Function{k.fn}; len(queue) > 0; queue = queue[1:] {
		for _, caller := range x.callersOf(queue[0]) {
			if seen[caller] {
				continue
			}
			seen[caller] = true
			if u := uses[caller][k.field]; u != nil && (u.given || u.asked && !callsOrLimit(caller, queue[0], k.field)) || givenByCallee(caller, k.field, uses, 1) {
				return true
			}
			if len(seen) < 16 {
				queue = append(queue, caller)
			}
		}
	}
	return false
}

// alwaysMadeWith: whoever makes a value of the struct puts something into the field.
func (x *extractor) alwaysMadeWith(k *kept) bool {
	made, without := 0, false
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			if a := makes(i, k.owner); a != nil {
				made++
				without = without || !fills(a, k.field)
			}
		})
	}
	return made > 0 && !without
}

// makes is the variable of the type that an instruction makes, nil for others.
func makes(i ssa.Instruction, owner *types.Named) *ssa.Alloc {
	a, ok := i.(*ssa.Alloc)
	if !ok {
		return nil
	}
	if named, ok := types.Unalias(deref(a.Type())).(*types.Named); !ok || named.Origin() != owner {
		return nil
	}
	return a
}

func fills(a *ssa.Alloc, f *types.Var) (found bool) {
	for _, r := range *a.Referrers() {
		addr, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		if g, _ := fieldOf(addr.X.Type(), addr.Field); g != f {
			continue
		}
		for _, r := range *addr.Referrers() {
			s, ok := r.(*ssa.Store)
			if !ok || s.Addr != ssa.Value(addr) {
				continue
			}
			c, constant := s.Val.(*ssa.Const)
			found = found || !(constant && c.IsNil())
		}
	}
	return found
}

// calledWhereMade: the function belongs to the making of the struct.
func (x *extractor) calledWhereMade(k *kept) bool {
	for _, caller := range x.callersOf(k.fn) {
		made := false
		instructions(caller, func(i ssa.Instruction) {
			made = made || makes(i, k.owner) != nil
		})
		if made {
			return true
		}
	}
	return false
}

// calledAgain: a function that uses the field calls this one in a loop that
// comes back after it went well, or because a limit was reached.
func (x *extractor) calledAgain(k *kept, store *ssa.Store, uses usesOfFields) bool {
	if x.atLimit(store.Block()) && len(uses[k.fn][k.field].used) > 0 {
		return true
	}
	for _, caller := range x.callersOf(k.fn) {
		u := uses[caller][k.field]
		if x.oncePerProgram(caller) {
			continue
		}
		found := false
		instructions(caller, func(i ssa.Instruction) {
			call, ok := i.(*ssa.Call)
			if !ok || call.Call.StaticCallee() != k.fn || found {
				return
			}
			found = u != nil && len(u.used) > 0 && x.atLimit(call.Block()) ||
				inLoop(call.Block()) && len(call.Call.Args) > 0 && fromOutside(call.Call.Args[0], call.Block()) && x.comesBack(call, k.field, uses)
		})
		if found {
			return true
		}
	}
	return false
}

// comesBack: after the call went well a way leads back to it on which the field is used.
func (x *extractor) comesBack(call *ssa.Call, f *types.Var, uses usesOfFields) bool {
	from := wentWell(call)
	if from == nil {
		return false
	}
	loop := loopOf(call.Block())
	if !loop[from] {
		return false
	}
	for b := range loop {
		if b != from && !reaches(from, b, func(o *ssa.BasicBlock) bool { return o == call.Block() }) {
			continue
		}
		for _, i := range b.Instrs {
			switch i := i.(type) {
			case *ssa.FieldAddr:
				if g, _ := fieldOf(i.X.Type(), i.Field); g == f {
					return true
				}
			case *ssa.Call:
				if callee := i.Call.StaticCallee(); i != call && callee != nil && uses[callee][f] != nil && len(uses[callee][f].used) > 0 {
					return true
				}
			}
		}
	}
	return false
}

// wentWell is the block behind the call in which its error is nil; nil where
// nothing asks for the error.
func wentWell(call *ssa.Call) *ssa.BasicBlock {
	for _, b := range call.Parent().Blocks {
		branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		op, ok := branch.Cond.(*ssa.BinOp)
		if !ok || op.Op != token.EQL && op.Op != token.NEQ || !isError(op.X.Type()) {
			continue
		}
		err := op.X
		if e, ok := err.(*ssa.Extract); ok {
			err = e.Tuple
		}
		if c, ok := op.Y.(*ssa.Const); !ok || !c.IsNil() || err != ssa.Value(call) {
			continue
		}
		if op.Op == token.EQL {
			return b.Succs[0]
		}
		return b.Succs[1]
	}
	return nil
}

// atLimit: the block runs only where a count that grows in a field, or the
// time since something, has reached a limit.
func (x *extractor) atLimit(b *ssa.BasicBlock) bool {
	for at := b; at.Idom() != nil; at = at.Idom() {
		from := at.Idom()
		branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
		if !ok || len(at.Preds) != 1 || from.Succs[0] != at {
			continue
		}
		switch c := branch.Cond.(type) {
		case *ssa.BinOp:
			if (c.Op == token.GTR || c.Op == token.GEQ) && (x.countsUp(c.X, 0) || isElapsed(c.X)) {
				return true
			}
		case *ssa.Call:
			switch firstName(c.Common()) {
			case "time.Time.After", "time.Time.Before":
				return true
			}
		}
	}
	return false
}

func isElapsed(v ssa.Value) bool {
	c, ok := v.(*ssa.Call)
	return ok && (firstName(c.Common()) == "time.Since" || firstName(c.Common()) == "time.Time.Sub")
}

// countsUp: the value comes from a field that something in the package adds to.
func (x *extractor) countsUp(v ssa.Value, depth int) bool {
	switch t := v.(type) {
	case *ssa.BinOp:
		return depth < 3 && t.Op == token.ADD && (x.countsUp(t.X, depth+1) || x.countsUp(t.Y, depth+1))
	case *ssa.Convert:
		return depth < 3 && x.countsUp(t.X, depth+1)
	case *ssa.UnOp:
		addr, ok := t.X.(*ssa.FieldAddr)
		if !ok {
			return false
		}
		f, _ := fieldOf(addr.X.Type(), addr.Field)
		return f != nil && x.addedTo(f)
	}
	return false
}

func (x *extractor) addedTo(f *types.Var) bool {
	return !x.everyField(f, func(addr *ssa.FieldAddr) bool {
		for _, r := range *addr.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(addr) {
				if op, isOp := s.Val.(*ssa.BinOp); isOp && op.Op == token.ADD {
					return false
				}
			}
		}
		return true
	})
}

// again are names of functions that are there to be called more than once.
var again = regexp.MustCompile(`(?i)^(re(start|load|fresh|configure|new|set)|swap|replace|switch|rotate)`)

// orLimit: the block runs where the field has nothing yet, or else where a
// number has reached something: if f == nil || n > limit.
func orLimit(fn *ssa.Function, f *types.Var, b *ssa.BasicBlock) bool {
	for _, from := range fn.Blocks {
		branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
		if !ok || !from.Succs[0].Dominates(b) || len(from.Succs[1].Preds) != 1 {
			continue
		}
		op, ok := branch.Cond.(*ssa.BinOp)
		if !ok || op.Op != token.EQL || !isLoadOf(op.X, f) {
			continue
		}
		second, ok := from.Succs[1].Instrs[len(from.Succs[1].Instrs)-1].(*ssa.If)
		if !ok || from.Succs[1].Succs[0] != from.Succs[0] {
			continue
		}
		if limit, ok := second.Cond.(*ssa.BinOp); ok && isOrdered(limit.Op) {
			return true
		}
	}
	return false
}

func isLoadOf(v ssa.Value, f *types.Var) bool {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	addr, ok := load.X.(*ssa.FieldAddr)
	if !ok {
		return false
	}
	g, _ := fieldOf(addr.X.Type(), addr.Field)
	return g == f
}

func isOrdered(op token.Token) bool {
	return op == token.LSS || op == token.LEQ || op == token.GTR || op == token.GEQ
}

// callsOrLimit: each call of the function in this caller is made under orLimit.
func callsOrLimit(caller, fn *ssa.Function, f *types.Var) bool {
	calls, others := 0, 0
	instructions(caller, func(i ssa.Instruction) {
		if c, ok := i.(ssa.CallInstruction); ok && c.Common().StaticCallee() == fn {
			if orLimit(caller, f, i.Block()) {
				calls++
			} else {
				others++
			}
		}
	})
	return calls > 0 && others == 0
}

func (x *extractor) calledOrLimit(k *kept) bool {
	return anyOf(x.callersOf(k.fn), func(caller *ssa.Function) bool { return callsOrLimit(caller, k.fn, k.field) })
}
