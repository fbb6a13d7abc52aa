package resource

import "golang.org/x/tools/go/ssa"

// inGoroutine: a started closure gives the thing back, and nobody else does.
// Then the walk goes on in there, from its start.
func (w *walker) inGoroutine(s *state, g *ssa.Go) bool {
	m, ok := g.Call.Value.(*ssa.MakeClosure)
	if !ok || w.lock != nil {
		return false
	}
	callee := m.Fn.(*ssa.Function)
	if len(callee.Blocks) == 0 || callee == w.fn {
		return false
	}
	for n, b := range m.Bindings {
		has := s.held[b]
		if has == 0 || has == container || w.x.freeEffect(callee, n, w.kind) != Released || w.givenBackElsewhere(b, has, g) {
			continue
		}
		inner := &walker{x: w.x, fn: callee, kind: w.kind, typ: w.typ}
		out := inner.run(map[ssa.Value]role{callee.FreeVars[n]: has}, map[ssa.Value]fact{})
		if out.gaveUp || len(out.exits) == 0 {
			w.out.released = true
			return true
		}
		w.out.exits = append(w.out.exits, out.exits...)
		return true
	}
	return false
}

// givenBackElsewhere: something in the function other than the go statement
// releases the thing, keeps it or returns it.
func (w *walker) givenBackElsewhere(v ssa.Value, r role, g *ssa.Go) bool {
	f := &flow{x: w.x, kind: w.kind, typ: w.typ, held: map[ssa.Value]role{v: r}}
	for range 3 {
		for _, b := range w.fn.Blocks {
			for _, i := range b.Instrs {
				if s, ok := i.(*ssa.Store); i == ssa.Instruction(g) || ok && s.Addr == v {
					continue
				}
				if m, ok := i.(*ssa.MakeClosure); ok && ssa.Value(m) == g.Call.Value {
					continue
				}
				if f.step(i) > Borrowed {
					return true
				}
			}
		}
	}
	return false
}
