package resource

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// kept is a thing that was put into a field of a struct.
type kept struct {
	fn    *ssa.Function
	instr ssa.Instruction
	t     taking
	field *types.Var
	owner *types.Named
}

// fields looks for things that only an unexported field has, and that nothing
// in the package ever gives back: not the owner's Close or Stop, nor anybody else.
func (x *extractor) fields() {
	var list []kept
	for _, fn := range x.functions {
		if x.oncePerProgram(fn) {
			continue
		}
		instructions(fn, func(instr ssa.Instruction) {
			for _, t := range x.taken(instr) {
				if f, owner := onlyField(t.value); f != nil && !t.inside {
					list = append(list, kept{fn, instr, t, f, owner})
				}
			}
		})
	}
	if len(list) == 0 {
		return
	}
	released := x.releasedFields(list)
	for _, k := range list {
		kind := x.table.kind(k.t.kind)
		if released[k.field] || k.owner.Obj().Pkg() != x.unit.Types || x.isGlobal(k.owner) {
			continue
		}
		closes := x.hasRelease(types.NewPointer(k.owner)) || x.hasEnd(k.owner)
		if k.t.kind == "decompressor" {
			continue // the collector takes it with its owner, and it has no descriptor
		}
		if !closes && !(kind.Called && k.owner.NumMethods() > 0) || x.reported(kind.Rule, k.instr) {
			continue // lives as long as its owner does
		}
		message := fmt.Sprintf("the %s from %s is kept in field %s, and no method of %s gives it back", kind.Noun, k.t.how, k.field.Name(), k.owner.Obj().Name())
		x.report(k.fn, k.t.how, Finding{Rule: kind.Rule, Kind: k.t.kind, Verdict: "suspect", Cause: kind.WhenNot, Before: kind.Before, pos: k.instr.Pos(),
			Fix:     fmt.Sprintf("give it back in the method of %s that ends it", k.owner.Obj().Name()),
			Message: message, Related: []Place{x.place(k.field.Pos(), "the field that keeps it")}})
	}
}

// hasEnd: a method of the owner, whatever its name, closes a channel in a field
// or gives back what another field has.
func (x *extractor) hasEnd(owner *types.Named) (found bool) {
	for _, fn := range x.functions {
		outer := fn
		for outer.Parent() != nil {
			outer = outer.Parent()
		}
		recv := outer.Signature.Recv()
		if recv == nil || !types.Identical(deref(recv.Type()), owner) {
			continue
		}
		instructions(fn, func(instr ssa.Instruction) {
			c, ok := instr.(ssa.CallInstruction)
			if !ok || found {
				return
			}
			var of ssa.Value
			if b, ok := c.Common().Value.(*ssa.Builtin); ok && b.Name() == "close" {
				of = c.Common().Args[0]
			} else if c.Common().IsInvoke() && isReleaseName(c.Common().Method.Name()) {
				of = c.Common().Value
			} else if callee := c.Common().StaticCallee(); callee != nil && callee.Signature.Recv() != nil && isReleaseName(callee.Name()) {
				of = c.Common().Args[0]
			}
			load, ok := of.(*ssa.UnOp)
			if !ok {
				return
			}
			field, ok := load.X.(*ssa.FieldAddr)
			found = ok && types.Identical(deref(field.X.Type()), owner)
		})
	}
	return found
}

// reported: the place has a finding of the rule already.
func (x *extractor) reported(rule string, instr ssa.Instruction) bool {
	return x.reportedAt(rule, instr.Pos())
}

func (x *extractor) reportedAt(rule string, pos token.Pos) bool {
	return slices.ContainsFunc(x.out.Findings, func(f Finding) bool { return f.Rule == rule && f.pos == pos })
}

// isGlobal: the package has a variable of the type: one lives as long as the program.
func (x *extractor) isGlobal(owner *types.Named) bool {
	scope := x.unit.Types.Scope()
	for _, n := range scope.Names() {
		if v, ok := scope.Lookup(n).(*types.Var); ok {
			if named, ok := types.Unalias(deref(v.Type())).(*types.Named); ok && named.Obj() == owner.Obj() {
				return true
			}
		}
	}
	return false
}

