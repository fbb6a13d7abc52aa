package holderfacts

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// Pass is a call, or a method value, whose receiver is the caller's own, or
// lies in a field of it: who lives long is handed on.
type Pass struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Later: not only while the caller runs for the first time.
	Later bool `json:"later,omitempty"`
	// Foreign: a function of another package. What the start calls there
	// starts more, once; what is called later says that its receiver is used
	// for long.
	Foreign bool `json:"foreign,omitempty"`
}

// What a value lies in, as far as its life is concerned.
const (
	nobody   = iota
	receiver // the first parameter of the function
	program  // a package variable, or a variable of main
)

// owner follows an address or value to what it is a part of. later: this runs
// when the program is up, as a closure of main does.
func (x *extractor) owner(v ssa.Value) (kind int, later bool) {
	later = !x.isMain(x.fn) && !isInit(x.fn)
	for range 16 {
		switch t := v.(type) {
		case *ssa.Global:
			return program, later && !x.startOnly[x.fn]
		case *ssa.FieldAddr:
			v = t.X
		case *ssa.Field:
			v = t.X
		case *ssa.UnOp:
			if t.Op != token.MUL {
				return nobody, false
			}
			v = t.X
		case *ssa.ChangeType:
			v = t.X
		case *ssa.FreeVar:
			if v = x.bindings[t]; v == nil {
				return nobody, false
			}
		case *ssa.Parameter:
			if len(t.Parent().Params) > 0 && t.Parent().Params[0] == t {
				return receiver, t.Parent() != x.fn
			}
			return nobody, false
		case *ssa.Alloc:
			if only := load.OnlyStore(t); only != nil {
				v = only
				continue
			}
			return x.ofMain(t), later
		case *ssa.Call:
			return x.ofMain(t), later
		case *ssa.Extract:
			return x.ofMain(t), later
		default:
			return nobody, false
		}
	}
	return nobody, false
}

// ofMain: a value that main makes once lives as long as the program.
func (x *extractor) ofMain(v ssa.Instruction) int {
	if x.isMain(v.Parent()) && !x.inLoop(v.Block()) {
		return program
	}
	return nobody
}

func (x *extractor) isMain(fn *ssa.Function) bool {
	return x.unit.Name == "main" && fn.Name() == "main" && fn.Parent() == nil && fn.Signature.Recv() == nil
}

// declared is the function that a closure is in.
func declared(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

// handsOn notes whose methods are called on what lives long.
func (x *extractor) handsOn(instr ssa.Instruction) {
	switch i := instr.(type) {
	case ssa.CallInstruction:
		c := i.Common()
		callee := c.StaticCallee()
		if callee == nil || len(c.Args) == 0 || callee.Parent() != nil || !isStruct(c.Args[0].Type()) || x.standard(callee) {
			return
		}
		_, started := instr.(*ssa.Go)
		x.pass(c.Args[0], callee, started || x.inLoop(instr.Block()))
	case *ssa.MakeClosure: // a method value
		fn := i.Fn.(*ssa.Function)
		if obj, ok := fn.Object().(*types.Func); ok && fn.Synthetic != "" && len(i.Bindings) == 1 {
			if method := fn.Prog.FuncValue(obj); method != nil {
				x.pass(i.Bindings[0], method, true)
			}
		}
	case *ssa.MakeInterface:
		if !isStruct(i.X.Type()) {
			return
		}
		if kind, _ := x.owner(i.X); kind == nobody {
			return
		}
		set := x.unit.SSA.Prog.MethodSets.MethodSet(i.X.Type())
		iface := i.Type().Underlying().(*types.Interface)
		for n := range min(iface.NumMethods(), 32) {
			if s := set.Lookup(iface.Method(n).Pkg(), iface.Method(n).Name()); s != nil {
				if method := x.unit.SSA.Prog.MethodValue(s); method != nil && !x.standard(method) {
					x.pass(i.X, method, true)
				}
			}
		}
	}
}

func (x *extractor) pass(v ssa.Value, to *ssa.Function, later bool) {
	kind, laterHere := x.owner(v)
	if x.inHandler(v) {
		kind, laterHere = program, true
	}
	if kind == nobody {
		return
	}
	home := to
	if origin := to.Origin(); origin != nil {
		home = origin
	}
	p := Pass{To: x.names.Key(to), Later: later || laterHere, Foreign: home.Pkg != x.unit.SSA}
	if kind == receiver {
		p.From = x.names.Key(declared(x.fn))
	}
	if !x.passes[p] {
		x.passes[p] = true
		x.out.Passes = append(x.out.Passes, p)
	}
}

// handlers are called for as long as a server runs, on one value.
func (x *extractor) handlers(functions []*ssa.Function) {
	for _, fn := range functions {
		if fn.Signature.Recv() != nil && isHandler(fn.Signature) {
			x.out.Passes = append(x.out.Passes, Pass{To: x.names.Key(fn), Later: true})
		}
	}
}

func isHandler(s *types.Signature) bool {
	return s.Params().Len() == 2 && names.Type(s.Params().At(0).Type()) == "net/http.ResponseWriter" && s.Params().At(1).Type().String() == "*net/http.Request"
}

func isStruct(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

// livesLong says of an operation whether its container is a part of what lives
// as long as the program: at once, or when its function's receiver does.
func (x *extractor) livesLong(u *Use, v ssa.Value) {
	kind, later := x.owner(v)
	switch kind {
	case program:
		u.Shared = later
	case receiver:
		u.Of = x.names.Key(declared(x.fn))
		u.Initial = u.Initial || x.perValue[x.fn]
	}
	u.Shared = u.Shared || x.inHandler(v)
}

// inHandler: a closure that serves requests has captured the value, or what it
// is a field of, from a function that does not run for each request. It lives
// as long as the handler.
func (x *extractor) inHandler(v ssa.Value) bool {
	if x.fn.Parent() == nil || !isHandler(x.fn.Signature) {
		return false
	}
	fv, ok := rootVariable(v).(*ssa.FreeVar)
	if !ok {
		return false
	}
	made, _ := x.bindings[fv].(*ssa.Alloc)
	return made != nil && !servesOne(made.Parent())
}

// rootVariable is the variable that a value was read from, or a field of it.
func rootVariable(v ssa.Value) ssa.Value {
	for range 16 {
		switch t := v.(type) {
		case *ssa.UnOp:
			if t.Op != token.MUL {
				return v
			}
			v = t.X
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

// servesOne: the function runs for each request.
func servesOne(fn *ssa.Function) bool {
	for ; fn != nil; fn = fn.Parent() {
		for _, p := range fn.Params {
			if p.Type().String() == "*net/http.Request" {
				return true
			}
		}
	}
	return false
}

// shared are the functions that run later on a receiver which lives as long as
// the program.
func shared(units []*Unit) map[string]bool {
	type state struct {
		key   string
		later bool
	}
	next := map[string][]Pass{}
	var queue []state
	for _, u := range units {
		for _, p := range u.Passes {
			if p.From != "" {
				next[p.From] = append(next[p.From], p)
			} else if p.Later || !p.Foreign {
				queue = append(queue, state{p.To, p.Later})
			}
		}
	}
	seen, later := map[state]bool{}, map[string]bool{}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if seen[s] {
			continue
		}
		seen[s] = true
		later[s.key] = later[s.key] || s.later
		for _, p := range next[s.key] {
			if s.later || p.Later || !p.Foreign {
				queue = append(queue, state{p.To, s.later || p.Later})
			}
		}
	}
	return later
}
