package resource

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// pendingEntries: a function puts a channel, or what has one, into a shared
// map under a key of this call, waits, and leaves on a path (a time-out, a
// cancelled context, an error of the send) without removing it, though the
// entry is removed elsewhere when the answer comes.
func (x *extractor) pendingEntries() {
	removes := map[string]bool{}
	swept := map[string]bool{} // something looks through all entries, or starts anew
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			if key, all := removesFrom(i); key != "" {
				removes[key] = true
				swept[key] = swept[key] || all
			}
			if s, ok := i.(*ssa.Store); ok {
				if _, local := addressRoot(s.Addr).(*ssa.Alloc); !local && isMap(s.Val.Type()) {
					swept[poolKey(s.Addr)] = true
				}
			}
		})
	}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			key, value := addsTo(i)
			if key == "" || !removes[key] || swept[key] || inLoop(i.Block()) {
				return
			}
			wait := waitsFor(fn, i, value)
			if wait == nil {
				return
			}
			at, left := skips(fn, wait, func(i ssa.Instruction) bool { return x.removesEntry(i, key, 0) || receivesAnswer(i, wait, value) })
			if !left || x.removedLater(fn, key) {
				return
			}
			x.report(fn, "pending", Finding{Rule: "heap/holder-only-added", Verdict: "suspect", pos: posOf(i, value),
				Message: fmt.Sprintf("the entry stays in %s when the wait ends without an answer (line %d)", key, x.line(at)),
				Cause:   "it is only removed when the answer comes: every call that gives up leaves one, with its channel",
				Fix:     "remove it on every path: defer the delete right after the entry is made",
				Related: []Place{x.place(at, "leaves with the entry in the map")}})
		})
	}
}

func isMap(t types.Type) bool {
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// removesFrom: a removal from a shared map, and whether it is one of a loop
// over its entries.
func removesFrom(i ssa.Instruction) (key string, all bool) {
	c, ok := i.(ssa.CallInstruction)
	if !ok || len(c.Common().Args) == 0 {
		return "", false
	}
	if b, ok := c.Common().Value.(*ssa.Builtin); ok {
		switch b.Name() {
		case "clear":
			return poolKey(c.Common().Args[0]), true
		case "delete":
			_, ranged := c.Common().Args[1].(*ssa.Extract)
			if ranged {
				_, ranged = c.Common().Args[1].(*ssa.Extract).Tuple.(*ssa.Next)
			}
			return poolKey(c.Common().Args[0]), ranged
		}
		return "", false
	}
	switch n := firstName(c.Common()); n {
	case "sync.Map.Delete", "sync.Map.LoadAndDelete", "sync.Map.CompareAndDelete":
		return poolKey(c.Common().Args[0]), false
	case "sync.Map.Range", "sync.Map.Clear":
		return poolKey(c.Common().Args[0]), true
	case "maps.DeleteFunc":
		return poolKey(c.Common().Args[0]), true
	}
	return "", false
}

func addsTo(i ssa.Instruction) (key string, value ssa.Value) {
	switch i := i.(type) {
	case *ssa.MapUpdate:
		return poolKey(i.Map), origin(i.Value)
	case *ssa.Call:
		if n := firstName(i.Common()); (n == "sync.Map.Store" || n == "sync.Map.LoadOrStore") && len(i.Call.Args) == 3 {
			return poolKey(i.Call.Args[0]), origin(i.Call.Args[2])
		}
	}
	return "", nil
}

// waitsFor is the select of the function that waits for the channel which was
// put into the map, or for a time-out or the end of a context.
func waitsFor(fn *ssa.Function, add ssa.Instruction, value ssa.Value) (wait ssa.Instruction) {
	made := channelsIn(value)
	if len(made) == 0 {
		return nil
	}
	instructions(fn, func(i ssa.Instruction) {
		s, ok := i.(*ssa.Select)
		if !ok || wait != nil || !(s.Block() == add.Block() || reaches(add.Block(), s.Block(), nil)) {
			return
		}
		answers, ends := false, false
		for _, st := range s.States {
			if st.Dir != types.RecvOnly {
				continue
			}
			if made[whatIsStored(origin(st.Chan))] {
				answers = true
			} else {
				ends = true
			}
		}
		if answers && ends {
			wait = s
		}
	})
	return wait
}

// channelsIn are the channels made here that a value is, or has in a field.
func channelsIn(v ssa.Value) map[ssa.Value]bool {
	switch t := v.(type) {
	case *ssa.MakeChan:
		return map[ssa.Value]bool{t: true}
	case *ssa.Alloc:
		s := structOf(t.Type())
		if s == nil {
			return nil
		}
		list := map[ssa.Value]bool{}
		for n := range s.NumFields() {
			for _, st := range storesTo(t, n) {
				if m, ok := origin(st.Val).(*ssa.MakeChan); ok {
					list[m] = true
				}
			}
		}
		return list
	}
	return nil
}

// receivesAnswer: the block of the select's case in which the answer came: who
// sent it has removed the entry.
func receivesAnswer(i ssa.Instruction, wait ssa.Instruction, value ssa.Value) bool {
	s := wait.(*ssa.Select)
	made := channelsIn(value)
	b := i.Block()
	for _, p := range b.Preds {
		branch, ok := p.Instrs[len(p.Instrs)-1].(*ssa.If)
		if !ok || p.Succs[0] != b {
			continue
		}
		op, ok := branch.Cond.(*ssa.BinOp)
		if !ok || op.Op != token.EQL {
			continue
		}
		e, ok := op.X.(*ssa.Extract)
		c, constant := op.Y.(*ssa.Const)
		if !ok || !constant || e.Tuple != ssa.Value(s) || e.Index != 0 {
			continue
		}
		if n := int(c.Int64()); n < len(s.States) && made[whatIsStored(origin(s.States[n].Chan))] {
			return true
		}
	}
	return false
}

// removesEntry: a removal from the map, or a call of something that removes.
func (x *extractor) removesEntry(i ssa.Instruction, key string, depth int) bool {
	if k, _ := removesFrom(i); k == key {
		return true
	}
	c, ok := i.(ssa.CallInstruction)
	if !ok || depth > 3 {
		return false
	}
	callee := c.Common().StaticCallee()
	if callee == nil || callee.Pkg != x.unit.SSA {
		return callee == nil && !c.Common().IsInvoke() && isCleanup(c.Common())
	}
	found := false
	instructions(callee, func(i ssa.Instruction) { found = found || x.removesEntry(i, key, depth+1) })
	return found
}

// isCleanup: a function value without arguments or results, as a cleanup is.
func isCleanup(c *ssa.CallCommon) bool {
	if _, builtin := c.Value.(*ssa.Builtin); builtin {
		return false
	}
	return c.Signature().Params().Len() == 0 && c.Signature().Results().Len() == 0
}

// removedLater: a deferred call, or a closure that somebody else may run,
// removes from the map.
func (x *extractor) removedLater(fn *ssa.Function, key string) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		switch i := i.(type) {
		case *ssa.Defer:
			found = found || x.removesEntry(i, key, 0)
		case *ssa.MakeClosure:
			instructions(i.Fn.(*ssa.Function), func(i ssa.Instruction) { found = found || x.removesEntry(i, key, 1) })
		}
	})
	return found
}

