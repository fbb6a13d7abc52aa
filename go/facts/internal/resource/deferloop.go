package resource

import (
	"regexp"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// ofEarlier: the deferred call gives back an element of a list or map that was
// filled before the loop, so that no pass of the loop opens anything.
func ofEarlier(d *ssa.Defer) bool {
	loop := loopOf(d.Block())
	var released []ssa.Value
	switch {
	case d.Call.IsInvoke():
		released = append(released, d.Call.Value)
	case d.Call.StaticCallee() == nil:
		released = append(released, d.Call.Value) // cancel()
	default:
		if m, ok := d.Call.Value.(*ssa.MakeClosure); ok {
			released = append(released, m.Bindings...)
		}
		released = append(released, d.Call.Args...)
	}
	found := false
	for _, v := range released {
		element := rangedOver(v, loop)
		if element == nil {
			if v = source(v); inBlocks(v, loop) {
				return false // something of this pass is given back
			}
			continue
		}
		if opensElement(element, loop) {
			return false
		}
		found = true
	}
	return found
}

// usedTogether: each pass puts what it opens into a list, and behind the loop
// the list is used as a whole: all has to be open until then.
func usedTogether(d *ssa.Defer) bool {
	released := d.Call.Value
	if !d.Call.IsInvoke() && len(d.Call.Args) > 0 {
		released = d.Call.Args[0]
	} else if m, ok := d.Call.Value.(*ssa.MakeClosure); ok && len(m.Bindings) == 1 {
		released = m.Bindings[0]
	}
	thing := source(released)
	loop := loopOf(d.Block())
	if thing.Referrers() == nil || !inBlocks(thing, loop) {
		return false
	}
	c := collectionOf(thing)
	if c == nil || !c.local() {
		return false
	}
	for v := range c.values {
		if v.Referrers() == nil {
			continue
		}
		for _, r := range *v.Referrers() {
			if _, joins := r.(*ssa.Phi); !joins && !loop[r.Block()] && reaches(d.Block(), r.Block(), nil) {
				return true
			}
		}
	}
	return false
}

// source follows conversions, variables set once, and fields to where they are from.
func source(v ssa.Value) ssa.Value {
	for range 8 {
		v = origin(v)
		switch t := v.(type) {
		case *ssa.Alloc:
			only := load.OnlyStore(t)
			if only == nil {
				return v
			}
			v = only
		case *ssa.UnOp:
			f, ok := t.X.(*ssa.FieldAddr)
			if !ok {
				return v
			}
			v = f.X
		case *ssa.FieldAddr:
			v = t.X
		case *ssa.Field:
			v = t.X
		default:
			return v
		}
	}
	return v
}

// rangedOver is the element of a list or map from before the loop that a value
// is, or is a field of; nil where it is something else.
func rangedOver(v ssa.Value, loop map[*ssa.BasicBlock]bool) ssa.Value {
	v = source(v)
	switch t := v.(type) {
	case *ssa.UnOp: // for _, e := range list, list[i]
		if index, ok := t.X.(*ssa.IndexAddr); ok && !inBlocks(index.X, loop) {
			return v
		}
	case *ssa.IndexAddr:
		if !inBlocks(t.X, loop) {
			return v
		}
	case *ssa.Extract: // for _, e := range m
		next, ok := t.Tuple.(*ssa.Next)
		if !ok {
			return nil
		}
		if r, ok := next.Iter.(*ssa.Range); ok && !inBlocks(r, loop) && !inBlocks(r.X, loop) {
			return v
		}
	}
	return nil
}

func inBlocks(v ssa.Value, blocks map[*ssa.BasicBlock]bool) bool {
	i, ok := v.(ssa.Instruction)
	return ok && blocks[i.Block()]
}

// opensElement: the loop locks, opens or starts the element, or stores into
// the list, so that each pass has something of its own to give back.
func opensElement(element ssa.Value, loop map[*ssa.BasicBlock]bool) bool {
	for b := range loop {
		for _, i := range b.Instrs {
			switch t := i.(type) {
			case *ssa.Call:
				args := t.Call.Args
				if t.Call.IsInvoke() {
					args = append([]ssa.Value{t.Call.Value}, args...)
				}
				if len(args) > 0 && saysOpens.MatchString(calleeName(t.Common())) && sameSource(args[0], element) {
					return true
				}
			case *ssa.Store:
				if index, ok := t.Addr.(*ssa.IndexAddr); ok && index.X == listOf(element) {
					return true
				}
				if f, ok := t.Addr.(*ssa.FieldAddr); ok && sameSource(f.X, element) {
					return true
				}
			}
		}
	}
	return false
}

var saysOpens = regexp.MustCompile(`(?i)lock|open|start|acquire|begin|connect|dial|listen|init|subscribe|attach|reset|mount|run`)

func listOf(element ssa.Value) ssa.Value {
	if u, ok := element.(*ssa.UnOp); ok {
		element = u.X
	}
	if index, ok := element.(*ssa.IndexAddr); ok {
		return index.X
	}
	return nil
}

// sameSource: the same element, also where it is read from the list again.
func sameSource(v, element ssa.Value) bool {
	v = source(v)
	return v == element || listOf(element) != nil && listOf(v) == listOf(element)
}
