package resource

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// promises looks for channels in fields that others wait for outside of any
// select, and that the one function which closes them leaves open on some way:
// the flight that others joined, a ready that is closed only when all went well.
func (x *extractor) promises() { x.channelFields(x.promise) }

// promise is what the package does with the channels in a field that are only
// waited for and closed.
func (x *extractor) promise(f *types.Var) {
	var closes []ssa.Instruction
	var wait *ssa.UnOp
	ok := x.everyField(f, func(addr *ssa.FieldAddr) bool {
		for _, r := range *addr.Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef:
			case *ssa.Store:
				if _, made := origin(i.Val).(*ssa.MakeChan); !made || i.Addr != ssa.Value(addr) {
					return false
				}
			case *ssa.UnOp:
				for _, r := range *i.Referrers() {
					switch u := r.(type) {
					case *ssa.DebugRef, *ssa.Select:
					case *ssa.UnOp:
						if !inLoop(u.Block()) {
							wait = u
						}
					case *ssa.Call:
						b, builtin := u.Call.Value.(*ssa.Builtin)
						if !builtin || b.Name() != "close" {
							return false
						}
						closes = append(closes, u)
					default:
						return false // deferred, sent on, handed on
					}
				}
			default:
				return false
			}
		}
		return true
	})
	if !ok || wait == nil || len(closes) == 0 {
		return
	}
	closer := closes[0].Parent()
	is := map[ssa.Instruction]bool{}
	for _, c := range closes {
		if c.Parent() != closer {
			return
		}
		is[c] = true
	}
	var from ssa.Instruction
	switch {
	case x.underOnce(closer), x.startedOnce(closer, f):
	default:
		if from = sharedHere(closer, f); from == nil {
			return // who knows how often it is called
		}
	}
	at, left := skips(closer, from, func(i ssa.Instruction) bool {
		switch i.(type) {
		case *ssa.Go, *ssa.Defer:
			return true // may close it
		}
		return is[i] || i == ssa.Instruction(wait)
	})
	if !left {
		return
	}
	x.report(wait.Parent(), "receive", Finding{Rule: "goroutine/no-close", Verdict: "suspect", pos: wait.Pos(),
		Message: fmt.Sprintf("waits for the channel in field %s, and what closes it can return in line %d without", f.Name(), x.line(at)),
		Cause:   "whoever waits, waits for ever",
		Fix:     "defer the close, and keep the error where those who wait find it",
		Related: []Place{x.place(f.Pos(), "the channel"), x.place(at, "leaves it open")}})
}

// startedOnce: the function is started as a goroutine by the one that makes the
// channel, and called nowhere else.
func (x *extractor) startedOnce(fn *ssa.Function, f *types.Var) bool {
	started, others := 0, false
	for _, caller := range append([]*ssa.Function{fn.Parent()}, x.callersOf(fn)...) {
		if caller == nil {
			continue
		}
		makes := false
		instructions(caller, func(i ssa.Instruction) {
			if made, ok := i.(*ssa.MakeChan); ok {
				field, _ := storedInField(made)
				makes = makes || field == f
			}
		})
		instructions(caller, func(i ssa.Instruction) {
			c, ok := i.(ssa.CallInstruction)
			if !ok || c.Common().StaticCallee() != fn {
				return
			}
			if _, goes := i.(*ssa.Go); goes && makes && !inLoop(i.Block()) {
				started++
			} else {
				others = true
			}
		})
	}
	return started > 0 && !others
}

// sharedHere is where a function gives others the struct that it made with a
// channel in the field.
func sharedHere(fn *ssa.Function, f *types.Var) (at ssa.Instruction) {
	instructions(fn, func(i ssa.Instruction) {
		made, ok := i.(*ssa.MakeChan)
		if !ok {
			return
		}
		field, holder := storedInField(made)
		if field != f || holder == nil {
			return
		}
		for _, r := range *holder.Referrers() {
			switch r := r.(type) {
			case *ssa.MapUpdate:
				if r.Value == ssa.Value(holder) {
					at = r
				}
			case *ssa.Store:
				_, local := addressRoot(r.Addr).(*ssa.Alloc)
				if r.Val == ssa.Value(holder) && !local {
					at = r
				}
			case *ssa.Call, *ssa.Go, *ssa.MakeClosure:
				at = nil // others may close it
				return
			}
		}
	})
	return at
}

