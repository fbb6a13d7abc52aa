package resource

import (
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// poolUse is what the package does with one sync.Pool.
type poolUse struct {
	puts   []ssa.CallInstruction
	resets bool // something empties what goes through the pool
	clears bool // and its elements too
	bound  bool // something looks at a size before a put
}

// pools: what is put back unreset keeps what it points to, and what is put back
// at any size keeps the size of the biggest.
func (x *extractor) pools() {
	uses := map[string]*poolUse{}
	var order []string
	fillers := map[string]bool{}
	x.getters = map[*ssa.Function]string{}
	here := map[*ssa.Function][]string{}
	for _, fn := range x.functions {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				c, ok := instr.(ssa.CallInstruction)
				if !ok || c.Common().StaticCallee() == nil || len(c.Common().Args) == 0 {
					continue
				}
				n := fullName(c.Common().StaticCallee())
				if n != "sync.Pool.Put" && n != "sync.Pool.Get" {
					continue
				}
				key := poolKey(c.Common().Args[0])
				if key == "" {
					continue
				}
				if uses[key] == nil {
					uses[key] = &poolUse{}
					order = append(order, key)
				}
				here[fn] = append(here[fn], key)
				if call, ok := instr.(*ssa.Call); ok && n == "sync.Pool.Put" {
					uses[key].puts = append(uses[key].puts, call)
				}
				if d, ok := instr.(*ssa.Defer); ok && n == "sync.Pool.Put" {
					uses[key].puts = append(uses[key].puts, d)
				}
			}
		}
	}
	for _, fn := range x.functions {
		for _, key := range here[fn] {
			u := uses[key]
			u.resets = u.resets || x.resetsSomething(fn) || x.calleeResets(fn)
			u.clears = u.clears || clearsElements(fn)
			u.bound = u.bound || looksAtSize(fn)
			fillers[key] = fillers[key] || x.fillsWithoutLimit(fn) || x.growsToInput(fn)
		}
		for _, key := range x.takenBy(fn) {
			if u := uses[key]; u != nil {
				u.resets = u.resets || x.resetsSomething(fn)
				u.clears = u.clears || clearsElements(fn)
				fillers[key] = fillers[key] || x.fillsWithoutLimit(fn) && !looksAtSize(fn)
			}
		}
	}
	for _, key := range order {
		u := uses[key]
		before := len(x.out.Findings)
		for _, put := range u.puts {
			if len(x.out.Findings) > before {
				break // one finding a pool
			}
			typ := pooledType(put.Common().Args[1])
			if typ == nil {
				continue
			}
			fn := put.Parent()
			switch {
			case !u.resets && x.keepsWhatItPointsTo(typ) && !x.methodResets(typ, uses), u.resets && !u.clears && !u.bound && isPointerList(typ):
				x.report(fn, "Put", Finding{Rule: "heap/pool-unreset", Verdict: "suspect", pos: put.Pos(),
					Message: "put into the pool as it is: nothing in this package resets what goes through " + key,
					Cause:   "what the value points to stays reachable from the pool, and a buffer goes on growing from use to use",
					Fix:     "reset it before Put: buf.Reset(), s = s[:0] after clear(s), *v = T{}"})
			case x.fieldLeft(typ) != "":
				field := x.fieldLeft(typ)
				x.report(fn, "Put", Finding{Rule: "heap/pool-unreset", Verdict: "suspect", pos: put.Pos(),
					Message: "put into the pool with what its field " + field + " points to: no path to here clears it",
					Cause:   "a request, writer or list that the value was used for stays reachable from the pool until the value is used again",
					Fix:     "clear it before Put: v." + field + " = nil, clear(v." + field + "), or *v = T{}"})
			case !u.bound && fillers[key] && (isGrowing(typ) || x.hasBuffer(typ)):
				x.report(fn, "Put", Finding{Rule: "heap/pool-oversized", Verdict: "suspect", pos: put.Pos(),
					Message: "put into the pool at any size, though what fills it has no limit",
					Cause:   "one big use makes the buffer big for good, and in time all buffers of the pool are as big as the biggest use",
					Fix:     "do not put back what is too big: if buf.Cap() > limit { return }"})
			default:
				if f, ok := x.ownPut(put, key, typ); ok {
					f.Verdict, f.pos = "suspect", put.Pos()
					x.report(fn, "Put", f)
				}
			}
		}
	}
}

