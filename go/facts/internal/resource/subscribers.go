package resource

import (
	"fmt"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// subscribers looks for channels that a function registers in a shared list or
// map, whose receiver leaves without taking them out again, while somebody
// sends to all that are registered, outside of any select.
func (x *extractor) subscribers() {
	plain := map[string]*ssa.Send{}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			if s, ok := i.(*ssa.Send); ok {
				if key := registryOf(s.Chan); key != "" {
					plain[key] = s
				}
			}
		})
	}
	if len(plain) == 0 {
		return
	}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			made, ok := i.(*ssa.MakeChan)
			if !ok {
				return
			}
			key, others := registeredIn(made)
			if key == "" || others || plain[key] == nil || x.oncePerProgram(fn) {
				return
			}
			receiver, is := receiverOf(fn, made)
			if receiver == nil || x.takesOut(fn, key) {
				return
			}
			at, leaves := leavesEarly(receiver, is)
			if !leaves {
				return
			}
			x.report(fn, "subscribe", Finding{Rule: "goroutine/no-receiver", Verdict: "suspect", pos: made.Pos(),
				Message: fmt.Sprintf("line %d stops to receive and leaves the channel registered, and line %d sends to all that are", x.line(at), x.line(plain[key].Pos())),
				Cause:   "the sender waits for ever for the one that has left, often with a lock held",
				Fix:     "take the channel out where the loop is left, and send in a select that can give up",
				Related: []Place{x.place(made.Pos(), "the channel"), x.place(at, "leaves"), x.place(plain[key].Pos(), "sends here")}})
		})
	}
}

// registryOf is the shared list or map that a channel is an element of, as a
// loop over it gives it.
func registryOf(v ssa.Value) string {
	switch t := v.(type) {
	case *ssa.Extract:
		if next, ok := t.Tuple.(*ssa.Next); ok {
			if r, ok := next.Iter.(*ssa.Range); ok {
				return poolKey(r.X)
			}
		}
	case *ssa.UnOp:
		if index, ok := t.X.(*ssa.IndexAddr); ok && t.Op == token.MUL {
			return poolKey(index.X)
		}
	case *ssa.ChangeType:
		return registryOf(t.X)
	}
	return ""
}

// registeredIn is the shared map that the channel is put into; others: it goes
// elsewhere, too.
func registeredIn(made *ssa.MakeChan) (key string, others bool) {
	queue := []ssa.Value{made}
	for n := 0; n < len(queue) && n < 16; n++ {
		for _, r := range *queue[n].Referrers() {
			switch i := r.(type) {
			case *ssa.MapUpdate:
				key = poolKey(i.Map)
			case *ssa.Store:
				a, ok := i.Addr.(*ssa.Alloc)
				if i.Val != queue[n] {
					continue
				}
				if ok && channelMadeHere(a) == made {
					queue = append(queue, a)
					continue
				}
				index, ok := i.Addr.(*ssa.IndexAddr)
				if !ok {
					return "", true
				}
				array, ok := index.X.(*ssa.Alloc)
				if !ok {
					return "", true
				}
				added := appendOf(array)
				if added == nil {
					return "", true
				}
				for _, r := range *added.Referrers() {
					if s, ok := r.(*ssa.Store); ok {
						key = poolKey(s.Addr)
					}
				}
			case *ssa.UnOp:
				if i.Op == token.MUL {
					queue = append(queue, i)
				}
			case *ssa.Return, *ssa.Send, *ssa.Call, *ssa.Defer, *ssa.Go, *ssa.MakeInterface:
				return "", true
			}
		}
	}
	return key, false
}

// receiverOf is the function that receives: this one, or a goroutine of it.
func receiverOf(fn *ssa.Function, made *ssa.MakeChan) (receiver *ssa.Function, is func(ssa.Value) bool) {
	instructions(fn, func(i ssa.Instruction) {
		m, ok := i.(*ssa.MakeClosure)
		if !ok {
			return
		}
		inner := m.Fn.(*ssa.Function)
		for n, b := range m.Bindings {
			if channelMadeHere(b) == made {
				receiver, is = inner, freeChannel(inner.FreeVars[n])
			}
		}
	})
	if receiver == nil {
		return fn, func(v ssa.Value) bool { return origin(v) == ssa.Value(made) }
	}
	return receiver, is
}

// takesOut: the function, a closure of it or what it calls removes from the
// list or map.
func (x *extractor) takesOut(fn *ssa.Function, key string) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		found = found || x.removesEntry(i, key, 0)
		if s, ok := i.(*ssa.Store); ok && poolKey(s.Addr) == key && !isAppend(s.Val) {
			found = true // a list without it
		}
	})
	for _, inner := range fn.AnonFuncs {
		found = found || x.takesOut(inner, key)
	}
	return found
}
