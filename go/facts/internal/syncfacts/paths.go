package syncfacts

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// path is a lock as one function sees it: two equal keys in a function are the
// same lock as long as nothing on the way is assigned anew.
type path struct {
	key  string
	base *Base
}

// path names the address v. Its root is p0 (parameter), f.name (captured),
// g.pkg.name (package variable), l.name (local) or v.name (anything else); a
// field adds .name, a load adds *.
func (x *extractor) path(fn *ssa.Function, v ssa.Value) path {
	switch v := v.(type) {
	case *ssa.Parameter:
		for i, p := range fn.Params {
			if p == v {
				base := (*Base)(nil)
				if pointee(v.Type()) != nil {
					base = &Base{Param: i, Word: wordOf(fn, i)}
				}
				return path{fmt.Sprintf("p%d", i), base}
			}
		}
	case *ssa.FreeVar:
		return path{key: "f." + v.Name()}
	case *ssa.Global:
		return path{key: "g." + globalKey(v)}
	case *ssa.Alloc:
		// A parameter whose address is taken lives in a cell that is stored to once.
		if p := spilled(v); p != nil {
			return path{key: x.path(fn, p).key + "&"}
		}
		return path{key: "l." + v.Name()}
	case *ssa.FieldAddr:
		inner := x.path(fn, v.X)
		st, ok := types.Unalias(pointee(v.X.Type())).Underlying().(*types.Struct)
		if !ok {
			break
		}
		result := path{key: inner.key + "." + st.Field(v.Field).Name()}
		if inner.base != nil {
			if offset, ok := x.offset(st, v.Field); ok {
				base := *inner.base
				base.Offset += offset
				result.base = &base
			}
		}
		return result
	case *ssa.Field:
		if st, ok := types.Unalias(v.X.Type()).Underlying().(*types.Struct); ok {
			return path{key: x.path(fn, v.X).key + "." + st.Field(v.Field).Name()}
		}
	case *ssa.IndexAddr:
		return path{key: x.path(fn, v.X).key + "[" + indexKey(v.Index) + "]"}
	case *ssa.UnOp:
		if v.Op == token.MUL {
			inner := x.path(fn, v.X)
			if n := len(inner.key); n > 0 && inner.key[n-1] == '&' {
				return path{key: inner.key[:n-1]}
			}
			return path{key: inner.key + "*"}
		}
	case *ssa.ChangeType:
		return x.path(fn, v.X)
	case *ssa.MakeInterface:
		return x.path(fn, v.X)
	case *ssa.ChangeInterface:
		return x.path(fn, v.X)
	}
	return path{key: "v." + v.Name()}
}

func indexKey(v ssa.Value) string {
	if c, ok := v.(*ssa.Const); ok && c.Value != nil {
		return c.Value.ExactString()
	}
	return v.Name()
}

// spilled returns the parameter that an alloc is the cell of, or nil.
func spilled(a *ssa.Alloc) *ssa.Parameter {
	var found *ssa.Parameter
	for _, ref := range *a.Referrers() {
		if store, ok := ref.(*ssa.Store); ok && store.Addr == a {
			p, isParam := store.Val.(*ssa.Parameter)
			if !isParam || found != nil {
				return nil
			}
			found = p
		}
	}
	return found
}

// fromCaller reports whether the caller can name the path, and how: by
// argument, captured variable or package variable.
func fromCaller(key string) bool {
	return len(key) > 1 && (key[0] == 'p' && key[1] >= '0' && key[1] <= '9' || key[:2] == "f." || key[:2] == "g.")
}

// translate writes a callee's path from the caller's view, or returns "".
func (x *extractor) translate(fn *ssa.Function, call *ssa.CallCommon, key string) path {
	if key[:2] == "g." {
		return path{key: key}
	}
	end := 1
	if key[0] == 'p' {
		n := 0
		for end < len(key) && key[end] >= '0' && key[end] <= '9' {
			n = n*10 + int(key[end]-'0')
			end++
		}
		if n >= len(call.Args) {
			return path{}
		}
		inner := x.path(fn, call.Args[n])
		return path{key: normal(inner.key + key[end:])}
	}
	closure, ok := call.Value.(*ssa.MakeClosure)
	if !ok {
		return path{}
	}
	target := closure.Fn.(*ssa.Function)
	for i, fv := range target.FreeVars {
		root := "f." + fv.Name()
		if key == root || len(key) > len(root) && key[:len(root)] == root && (key[len(root)] == '.' || key[len(root)] == '*' || key[len(root)] == '[') {
			return path{key: normal(x.path(fn, closure.Bindings[i]).key + key[len(root):])}
		}
	}
	return path{}
}

// normal drops the loads of a parameter's own cell.
func normal(key string) string { return strings.Replace(key, "&*", "", 1) }
