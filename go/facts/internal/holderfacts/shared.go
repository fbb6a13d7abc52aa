package holderfacts

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// Pass is a call, or a method value, that is given what the caller was given,
// or a part of it: what lives long is handed on.
type Pass struct {
	// From and To are parameters ("function#0" is the first, often the
	// receiver); To may be a method of what a field or parameter holds.
	From string `json:"from,omitempty"`
	To   string `json:"to"`
	// Later: not only while the caller runs for the first time.
	Later bool `json:"later,omitempty"`
	// Calm: only of a caller that does not run again and again itself, whose
	// variables live as long as its loop.
	Calm bool `json:"calm,omitempty"`
	// Via are containers and pointers that it lies in, "|" between them.
	Via string `json:"via,omitempty"`
}

func parameter(key string, n int) string { return fmt.Sprintf("%s#%d", key, n) }

// handsOn notes what is given to others of what lives long.
func (x *extractor) handsOn(instr ssa.Instruction) {
	switch i := instr.(type) {
	case ssa.CallInstruction:
		c := i.Common()
		if c.IsInvoke() {
			x.invoked(c, instr)
			return
		}
		callee := c.StaticCallee()
		if callee == nil || callee.Parent() != nil || x.standard(callee) {
			return
		}
		for n, a := range c.Args {
			if isStruct(a.Type()) {
				x.pass(a, parameter(x.names.Key(callee), n), !endsSoon(instr.Block()), instr)
			}
		}
	case *ssa.MakeClosure: // a method value
		fn := i.Fn.(*ssa.Function)
		if obj, ok := fn.Object().(*types.Func); ok && fn.Synthetic != "" && len(i.Bindings) == 1 {
			if method := fn.Prog.FuncValue(obj); method != nil {
				x.pass(i.Bindings[0], parameter(x.names.Key(method), 0), !runsPlainly(i, 0) || !endsSoon(i.Block()), instr)
			}
		}
	case *ssa.MakeInterface:
		if !isStruct(i.X.Type()) {
			return
		}
		if o := x.owner(i.X); o.kind != argument && o.kind != program {
			return
		}
		for _, m := range x.implements(i) {
			x.pass(i.X, parameter(names.Func(m), 0), true, instr)
		}
	}
}

// invoked: a method of an interface that a field or parameter holds.
func (x *extractor) invoked(c *ssa.CallCommon, at ssa.Instruction) {
	if c.Method.Name() == "Error" || names.Type(c.Value.Type()) == "context.Context" {
		return
	}
	from := ""
	if p, ok := c.Value.(*ssa.Parameter); ok {
		from = x.held(p)
	} else {
		from = x.owner(c.Value).from
	}
	if from != "" {
		x.pass(c.Value, from+"."+c.Method.Name(), !endsSoon(at.Block()), at)
	}
}

// implements are the methods of the program that a conversion gives an interface.
func (x *extractor) implements(i *ssa.MakeInterface) (list []*types.Func) {
	set := x.unit.SSA.Prog.MethodSets.MethodSet(i.X.Type())
	iface := i.Type().Underlying().(*types.Interface)
	for n := range min(iface.NumMethods(), 32) {
		s := set.Lookup(iface.Method(n).Pkg(), iface.Method(n).Name())
		if s == nil {
			continue
		}
		if m, ok := s.Obj().(*types.Func); ok && m.Pkg() != nil && !x.isStandard(m.Pkg().Path()) {
			list = append(list, m)
		}
	}
	return list
}

func (x *extractor) pass(v ssa.Value, to string, again bool, at ssa.Instruction) {
	o := x.owner(v)
	if x.inHandler(v) {
		o.kind, o.later = program, true
	}
	p := Pass{To: to, Later: again || o.later, Via: strings.Join(o.via, "|")}
	switch o.kind {
	case nobody:
		return
	case argument:
		p.From = parameter(x.names.Key(declared(x.fn)), o.param)
	case local:
		if p.Calm = true; declared(x.fn).Signature.Recv() == nil {
			return
		}
		p.From = parameter(x.names.Key(declared(x.fn)), 0)
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
			x.out.Passes = append(x.out.Passes, Pass{To: parameter(x.names.Key(fn), 0), Later: true})
		}
		if servesOne(fn) {
			continue
		}
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				if method := boundHandler(i); method != nil {
					x.out.Passes = append(x.out.Passes, Pass{To: parameter(names.Func(method), 0), Later: true})
				}
			}
		}
	}
}

