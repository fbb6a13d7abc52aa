package resource

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// contexts looks at what becomes of the contexts that a function makes.
func (x *extractor) contexts(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		call, ok := instr.(*ssa.Call)
		if !ok || len(call.Call.Args) == 0 {
			return
		}
		for _, n := range calleeNames(call.Common()) {
			switch n {
			case "context.WithTimeout", "context.WithDeadline", "context.WithTimeoutCause", "context.WithDeadlineCause":
				x.notPassed(fn, call)
				x.nested(fn, call)
			case "context.WithCancel", "context.WithCancelCause", "context.WithValue":
				x.nested(fn, call)
			}
		}
	})
}

// nested: in a loop the context is made from the one of the pass before.
func (x *extractor) nested(fn *ssa.Function, call *ssa.Call) {
	if x.growsField(fn, call) {
		x.report(fn, "context", Finding{Rule: "heap/context-nested", Verdict: "suspect", pos: call.Pos(),
			Message: "each call wraps the context that the call before left in the field",
			Cause:   "the chain grows by one a call, keeps all values in it, and every lookup walks all of it",
			Fix:     "keep the outer context in the field, and make one from it for the call"})
		return
	}
	if !runsOften(call.Block()) || !wrapsItself(call) || collects(call) {
		return
	}
	x.report(fn, "context", Finding{Rule: "heap/context-nested", Verdict: "suspect", pos: call.Pos(),
		Message: "each pass of the loop wraps the context of the pass before",
		Cause:   "the chain grows by one a pass, keeps all values in it, and every lookup walks all of it",
		Fix:     "make it from the outer context into a variable of the pass: c := context.WithValue(ctx, …)"})
}

// collects: one value for each of a list of keys, all to be found later.
func collects(call *ssa.Call) bool {
	if firstName(call.Common()) != "context.WithValue" || len(call.Call.Args) < 2 {
		return false
	}
	key := call.Call.Args[1]
	for {
		switch t := key.(type) {
		case *ssa.MakeInterface:
			key = t.X
			continue
		case *ssa.ChangeType:
			key = t.X
			continue
		case *ssa.Convert:
			key = t.X
			continue
		}
		break
	}
	made, ok := key.(ssa.Instruction)
	return ok && loopOf(call.Block())[made.Block()] && slices.ContainsFunc(headers(call.Block()), overList)
}

