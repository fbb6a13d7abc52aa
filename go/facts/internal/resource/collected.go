package resource

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// collected looks after a thing that goes into a list or map of the function,
// and nowhere else: is the list given back, returned or handed on on every way
// out from there?
func (x *extractor) collected(fn *ssa.Function, instr ssa.Instruction, t taking) {
	kind := x.table.kind(t.kind)
	if t.value == nil || x.oncePerProgram(fn) || t.kind == "transport" || t.kind == "signal" || x.reported(kind.Rule, instr) {
		return
	}
	c := collectionOf(t.value)
	if c == nil || !c.local() || x.givenBeside(fn, t, c.put, Borrowed) {
		return
	}
	x.listUses(fn, c)
	if c.shared {
		return
	}
	at, lost := c.lost()
	if !lost {
		return
	}
	x.report(fn, t.how, Finding{Rule: kind.Rule, Kind: t.kind, Verdict: "suspect", Cause: kind.WhenNot, Before: kind.Before, pos: instr.Pos(),
		Message: fmt.Sprintf("the %s from %s goes into a list, and the way out in line %d drops the list with all that is in it", kind.Noun, t.how, x.line(at)),
		Fix:     "give back what is in the list on every way out: defer a function that goes through it unless all went well",
		Related: []Place{x.place(instr.Pos(), "taken here"), x.place(posOf(c.into, c.list), "put into the list"), x.place(at, "leaves without the list")}})
}

// collection is a list or map of a function.
type collection struct {
	put  ssa.Instruction // makes the thing a part of it
	into ssa.Instruction // from where on the list has it
	list ssa.Value
	// values name the list: what append returns, variables, parts of it.
	values map[ssa.Value]bool
	// ends are instructions behind which the list is somebody else's, or what is
	// in it is given back; blocks are heads of loops that do the latter.
	ends   map[ssa.Instruction]bool
	blocks map[*ssa.BasicBlock]bool
	shared bool       // a closure has it too
	owner  *ssa.Alloc // the struct that has it in a field; nil for a variable
	field  int
}

// collectionOf is the one list or map that a thing is put into.
func collectionOf(v ssa.Value) *collection {
	var found *collection
	queue := []ssa.Value{v}
	for n := 0; n < len(queue) && n < 8; n++ {
		for _, r := range *queue[n].Referrers() {
			var c *collection
			switch i := r.(type) {
			case *ssa.ChangeType:
				queue = append(queue, i)
			case *ssa.ChangeInterface:
				queue = append(queue, i)
			case *ssa.MakeInterface:
				queue = append(queue, i)
			case *ssa.MapUpdate:
				if i.Value == queue[n] {
					c = &collection{put: i, into: i, list: i.Map}
				}
			case *ssa.Store:
				index, ok := i.Addr.(*ssa.IndexAddr)
				if !ok || i.Val != queue[n] {
					continue
				}
				c = &collection{put: i, into: i, list: index.X}
				if array, ok := index.X.(*ssa.Alloc); ok {
					call := appendOf(array)
					if call == nil {
						return nil
					}
					c.into, c.list = call, call
				}
			}
			if c != nil && found != nil {
				return nil
			} else if c != nil {
				found = c
			}
		}
	}
	return found
}

// appendOf is the append whose further arguments are in the array.
func appendOf(array *ssa.Alloc) *ssa.Call {
	for _, r := range *array.Referrers() {
		cut, ok := r.(*ssa.Slice)
		if !ok {
			continue
		}
		for _, r := range *cut.Referrers() {
			if call, ok := r.(*ssa.Call); ok && isAppend(call) && call.Call.Args[0] != ssa.Value(cut) {
				return call
			}
		}
	}
	return nil
}

func isAppend(v ssa.Value) bool {
	call, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	b, ok := call.Call.Value.(*ssa.Builtin)
	return ok && b.Name() == "append"
}

// local names the list, back to where it was made; false where others made it.
func (c *collection) local() bool {
	c.values = map[ssa.Value]bool{}
	queue := []ssa.Value{c.list}
	for n := 0; n < len(queue); n++ {
		v := queue[n]
		if c.values[v] {
			continue
		}
		switch t := v.(type) {
		case *ssa.Const:
			continue // nil
		case *ssa.MakeSlice, *ssa.MakeMap:
		case *ssa.Alloc:
			if t.Comment != "makeslice" && t.Comment != "slicelit" {
				if _, array := deref(t.Type()).Underlying().(*types.Array); array {
					return false // an array variable
				}
			}
			for _, r := range *t.Referrers() {
				if s, ok := r.(*ssa.Store); ok && s.Addr == v {
					queue = append(queue, s.Val)
				}
			}
		case *ssa.Phi:
			queue = append(queue, t.Edges...)
		case *ssa.Slice:
			queue = append(queue, t.X)
		case *ssa.ChangeType:
			queue = append(queue, t.X)
		case *ssa.Call:
			if !isAppend(t) {
				return false
			}
			queue = append(queue, t.Call.Args[0])
		case *ssa.UnOp:
			if t.Op != token.MUL {
				return false
			}
			if addr, ok := t.X.(*ssa.FieldAddr); ok { // a list in a struct of the function
				owner, local := origin(addr.X).(*ssa.Alloc)
				if !local || structOf(owner.Type()) == nil {
					return false
				}
				c.owner, c.field = owner, addr.Field
				break
			}
			if _, variable := t.X.(*ssa.Alloc); !variable {
				return false
			}
			queue = append(queue, t.X)
		default:
			return false
		}
		c.values[v] = true
	}
	return true
}