// onlyField is the unexported field that a value is stored in, where it goes
// nowhere else but into calls that the summaries judge.
func onlyField(v ssa.Value) (*types.Var, *types.Named) {
	var field *types.Var
	var owner *types.Named
	queue := []ssa.Value{v}
	for n := 0; n < len(queue) && n < 32; n++ {
		if queue[n] == nil || queue[n].Referrers() == nil {
			continue
		}
		for _, r := range *queue[n].Referrers() {
			switch i := r.(type) {
			case *ssa.ChangeType:
				queue = append(queue, i)
			case *ssa.MakeInterface:
				queue = append(queue, i)
			case *ssa.ChangeInterface:
				queue = append(queue, i)
			case *ssa.Store:
				if i.Val != queue[n] {
					continue
				}
				switch to := i.Addr.(type) {
				case *ssa.FieldAddr:
					f, o := fieldOrHidden(to.X.Type(), to.Field)
					if f == nil || field != nil && field != f {
						return nil, nil
					}
					field, owner = f, o
				case *ssa.IndexAddr: // a list in a field
					f, o := listField(to)
					if f == nil || field != nil && field != f {
						return nil, nil
					}
					field, owner = f, o
				case *ssa.Alloc:
					for _, r := range *to.Referrers() {
						switch u := r.(type) {
						case *ssa.UnOp:
							queue = append(queue, u)
						case *ssa.MakeClosure:
							return nil, nil
						}
					}
				default:
					return nil, nil
				}
			case *ssa.MapUpdate: // a map in a field
				load, ok := i.Map.(*ssa.UnOp)
				if !ok || i.Value != queue[n] {
					return nil, nil
				}
				addr, ok := load.X.(*ssa.FieldAddr)
				if !ok {
					return nil, nil
				}
				f, o := fieldOf(addr.X.Type(), addr.Field)
				if f == nil || field != nil && field != f {
					return nil, nil
				}
				field, owner = f, o
			case *ssa.MakeClosure, *ssa.Return, *ssa.Send, *ssa.Phi, *ssa.Go, *ssa.Defer:
				return nil, nil
			case *ssa.Call:
				if i.Call.Value == queue[n] {
					return nil, nil // a cancel function that is called
				}
			}
		}
	}
	return field, owner
}

// listField is the field with the list that an element is appended to.
func listField(element *ssa.IndexAddr) (*types.Var, *types.Named) {
	array, ok := element.X.(*ssa.Alloc)
	if !ok {
		return nil, nil
	}
	added := appendOf(array)
	if added == nil {
		return nil, nil
	}
	for _, r := range *added.Referrers() {
		s, ok := r.(*ssa.Store)
		if !ok || len(*added.Referrers()) > 1 {
			return nil, nil
		}
		if addr, ok := s.Addr.(*ssa.FieldAddr); ok {
			return fieldOf(addr.X.Type(), addr.Field)
		}
	}
	return nil, nil
}

// onlyGrows: the list in a field is read to add to it, and for nothing else.
func onlyGrows(v ssa.Value, field *ssa.FieldAddr) bool {
	for _, r := range *v.Referrers() {
		call, ok := r.(*ssa.Call)
		if !ok || !isAppend(call) || call.Call.Args[0] != v {
			return false
		}
		for _, r := range *call.Referrers() {
			s, ok := r.(*ssa.Store)
			if !ok || !sameField(s.Addr, field) {
				return false
			}
		}
	}
	return true
}

// fieldOf is an unexported, not embedded field of a named struct.
func fieldOf(t types.Type, index int) (*types.Var, *types.Named) {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	s := structOf(t)
	if !ok || s == nil || index >= s.NumFields() {
		return nil, nil
	}
	if o, ok := named.Origin().Underlying().(*types.Struct); ok {
		s = o
	}
	f := s.Field(index)
	if f.Exported() || f.Embedded() {
		return nil, nil
	}
	return f, named.Origin()
}

// fieldOrHidden is also an embedded field of an unexported type whose own Close
// hides the one of the field.
func fieldOrHidden(t types.Type, index int) (*types.Var, *types.Named) {
	if f, owner := fieldOf(t, index); f != nil {
		return f, owner
	}
	named, ok := types.Unalias(deref(t)).(*types.Named)
	if !ok || named.Obj().Exported() {
		return nil, nil
	}
	s, ok := named.Origin().Underlying().(*types.Struct)
	if !ok || index >= s.NumFields() || !s.Field(index).Embedded() {
		return nil, nil
	}
	for m := range named.Origin().Methods() {
		if m.Name() == "Close" {
			return s.Field(index), named.Origin()
		}
	}
	return nil, nil
}

// channelFields looks at each unexported field of the package with a channel, once.
func (x *extractor) channelFields(look func(*types.Var)) {
	seen := map[*types.Var]bool{}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			addr, ok := i.(*ssa.FieldAddr)
			if !ok {
				return
			}
			f, owner := fieldOf(addr.X.Type(), addr.Field)
			if f == nil || seen[f] || owner.Obj().Pkg() != x.unit.Types {
				return
			}
			seen[f] = true
			if _, isChan := f.Type().Underlying().(*types.Chan); isChan {
				look(f)
			}
		})
	}
}

// releasedFields are fields whose value something in the package gives back,
// hands on or returns.
func (x *extractor) releasedFields(list []kept) map[*types.Var]bool {
	wanted, done := map[*types.Var]bool{}, map[*types.Var]bool{}
	for _, k := range list {
		wanted[k.field] = true
	}
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			switch i := instr.(type) {
			case *ssa.FieldAddr:
				f, _ := fieldOrHidden(i.X.Type(), i.Field)
				if !wanted[f] || done[f] {
					return
				}
				for _, r := range *i.Referrers() {
					switch u := r.(type) {
					case *ssa.Store:
						done[f] = done[f] || u.Addr != ssa.Value(i)
					case *ssa.UnOp:
						done[f] = done[f] || !onlyGrows(u, i) && x.effectIn(fn, u, anyKind) != Borrowed
					case *ssa.DebugRef:
					default:
						done[f] = true
					}
				}
			case *ssa.Field:
				if f, _ := fieldOrHidden(i.X.Type(), i.Field); wanted[f] && !done[f] {
					done[f] = x.effectIn(fn, i, anyKind) != Borrowed
				}
			}
		})
	}
	return done
}