// overList: the loop goes over a list or map that was there before it.
func overList(h *ssa.BasicBlock) bool {
	branch, ok := h.Instrs[len(h.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	switch c := branch.Cond.(type) {
	case *ssa.Extract:
		_, next := c.Tuple.(*ssa.Next)
		return next
	case *ssa.BinOp:
		length, ok := c.Y.(*ssa.Call)
		if !ok {
			return false
		}
		b, ok := length.Call.Value.(*ssa.Builtin)
		return ok && b.Name() == "len"
	}
	return false
}

// wrapsItself: what comes out is stored where the parent was read from, or is
// the parent of the next pass.
func wrapsItself(call *ssa.Call) bool {
	parent := call.Call.Args[0]
	var made []ssa.Value
	made = append(made, call)
	for _, r := range *call.Referrers() {
		if e, ok := r.(*ssa.Extract); ok && e.Index == 0 {
			made = append(made, e)
		}
	}
	if phi, ok := parent.(*ssa.Phi); ok && phi.Block().Dominates(call.Block()) {
		for _, e := range phi.Edges {
			for _, m := range made {
				if e == m {
					return true
				}
			}
		}
	}
	load, ok := parent.(*ssa.UnOp)
	if !ok || load.Op != token.MUL || !loopOf(call.Block())[load.Block()] {
		return false // read once, before the loop
	}
	for _, m := range made {
		for _, r := range *m.Referrers() {
			s, ok := r.(*ssa.Store)
			if ok && s.Val == m && (s.Addr == load.X && !madeInLoop(load.X, call) || sameField(s.Addr, load.X)) {
				return true
			}
		}
	}
	return false
}

// growsField: outside of a loop a field is set to a context made from itself,
// in a function that is called again and again on the same value.
func (x *extractor) growsField(fn *ssa.Function, call *ssa.Call) bool {
	load, ok := call.Call.Args[0].(*ssa.UnOp)
	if !ok || runsOften(call.Block()) {
		return false
	}
	var owner ssa.Value
	switch addr := load.X.(type) {
	case *ssa.Global:
		owner = addr
	case *ssa.FieldAddr:
		owner = addr.X
	default:
		return false
	}
	made, _ := result(call, 0)
	if made == nil {
		return false
	}
	stored := false
	for _, r := range *made.Referrers() {
		s, ok := r.(*ssa.Store)
		stored = stored || ok && s.Val == made && (s.Addr == load.X || sameField(s.Addr, load.X))
	}
	return stored && (counts(fn, owner) || x.calledInLoop(fn, owner))
}

// counts: the function adds to a field of the same value, or to a package
// variable: it expects to be called often.
func counts(fn *ssa.Function, owner ssa.Value) (found bool) {
	instructions(fn, func(instr ssa.Instruction) {
		s, ok := instr.(*ssa.Store)
		if !ok {
			return
		}
		op, ok := s.Val.(*ssa.BinOp)
		if !ok || op.Op != token.ADD {
			return
		}
		load, ok := op.X.(*ssa.UnOp)
		if !ok {
			return
		}
		_, constant := op.Y.(*ssa.Const)
		addr, ok := s.Addr.(*ssa.FieldAddr)
		found = found || ok && constant && addr.X == owner && sameField(s.Addr, load.X)
	})
	return found
}

// calledInLoop: a loop of the package calls the function on a value, or for a
// package variable, from before the loop.
func (x *extractor) calledInLoop(fn *ssa.Function, owner ssa.Value) (found bool) {
	arg := -1
	for n, p := range fn.Params {
		if ssa.Value(p) == owner {
			arg = n
		}
	}
	_, global := owner.(*ssa.Global)
	if arg < 0 && !global {
		return false
	}
	for _, caller := range x.functions {
		instructions(caller, func(instr ssa.Instruction) {
			c, ok := instr.(ssa.CallInstruction)
			if !ok || found || c.Common().StaticCallee() != fn || !runsOften(c.Block()) {
				return
			}
			if global {
				found = true
				return
			}
			v := c.Common().Args[arg]
			made, isInstr := v.(ssa.Instruction)
			if load, ok := v.(*ssa.UnOp); ok { // a captured variable, read in each pass
				made, isInstr = load.X.(ssa.Instruction)
			}
			found = !isInstr || !loopOf(c.Block())[made.Block()]
		})
	}
	return found
}

// returnsContext: the context that a call answers first, or one made of it, is
// returned.
func returnsContext(call *ssa.Call) bool {
	ctx, _ := result(call, 0)
	if ctx == nil {
		return false
	}
	made := map[ssa.Value]bool{ctx: true}
	for list := []ssa.Value{ctx}; len(list) > 0; list = list[1:] {
		for _, r := range *list[0].Referrers() {
			var next ssa.Value
			switch r := r.(type) {
			case *ssa.Return:
				return true
			case *ssa.Call:
				next = r
			case *ssa.Phi:
				next = r
			case *ssa.Extract:
				next = r
			}
			if next != nil && isContext(next.Type()) && !made[next] {
				made[next] = true
				list = append(list, next)
			}
		}
	}
	return false
}

// madeInLoop: the variable is new in every pass.
func madeInLoop(v ssa.Value, call *ssa.Call) bool {
	a, ok := v.(*ssa.Alloc)
	return ok && loopOf(call.Block())[a.Block()]
}

func sameField(a, b ssa.Value) bool {
	x, ok := a.(*ssa.FieldAddr)
	y, alsoOk := b.(*ssa.FieldAddr)
	return ok && alsoOk && x.X == y.X && x.Field == y.Field
}

// waits are calls that wait for others and have a form that takes a context.
var waits = map[string]string{
	"net/http.Get": "http.NewRequestWithContext and Do", "net/http.Head": "http.NewRequestWithContext and Do",
	"net/http.Post": "http.NewRequestWithContext and Do", "net/http.PostForm": "http.NewRequestWithContext and Do",
	"net/http.Client.Get": "http.NewRequestWithContext and Do", "net/http.Client.Head": "http.NewRequestWithContext and Do",
	"net/http.Client.Post": "http.NewRequestWithContext and Do", "net/http.Client.PostForm": "http.NewRequestWithContext and Do",
	"net/http.NewRequest": "http.NewRequestWithContext",
	"net.Dial":            "net.Dialer.DialContext", "net.DialTimeout": "net.Dialer.DialContext", "net.Dialer.Dial": "DialContext",
	"net.LookupHost": "net.Resolver.LookupHost", "net.LookupIP": "net.Resolver.LookupIPAddr",
	"os/exec.Command":       "exec.CommandContext",
	"database/sql.DB.Query": "QueryContext", "database/sql.DB.QueryRow": "QueryRowContext", "database/sql.DB.Exec": "ExecContext",
	"database/sql.DB.Ping": "PingContext", "database/sql.DB.Begin": "BeginTx", "database/sql.DB.Prepare": "PrepareContext",
	"database/sql.Tx.Query": "QueryContext", "database/sql.Tx.QueryRow": "QueryRowContext", "database/sql.Tx.Exec": "ExecContext",
	"database/sql.Stmt.Query": "QueryContext", "database/sql.Stmt.QueryRow": "QueryRowContext", "database/sql.Stmt.Exec": "ExecContext",
	"context.Background": "the context with the time-out", "context.TODO": "the context with the time-out",
}

// notPassed: a context with a time limit that no call gets, in a function that
// then waits without one.
func (x *extractor) notPassed(fn *ssa.Function, made *ssa.Call) {
	ctx, _ := result(made, 0)
	if ctx == nil || handedOn(ctx, map[ssa.Value]bool{}) {
		return
	}
	var at *ssa.Call
	instead := ""
	instructions(fn, func(instr ssa.Instruction) {
		call, ok := instr.(*ssa.Call)
		if !ok || at != nil || call.Block() == made.Block() && call.Pos() < made.Pos() || !made.Block().Dominates(call.Block()) {
			return
		}
		if with := withContext(call.Common()); with != "" {
			at, instead = call, with
			return
		}
		for _, n := range calleeNames(call.Common()) {
			if waits[n] == "" || call == made.Call.Args[0] {
				continue
			}
			if (n == "context.Background" || n == "context.TODO") && !isArgument(call) {
				continue
			}
			at, instead = call, waits[n]
		}
	})
	if at == nil {
		return
	}
	x.report(fn, "context", Finding{Rule: "goroutine/deadline-not-passed", Verdict: "suspect", pos: at.Pos(),
		Message: "waits without the time limit that was made for it: no call gets that context",
		Cause:   "when the other side does not answer, the goroutine waits for as long as it likes",
		Fix:     "use " + instead,
		Related: []Place{x.place(made.Pos(), "the context with the limit, which nothing gets")}})
}

// withContext is the form of a method that takes a context first, where its
// type has one beside the form that is called: QueryRowContext for QueryRow.
func withContext(c *ssa.CallCommon) string {
	var typ types.Type
	var name string
	if c.IsInvoke() {
		typ, name = c.Value.Type(), c.Method.Name()
	} else if callee := c.StaticCallee(); callee != nil && callee.Signature.Recv() != nil {
		typ, name = callee.Signature.Recv().Type(), callee.Name()
	}
	if typ == nil || strings.HasSuffix(name, "Context") || takesContext(c.Signature()) || isLogging(c) {
		return ""
	}
	obj, _, _ := types.LookupFieldOrMethod(typ, true, nil, name+"Context")
	if fn, ok := obj.(*types.Func); ok && takesContext(fn.Type().(*types.Signature)) {
		return fn.Name()
	}
	return ""
}

func takesContext(s *types.Signature) bool {
	return s.Params().Len() > 0 && isContext(s.Params().At(0).Type())
}

// isLogging: a call that reads values from its context for a log line or a
// trace, and waits for nothing.
func isLogging(c *ssa.CallCommon) bool {
	for _, n := range calleeNames(c) {
		if strings.HasPrefix(n, "log/slog.") || strings.HasSuffix(n, ".SpanFromContext") || strings.HasSuffix(n, ".LoggerFromContext") {
			return true
		}
	}
	return false
}

// isArgument: the value is an argument of another call.
func isArgument(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		if _, ok := r.(*ssa.Call); ok {
			return true
		}
	}
	return false
}

// handedOn: something other than this function's questions about it has the context.
func handedOn(v ssa.Value, seen map[ssa.Value]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	for _, r := range *v.Referrers() {
		switch i := r.(type) {
		case *ssa.DebugRef:
		case *ssa.Call:
			if isLogging(i.Common()) {
				continue
			}
			if !i.Call.IsInvoke() || i.Call.Value != v {
				names := calleeNames(i.Common())
				if len(names) > 0 && names[0] == "context.WithValue" && i.Call.Args[0] == v && !handedOn(i, seen) {
					continue
				}
				return true
			}
			switch i.Call.Method.Name() {
			case "Err", "Deadline", "Value":
			default:
				return true // Done: a select may end it
			}
		case *ssa.Phi:
			if handedOn(i, seen) {
				return true
			}
		case *ssa.Store:
			alloc, ok := i.Addr.(*ssa.Alloc)
			if !ok || handedOnFrom(alloc, seen) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

func handedOnFrom(a *ssa.Alloc, seen map[ssa.Value]bool) bool {
	for _, r := range *a.Referrers() {
		switch i := r.(type) {
		case *ssa.Store, *ssa.DebugRef:
		case *ssa.UnOp:
			if handedOn(i, seen) {
				return true
			}
		default:
			return true
		}
	}
	return false
}