// registrars add to what lives as long as the program, and have no way to take
// back; the number is that of the argument that tells one from another, -1
// where there is none.
var registrars = map[string]int{
	"net/http.HandleFunc": 0, "net/http.Handle": 0, "net/http.ServeMux.HandleFunc": 1, "net/http.ServeMux.Handle": 1,
	"net/http.Server.RegisterOnShutdown": -1, "expvar.Publish": 0, "expvar.NewInt": 0, "expvar.NewMap": 0, "expvar.NewString": 0, "expvar.NewFloat": 0,
	"net/http.Transport.RegisterProtocol": 1, "database/sql.Register": 0, "mime.AddExtensionType": 0, "encoding/gob.RegisterName": 0,
	"github.com/gorilla/mux.Router.HandleFunc": 1, "github.com/gorilla/mux.Router.Handle": 1,
	"github.com/robfig/cron/v3.Cron.AddFunc": -1, "github.com/robfig/cron/v3.Cron.AddJob": -1,
}

// registrations: something is registered for each request or connection.
func (x *extractor) registrations() {
	for _, fn := range x.functions {
		if !x.perRequest(fn) {
			continue
		}
		instructions(fn, func(i ssa.Instruction) {
			call, ok := i.(*ssa.Call)
			if !ok {
				return
			}
			name := firstName(call.Common())
			n, ok := registrars[name]
			if !ok || n >= 0 && (n >= len(call.Call.Args) || x.finite.Is(call.Call.Args[n], call.Block())) {
				return
			}
			if callee := call.Call.StaticCallee(); callee != nil && callee.Signature.Recv() != nil && madeHere(call.Call.Args[0]) {
				return // a mux of its own
			}
			x.report(fn, name, Finding{Rule: "heap/holder-only-added", Verdict: "suspect", pos: call.Pos(),
				Message: shortName(name) + " is called for each request, and what it registers can never be taken back",
				Cause:   "each one stays, with all that its function has captured, for as long as the program runs",
				Fix:     "register once, with a pattern, and look up by key what differs, in a map that entries leave again"})
		})
	}
}

func madeHere(v ssa.Value) bool {
	switch origin(v).(type) {
	case *ssa.Alloc, *ssa.Call:
		return true
	}
	return false
}

// perRequest: the function serves one request or connection, is a closure of
// one that does, or is called by nobody else.
func (x *extractor) perRequest(fn *ssa.Function) bool {
	seen := map[*ssa.Function]bool{}
	var visit func(fn *ssa.Function, depth int) bool
	visit = func(fn *ssa.Function, depth int) bool {
		if seen[fn] || depth > 3 || x.oncePerProgram(fn) {
			return false
		}
		seen[fn] = true
		for at := fn; at != nil; at = at.Parent() {
			for _, p := range at.Params {
				switch t := p.Type().String(); t {
				case "*net/http.Request", "net/http.ResponseWriter", "net.Conn", "*github.com/gin-gonic/gin.Context", "github.com/labstack/echo/v4.Context":
					return true
				}
			}
		}
		for _, caller := range x.callersOf(fn) {
			if visit(caller, depth+1) {
				return true
			}
		}
		return false
	}
	return visit(fn, 0)
}

// callersOf are the functions of the package that call one, or start it.
func (x *extractor) callersOf(fn *ssa.Function) []*ssa.Function {
	if x.callers == nil {
		x.callers = map[*ssa.Function][]*ssa.Function{}
		for _, caller := range x.functions {
			instructions(caller, func(i ssa.Instruction) {
				if c, ok := i.(ssa.CallInstruction); ok {
					if callee := c.Common().StaticCallee(); callee != nil && callee.Pkg == x.unit.SSA && !strings.HasPrefix(callee.Name(), "init") {
						x.callers[callee] = append(x.callers[callee], caller)
					}
				}
			})
		}
	}
	return x.callers[fn]
}