// takenBy are the pools from which functions of the package take a value for
// this one: a getter, and what puts it back.
func (x *extractor) takenBy(fn *ssa.Function) (list []string) {
	instructions(fn, func(i ssa.Instruction) {
		c, ok := i.(ssa.CallInstruction)
		if !ok || c.Common().StaticCallee() == nil || c.Common().StaticCallee().Pkg != x.unit.SSA {
			return
		}
		callee := c.Common().StaticCallee()
		known, ok := x.getters[callee]
		if !ok {
			instructions(callee, func(i ssa.Instruction) {
				if get, ok := i.(*ssa.Call); ok && firstName(get.Common()) == "sync.Pool.Get" && callee.Signature.Results().Len() > 0 {
					known = poolKey(get.Call.Args[0])
				}
			})
			x.getters[callee] = known
		}
		if known != "" {
			list = appendNew(list, known)
		}
	})
	return list
}

// hasBuffer: a struct of the package with a buffer in it.
func (x *extractor) hasBuffer(t types.Type) bool {
	s := structOf(t)
	named, ok := types.Unalias(deref(t)).(*types.Named)
	if s == nil || !ok || named.Obj().Pkg() != x.unit.Types {
		return false
	}
	for n := range s.NumFields() {
		if typeName(s.Field(n).Type()) == "bytes.Buffer" {
			return true
		}
	}
	return false
}

// calleeResets: a function of the package that is called here cleans up.
func (x *extractor) calleeResets(fn *ssa.Function) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		if c, ok := i.(ssa.CallInstruction); ok {
			callee := c.Common().StaticCallee()
			found = found || callee != nil && callee.Pkg == x.unit.SSA && callee.Signature.Recv() != nil && x.resetsSomething(callee)
		}
	})
	return found
}

// methodResets: a method of the pooled type cleans up after itself, and
// somebody calls it who does not do that for another pool.
func (x *extractor) methodResets(t types.Type, pools map[string]*poolUse) bool {
	name := typeName(t)
	for _, fn := range x.functions {
		if recv := fn.Signature.Recv(); recv == nil || name == "" || typeName(recv.Type()) != name || !x.resetsSomething(fn) {
			continue
		}
		calls, elsewhere := 0, 0
		for _, caller := range x.functions {
			instructions(caller, func(i ssa.Instruction) {
				if c, ok := i.(ssa.CallInstruction); ok && c.Common().StaticCallee() == fn {
					calls++
					if usesPool(caller) {
						elsewhere++ // its own pool has seen it: resets is set there
					}
				}
			})
		}
		if calls == 0 || calls > elsewhere {
			return true
		}
	}
	return false
}

func usesPool(fn *ssa.Function) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		if c, ok := i.(ssa.CallInstruction); ok {
			n := firstName(c.Common())
			found = found || n == "sync.Pool.Put" || n == "sync.Pool.Get"
		}
	})
	return found
}

// isPointerList: a slice, or a pointer to one, whose elements point somewhere.
func isPointerList(t types.Type) bool {
	s, ok := deref(t).Underlying().(*types.Slice)
	return ok && hasPointers(s.Elem(), 0)
}

// clearsElements: what the elements point to is let go as well.
func clearsElements(fn *ssa.Function) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		switch t := i.(type) {
		case ssa.CallInstruction:
			if b, ok := t.Common().Value.(*ssa.Builtin); ok {
				found = found || b.Name() == "clear"
			} else {
				switch calleeName(t.Common()) {
				case "Reset", "reset", "Clear", "clear", "Release", "release", "Delete", "DeleteFunc":
					found = true
				}
			}
		case *ssa.Store:
			c, ok := t.Val.(*ssa.Const)
			if _, local := t.Addr.(*ssa.Alloc); ok && isZero(c) && !local {
				found = true
			}
			if u, ok := t.Val.(*ssa.UnOp); ok {
				_, element := t.Addr.(*ssa.IndexAddr)
				_, zero := u.X.(*ssa.Alloc)
				found = found || element && zero
			}
		}
	})
	return found
}

// poolKey names a pool: a package variable or a field.
func poolKey(v ssa.Value) string {
	switch t := v.(type) {
	case *ssa.Global:
		return t.Name()
	case *ssa.FieldAddr:
		if s := structOf(t.X.Type()); s != nil {
			return typeName(t.X.Type()) + "." + s.Field(t.Field).Name()
		}
	case *ssa.UnOp:
		return poolKey(t.X)
	}
	return ""
}

func pooledType(v ssa.Value) types.Type {
	if m, ok := v.(*ssa.MakeInterface); ok {
		return m.X.Type()
	}
	return nil
}