// servers looks for servers that a function starts in a goroutine and that
// nobody can shut down: only the goroutine has it.
func (x *extractor) servers(fn *ssa.Function) {
	if x.oncePerProgram(fn) {
		return
	}
	instructions(fn, func(i ssa.Instruction) {
		g, ok := i.(*ssa.Go)
		if !ok {
			return
		}
		server := serves(g)
		if server == nil || !onlyServed(server, g) {
			return
		}
		x.report(fn, "go", Finding{Rule: "goroutine/no-exit", Verdict: "suspect", pos: g.Pos(),
			Message: "starts a server that nobody can shut down: only its goroutine has it",
			Cause:   "every call leaves a listener with its goroutine behind, and the connections that it serves",
			Fix:     "keep the server, and call Shutdown or Close where what started it ends",
			Related: []Place{x.place(server.Pos(), "the server")}})
	})
}

var serveMethods = map[string]bool{"net/http.Server.ListenAndServe": true, "net/http.Server.ListenAndServeTLS": true,
	"net/http.Server.Serve": true, "net/http.Server.ServeTLS": true}

// serves is the local http.Server that a goroutine runs; it, or what is listened on, is not closed there.
func serves(g *ssa.Go) *ssa.Alloc {
	if callee := g.Call.StaticCallee(); callee != nil && serveMethods[fullName(callee)] {
		a, _ := origin(g.Call.Args[0]).(*ssa.Alloc)
		return a
	}
	m, ok := g.Call.Value.(*ssa.MakeClosure)
	if !ok {
		return nil
	}
	inner := m.Fn.(*ssa.Function)
	var found *ssa.Alloc
	instructions(inner, func(i ssa.Instruction) {
		c, ok := i.(*ssa.Call)
		if !ok || c.Call.StaticCallee() == nil || !serveMethods[fullName(c.Call.StaticCallee())] {
			return
		}
		load, ok := c.Call.Args[0].(*ssa.UnOp)
		if !ok || load.Op != token.MUL {
			return
		}
		for n, b := range m.Bindings {
			if inner.FreeVars[n] != load.X {
				continue
			}
			if server, ok := originOf(b).(*ssa.Alloc); ok {
				found = server
			}
		}
	})
	return found
}

// onlyServed: the function only fills the fields of the server, and the
// goroutine only serves; what it listens on is not given to others.
func onlyServed(server *ssa.Alloc, g *ssa.Go) bool {
	queue := []ssa.Value{server}
	for n := 0; n < len(queue); n++ {
		for _, r := range *queue[n].Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef:
			case *ssa.FieldAddr:
				for _, r := range *i.Referrers() {
					if s, ok := r.(*ssa.Store); !ok || s.Addr != ssa.Value(i) {
						return false
					}
				}
			case *ssa.Store:
				a, ok := i.Addr.(*ssa.Alloc)
				if i.Val != queue[n] {
					continue
				}
				if !ok {
					return false
				}
				queue = append(queue, a)
			case *ssa.UnOp:
				queue = append(queue, i)
			case *ssa.MakeClosure:
				if ssa.Value(i) != g.Call.Value {
					return false
				}
				inner := i.Fn.(*ssa.Function)
				for k, b := range i.Bindings {
					if b == queue[n] {
						queue = append(queue, inner.FreeVars[k])
					}
				}
			case ssa.CallInstruction:
				if callee := i.Common().StaticCallee(); callee == nil || !serveMethods[fullName(callee)] {
					return false
				}
				if len(i.Common().Args) > 1 && fullName(i.Common().StaticCallee()) == "net/http.Server.Serve" && !listenedHere(i.Common().Args[1]) {
					return false // whoever gave the listener closes it
				}
			default:
				return false
			}
		}
	}
	return true
}

// listenedHere: the listener was opened by the function, which does not close it.
func listenedHere(l ssa.Value) bool {
	v := originOf(l)
	if load, ok := v.(*ssa.UnOp); ok {
		if free, ok := load.X.(*ssa.FreeVar); ok {
			if v = onlyCaptured(free); v == nil {
				return false
			}
		}
	}
	e, ok := v.(*ssa.Extract)
	if !ok {
		return false
	}
	for _, r := range *e.Referrers() {
		switch i := r.(type) {
		case *ssa.DebugRef, *ssa.Go:
		case *ssa.Call:
			if !i.Call.IsInvoke() || i.Call.Method.Name() == "Close" {
				return false
			}
		case *ssa.Store:
			if _, local := i.Addr.(*ssa.Alloc); !local {
				return false
			}
		default:
			return false
		}
	}
	return true
}