// givenBeside: the function does more with the thing than to put it in the list
// and what is allowed.
func (x *extractor) givenBeside(fn *ssa.Function, t taking, put ssa.Instruction, allowed Effect) bool {
	taken := func(o *ssa.BasicBlock) bool { return o == t.value.(ssa.Instruction).Block() }
	return x.acts(fn, t.value, put, func(i ssa.Instruction, e Effect) bool {
		// On the way to the list a failure may give it back.
		return e > allowed && (e != Released || put.Block() == i.Block() || reaches(put.Block(), i.Block(), taken))
	})
}

// listUses finds what becomes of the list and of what is in it.
func (x *extractor) listUses(fn *ssa.Function, c *collection) {
	c.ends, c.blocks = map[ssa.Instruction]bool{}, map[*ssa.BasicBlock]bool{}
	var queue []ssa.Value
	for v := range c.values {
		queue = append(queue, v)
	}
	if c.owner != nil {
		c.values[c.owner] = true
		queue = append(queue, c.owner)
	}
	add := func(v ssa.Value) {
		if !c.values[v] {
			c.values[v] = true
			queue = append(queue, v)
		}
	}
	for n := 0; n < len(queue) && !c.shared; n++ {
		v := queue[n]
		if v.Referrers() == nil {
			continue
		}
		for _, r := range *v.Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef, *ssa.BinOp:
			case *ssa.Phi:
				add(i)
			case *ssa.Slice:
				add(i)
			case *ssa.ChangeType:
				add(i)
			case *ssa.UnOp:
				if i.Op == token.MUL {
					add(i)
				}
			case *ssa.Store:
				if i.Val != v {
					continue
				}
				if a, ok := i.Addr.(*ssa.Alloc); ok && !a.Heap {
					add(a)
				} else if addr, ok := i.Addr.(*ssa.FieldAddr); ok && c.owner != nil && origin(addr.X) == ssa.Value(c.owner) {
					continue
				} else {
					c.ends[i] = true
				}
			case *ssa.MapUpdate:
				c.ends[i] = c.ends[i] || i.Value == v
			case *ssa.FieldAddr:
				if i.Field == c.field {
					add(i)
				}
			case *ssa.IndexAddr:
				for _, r := range *i.Referrers() {
					if load, ok := r.(*ssa.UnOp); ok {
						x.element(fn, c, load)
					} else if s, ok := r.(*ssa.Store); !ok || s.Addr != ssa.Value(i) {
						c.ends[i] = true
					}
				}
			case *ssa.Lookup:
				x.element(fn, c, i)
			case *ssa.Range:
				for _, r := range *i.Referrers() {
					if next, ok := r.(*ssa.Next); ok {
						for _, r := range *next.Referrers() {
							if e, ok := r.(*ssa.Extract); ok && e.Index == 2 {
								x.element(fn, c, e)
							}
						}
					}
				}
			case *ssa.MakeClosure:
				c.shared = true
			case *ssa.Call:
				if b, ok := i.Call.Value.(*ssa.Builtin); ok {
					if b.Name() == "append" && i.Call.Args[0] == v {
						add(i)
					} else if b.Name() == "append" || b.Name() == "copy" {
						c.ends[i] = true
					}
					continue
				}
				for n, a := range i.Call.Args {
					if a == v && x.argument(&i.Call, n, true) != Borrowed {
						c.ends[i] = true
					}
				}
			case ssa.Instruction:
				c.ends[i] = true
			}
		}
	}
}

// element: one of the list is read; what gives it back in a loop gives all back.
func (x *extractor) element(fn *ssa.Function, c *collection, v ssa.Value) {
	if x.effectIn(fn, v, anyKind) == Borrowed {
		return
	}
	at := v.(ssa.Instruction)
	c.ends[at] = true
	for _, h := range headers(at.Block()) {
		if !loopOf(h)[c.into.Block()] {
			c.blocks[h] = true
		}
	}
}

// lost walks from where the thing is in the list to a return.
func (c *collection) lost() (token.Pos, bool) {
	seen := map[*ssa.BasicBlock]bool{}
	walk := []*ssa.BasicBlock{c.into.Block()}
	from := 0
	for n, i := range c.into.Block().Instrs {
		if i == c.into {
			from = n + 1
		}
	}
	for ; len(walk) > 0; walk = walk[1:] {
		b, ended := walk[0], c.blocks[walk[0]]
		for _, i := range b.Instrs[from:] {
			call, isCall := i.(*ssa.Call)
			ended = ended || c.ends[i] || isCall && endsProgram(call.Common())
			if r, ok := i.(*ssa.Return); ok && !ended {
				return exitPos(r), true
			}
		}
		from = 0
		if _, panics := b.Instrs[len(b.Instrs)-1].(*ssa.Panic); ended || panics {
			continue
		}
		for n, s := range b.Succs {
			if !seen[s] && !c.empty(b, n) {
				seen[s] = true
				walk = append(walk, s)
			}
		}
	}
	return token.NoPos, false
}

// empty: the branch is taken when the list has nothing in it.
func (c *collection) empty(b *ssa.BasicBlock, succ int) bool {
	branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	op, ok := branch.Cond.(*ssa.BinOp)
	if !ok {
		return false
	}
	zero, ok := op.Y.(*ssa.Const)
	if !ok {
		return false
	}
	if length, ok := op.X.(*ssa.Call); ok {
		bi, ok := length.Call.Value.(*ssa.Builtin)
		if !ok || bi.Name() != "len" || !c.values[length.Call.Args[0]] || zero.Value == nil || zero.Int64() != 0 {
			return false
		}
	} else if !c.values[op.X] || !zero.IsNil() {
		return false
	}
	switch op.Op {
	case token.EQL, token.LEQ:
		return succ == 0
	case token.NEQ, token.GTR:
		return succ == 1
	}
	return false
}