// keepsWhatItPointsTo: a buffer, a slice of pointers, or a struct with pointers.
func (x *extractor) keepsWhatItPointsTo(t types.Type) bool {
	if _, isMap := deref(t).Underlying().(*types.Map); isMap {
		return true
	}
	if isGrowing(t) {
		if s, ok := deref(t).Underlying().(*types.Slice); ok {
			return hasPointers(s.Elem(), 0)
		}
		return true
	}
	s := structOf(t)
	if s == nil {
		return false
	}
	if named, ok := types.Unalias(deref(t)).(*types.Named); ok && named.Obj().Pkg() != x.unit.Types {
		return false // its own package knows what it keeps
	}
	for n := range s.NumFields() {
		t := s.Field(n).Type()
		if list, ok := t.Underlying().(*types.Slice); ok && !hasPointers(list.Elem(), 0) {
			continue // a buffer, which is what the pool is for
		}
		if hasPointers(t, 0) {
			return true
		}
	}
	return false
}

func hasPointers(t types.Type, depth int) bool {
	if depth > 4 {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.String || u.Kind() == types.UnsafePointer
	case *types.Array:
		return hasPointers(u.Elem(), depth+1)
	case *types.Struct:
		for n := range u.NumFields() {
			if hasPointers(u.Field(n).Type(), depth+1) {
				return true
			}
		}
		return false
	}
	return true
}

func isGrowing(t types.Type) bool {
	if n := typeName(t); n == "bytes.Buffer" || n == "strings.Builder" {
		return true
	}
	_, slice := deref(t).Underlying().(*types.Slice)
	return slice
}

// resetsSomething: a call of Reset or Truncate, clear, a slice cut to nothing,
// or a value or field set to its zero.
func (x *extractor) resetsSomething(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			switch i := instr.(type) {
			case ssa.CallInstruction:
				c := i.Common()
				if bi, ok := c.Value.(*ssa.Builtin); ok && (bi.Name() == "clear" || bi.Name() == "delete") {
					return true
				}
				name := ""
				if c.IsInvoke() {
					name = c.Method.Name()
				} else if callee := c.StaticCallee(); callee != nil {
					name = callee.Name()
				}
				switch name {
				case "Reset", "reset", "Truncate", "Clear", "clear", "Init", "init", "Free", "free", "Release", "release", "Recycle", "recycle":
					return true
				}
			case *ssa.Slice:
				if c, ok := i.High.(*ssa.Const); ok && c.Value != nil && c.Int64() == 0 {
					return true
				}
			case *ssa.Store:
				if c, ok := i.Val.(*ssa.Const); ok && isZero(c) && !isErrorAlloc(i.Addr) {
					if _, local := i.Addr.(*ssa.Alloc); !local {
						return true
					}
				}
				if u, ok := i.Val.(*ssa.UnOp); ok && u.Op == token.MUL {
					if restores(i.Addr, u.X) {
						return true
					}
					if a, ok := u.X.(*ssa.Alloc); ok && structOf(a.Type()) != nil {
						if _, local := i.Addr.(*ssa.Alloc); !local {
							return true // *v = T{…}
						}
					}
				}
			}
		}
	}
	return false
}

// restores: a field is given back what it had before.
func restores(to, from ssa.Value) bool {
	a, ok := to.(*ssa.FieldAddr)
	b, alsoOk := from.(*ssa.FieldAddr)
	return ok && alsoOk && a.X == b.X && a.Field == b.Field
}

func isZero(c *ssa.Const) bool {
	if c.Value == nil {
		return true
	}
	switch c.Value.Kind() {
	case constant.String:
		return constant.StringVal(c.Value) == ""
	case constant.Int, constant.Float:
		return constant.Sign(c.Value) == 0
	}
	return false
}

func isErrorAlloc(v ssa.Value) bool { return isError(deref(v.Type())) }

// looksAtSize: a comparison of a capacity or length with a limit.
func looksAtSize(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			op, ok := instr.(*ssa.BinOp)
			if !ok {
				continue
			}
			for n, v := range []ssa.Value{op.X, op.Y} {
				other := []ssa.Value{op.Y, op.X}[n]
				c, ok := v.(*ssa.Call)
				if !ok || !isLimit(other) {
					continue
				}
				if bi, ok := c.Call.Value.(*ssa.Builtin); ok && (bi.Name() == "cap" || bi.Name() == "len") {
					if heads := headers(b); len(heads) > 0 && heads[0] == b {
						continue // the head of a loop over it
					}
					return true
				}
				if callee := c.Call.StaticCallee(); callee != nil && (callee.Name() == "Cap" || callee.Name() == "Len") {
					return true
				}
			}
		}
	}
	return false
}

