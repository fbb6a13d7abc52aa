package resource

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// LivesOn: closing what a method of the thing answered does not close the
// thing: the subscription of a client, the session of a connection.
func (k *Kind) LivesOn() bool { return k.Rule == "resource/client" }

// foreignMethod: the call is of a method of the thing's own type, which
// another module defines. Such a method hands its receiver to hooks, batches
// and goroutines of the module as it likes: that does not relieve who made the
// thing from closing it. Methods that sound like a release are left to their
// summary.
func (f *flow) foreignMethod(c *ssa.CallCommon) bool {
	callee := c.StaticCallee()
	if callee == nil || callee.Signature.Recv() == nil || soundsLikeRelease(callee.Name()) {
		return false
	}
	named, ok := types.Unalias(deref(callee.Signature.Recv().Type())).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	path := named.Obj().Pkg().Path()
	if path == f.x.unit.Path || f.x.isStandard(path) {
		return false
	}
	switch r := f.held[c.Args[0]]; {
	case r == thing || r == part || r == derived:
	case f.kind != anyKind || !f.x.table.takesFrom(path):
		return false // a value of others that has the thing in it
	}
	results := callee.Signature.Results()
	for i := range results.Len() {
		if types.Identical(results.At(i).Type(), callee.Signature.Recv().Type()) {
			return false // a copy of it, with other options
		}
	}
	return true
}

// derive: what the method answered may refer to the thing.
func (f *flow) derive(call *ssa.Call) {
	if f.held[call] != 0 {
		return
	}
	results := call.Call.Signature().Results()
	for i := range results.Len() {
		if t := results.At(i).Type(); !isBasic(t) && !isError(t) && !isPlain(t) {
			f.held[call] = derived
			return
		}
	}
}

// isPlain: a value that refers to nothing which could use the thing.
func isPlain(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return true
	case *types.Slice:
		return isPlain(u.Elem())
	case *types.Array:
		return isPlain(u.Elem())
	case *types.Map:
		return isPlain(u.Key()) && isPlain(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if !isPlain(u.Field(i).Type()) {
				return false
			}
		}
		return true
	}
	return false
}

var releaseWords = []string{"close", "stop", "shutdown", "release", "disconnect", "drain", "terminate", "quit", "cancel", "kill", "finish", "detach",
	"hijack", "commit", "rollback", "unsubscribe", "destroy", "dispose", "teardown", "logout", "free"}

func soundsLikeRelease(name string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(releaseWords, func(w string) bool { return strings.Contains(lower, w) }) || name == "End"
}