// boundHandler is the method that is taken as a value to be called for requests
// by a framework, or by an adapter of the program.
func boundHandler(i ssa.Instruction) *types.Func {
	m, ok := i.(*ssa.MakeClosure)
	if !ok {
		return nil
	}
	bound := m.Fn.(*ssa.Function)
	method, ok := bound.Object().(*types.Func)
	if !ok || !strings.HasPrefix(bound.Synthetic, "bound method") {
		return nil
	}
	params := bound.Signature.Params()
	for n := range params.Len() {
		switch params.At(n).Type().String() {
		case "*net/http.Request", "*github.com/gin-gonic/gin.Context", "github.com/labstack/echo/v4.Context", "*github.com/gofiber/fiber/v2.Ctx":
			return method
		}
	}
	return nil
}

func isHandler(s *types.Signature) bool {
	if s.Params().Len() != 2 {
		return false
	}
	second := s.Params().At(1).Type()
	switch names.Type(s.Params().At(0).Type()) {
	case "net/http.ResponseWriter":
		return second.String() == "*net/http.Request"
	case "context.Context": // a method of a gRPC service
		_, answer := second.Underlying().(*types.Pointer)
		return answer && s.Results().Len() == 2 && isMessage(second) && isMessage(s.Results().At(0).Type())
	}
	return false
}

// isMessage: a generated message of Protocol Buffers.
func isMessage(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "ProtoReflect")
	_, ok := obj.(*types.Func)
	return ok
}

// isStruct: a struct or an array, or a pointer to one.
func isStruct(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

// livesLong says of an operation whether its container is a part of what lives
// as long as the program: at once, or when an argument of its function does.
func (x *extractor) livesLong(u *Use, v ssa.Value, at ssa.Instruction) {
	if u.Place == "" {
		return
	}
	o := x.owner(v)
	u.Via = strings.Join(o.via, "|")
	switch o.kind {
	case program:
		u.Shared = o.later || x.fromMain[x.fn] && goesOn(at.Block())
	case argument:
		u.Of = parameter(x.names.Key(declared(x.fn)), o.param)
		u.Again = o.later || goesOn(at.Block())
		u.Initial = u.Initial || x.perValue[x.fn]
	case local:
		if declared(x.fn).Signature.Recv() != nil && goesOn(at.Block()) {
			u.Of, u.Again, u.Calm = parameter(x.names.Key(declared(x.fn)), 0), true, true
		}
	}
	if x.inHandler(v) {
		u.Shared, u.Via = true, ""
	}
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

// lives says of the parameters of a program which are given what lives as long
// as the program, at the start and again later.
type lives struct {
	at map[livesAt]bool
}

type livesAt struct {
	parameter string
	later     bool
}

// long says whether an operation on a part of a parameter runs again and again
// on what lives long.
func (l *lives) long(u Use) bool {
	if u.Of == "" {
		return false
	}
	return !u.Calm && l.at[livesAt{u.Of, true}] || u.Again && l.at[livesAt{u.Of, false}]
}

// solveLives follows what lives long from call to call. loses says whether
// something leaves one of the containers and pointers that it lies in.
func solveLives(units []*Unit, loses func(via string) bool) *lives {
	next := map[string][]Pass{}
	var queue []livesAt
	held := newHeld(units)
	for _, u := range units {
		for _, p := range u.Passes {
			if loses(p.Via) {
				continue
			}
			for _, to := range held.targets(p.To) {
				p.To = to
				if p.From != "" {
					next[p.From] = append(next[p.From], p)
				} else {
					queue = append(queue, livesAt{to, p.Later})
				}
			}
		}
	}
	l := &lives{at: map[livesAt]bool{}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if l.at[s] {
			continue
		}
		l.at[s] = true
		for _, p := range next[s.parameter] {
			if !p.Calm || !s.later {
				queue = append(queue, livesAt{p.To, s.later || p.Later})
			}
		}
	}
	return l
}