// isLimit: a constant, a variable of the package, a field, a parameter that is
// called so; not what is needed now, nor another length.
func isLimit(v ssa.Value) bool {
	switch t := v.(type) {
	case *ssa.Const:
		return t.Value == nil || t.Value.ExactString() != "0"
	case *ssa.UnOp:
		switch a := t.X.(type) {
		case *ssa.Global, *ssa.FieldAddr, *ssa.IndexAddr:
			return true
		case *ssa.FreeVar:
			return saysLimit.MatchString(a.Name())
		}
	case *ssa.Parameter:
		return saysLimit.MatchString(t.Name())
	case *ssa.FreeVar:
		return saysLimit.MatchString(t.Name())
	case *ssa.BinOp:
		return isLimit(t.X) || isLimit(t.Y)
	case *ssa.Convert:
		return isLimit(t.X)
	}
	return false
}

var saysLimit = regexp.MustCompile(`(?i)max|limit|bound|cap|thresh`)

// growsToInput: makes, or grows to, a size that an argument or a header decides.
func (x *extractor) growsToInput(fn *ssa.Function) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		switch t := i.(type) {
		case *ssa.MakeSlice:
			if !isGiven(t.Len) && !isGiven(t.Cap) || x.finite.Is(t.Len, t.Block()) && x.finite.Is(t.Cap, t.Block()) {
				return
			}
			bytes := width(t.Type().Underlying().(*types.Slice).Elem()) == 1
			for _, r := range *t.Referrers() {
				if s, ok := r.(*ssa.Store); ok && s.Val == ssa.Value(t) {
					_, local := s.Addr.(*ssa.Alloc)
					found = found || !local || bytes
				}
				switch r.(type) {
				case *ssa.Phi, *ssa.Return:
					found = found || bytes
				}
			}
		case *ssa.Call:
			if n := firstName(t.Common()); n == "bytes.Buffer.Grow" || n == "slices.Grow" || n == "strings.Builder.Grow" {
				size := t.Call.Args[len(t.Call.Args)-1]
				found = found || isGiven(size) && !x.finite.Is(size, t.Block())
			}
		}
	})
	return found
}

// isGiven: a size that comes from a parameter, a field, or what was read.
func isGiven(v ssa.Value) bool {
	switch t := origin(v).(type) {
	case *ssa.Parameter, *ssa.FreeVar, *ssa.Extract:
		return true
	case *ssa.UnOp:
		_, field := t.X.(*ssa.FieldAddr)
		return field
	case *ssa.Convert:
		return isGiven(t.X)
	case *ssa.BinOp:
		return isGiven(t.X) || isGiven(t.Y)
	case *ssa.Call:
		if b, ok := t.Call.Value.(*ssa.Builtin); ok {
			return b.Name() == "len"
		}
		return t.Call.StaticCallee() != nil && strings.Contains(t.Call.StaticCallee().Name(), "Uint")
	}
	return false
}

// fillsWithoutLimit: the function reads until the end of something that others send.
func (x *extractor) fillsWithoutLimit(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			c, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			if isAppend(c) && len(c.Call.Args) == 2 && ofOthers(c.Call.Args[1]) {
				if inLoop(b) {
					return true
				}
				if _, whole := x.bigWhole(origin(c.Call.Args[1]), 0); whole {
					return true
				}
			}
			for _, n := range calleeNames(c.Common()) {
				if encoders[n] {
					return true
				}
				if n != "io.Copy" && n != "bytes.Buffer.ReadFrom" {
					continue
				}
				from := c.Call.Args[len(c.Call.Args)-1]
				if !isLimited(from, 0) {
					return true
				}
			}
		}
	}
	return false
}

// encoders write as much as the value that they are given has.
var encoders = map[string]bool{
	"encoding/json.Encoder.Encode": true, "encoding/xml.Encoder.Encode": true, "encoding/gob.Encoder.Encode": true,
	"text/template.Template.Execute": true, "html/template.Template.Execute": true,
	"text/template.Template.ExecuteTemplate": true, "html/template.Template.ExecuteTemplate": true,
}

// ofOthers: whole strings or slices are appended, not single elements.
func ofOthers(v ssa.Value) bool {
	if s, ok := v.(*ssa.Slice); ok {
		_, literal := s.X.(*ssa.Alloc)
		return !literal
	}
	_, constant := v.(*ssa.Const)
	return !constant
}

func isLimited(v ssa.Value, depth int) bool {
	if depth > 4 {
		return false
	}
	switch t := v.(type) {
	case *ssa.MakeInterface:
		return isLimited(t.X, depth+1)
	case *ssa.ChangeInterface:
		return isLimited(t.X, depth+1)
	case *ssa.Call:
		for _, n := range calleeNames(t.Common()) {
			if n == "io.LimitReader" || n == "net/http.MaxBytesReader" || n == "io.NewSectionReader" {
				return true
			}
		}
	}
	return typeName(v.Type()) == "io.LimitedReader"
}
