package resource

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

var errorType = types.Universe.Lookup("error").Type()

func isError(t types.Type) bool { return types.Identical(t, errorType) }

func isBasic(t types.Type) bool {
	_, ok := t.Underlying().(*types.Basic)
	return ok
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func structOf(t types.Type) *types.Struct {
	s, _ := deref(t).Underlying().(*types.Struct)
	return s
}

// sameAfterPointer says whether a type is path.name.
func sameAfterPointer(t types.Type, path, name string) bool {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path && named.Obj().Name() == name
}

// inStandard guesses by the path: no dot in its first element.
func inStandard(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	first, _, _ := strings.Cut(named.Obj().Pkg().Path(), "/")
	return !strings.Contains(first, ".")
}

// fullName is path.Func or path.Type.Method, whether the receiver is a pointer or not.
func fullName(fn *ssa.Function) string {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return ""
	}
	return funcName(obj)
}

func funcName(obj *types.Func) string {
	if obj.Pkg() == nil {
		return obj.Name()
	}
	recv := obj.Type().(*types.Signature).Recv()
	if recv == nil {
		return obj.Pkg().Path() + "." + obj.Name()
	}
	if named, ok := types.Unalias(deref(recv.Type())).(*types.Named); ok {
		return obj.Pkg().Path() + "." + named.Obj().Name() + "." + obj.Name()
	}
	return obj.Pkg().Path() + ".interface." + obj.Name()
}

// calleeNames are the names that a call can be found under in the table: a
// method of an interface also under the type that it is called on.
func calleeNames(c *ssa.CallCommon) []string {
	if !c.IsInvoke() {
		if callee := c.StaticCallee(); callee != nil {
			if n := fullName(callee); n != "" {
				return []string{n}
			}
		}
		return nil
	}
	list := []string{funcName(c.Method)}
	if named, ok := types.Unalias(c.Value.Type()).(*types.Named); ok && named.Obj().Pkg() != nil {
		list = append(list, named.Obj().Pkg().Path()+"."+named.Obj().Name()+"."+c.Method.Name())
	}
	return list
}

// typeName is path.Name of a named type, pointer or not.
func typeName(t types.Type) string {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return ""
	}
	return named.Obj().Pkg().Path() + "." + named.Obj().Name()
}
