package resource

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// deferInLoop: a deferred call in a loop runs only when the function ends, so
// every pass adds one. A defer behind which the loop is left does not count:
// its block cannot be reached again.
func (x *extractor) deferInLoop(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			d, ok := instr.(*ssa.Defer)
			if !ok || !runsOften(b) || !givesBack(&d.Call) || onlyFirst(b) || ofEarlier(d) || usedTogether(d) {
				continue
			}
			x.report(fn, "defer", Finding{Rule: "resource/defer-in-loop", Verdict: "suspect", pos: d.Pos(),
				Message: "deferred in a loop: it runs when the function ends, not when the pass does",
				Cause:   "every pass leaves one more open, and one more deferred call in memory, until the function returns",
				Fix:     "move the body of the loop into a function of its own, or release at the end of the pass",
				Edits:   x.repairDefer(fn, d),
			})
		}
	}
}

// onlyFirst: the block runs where a variable is still nil, which it then sets.
func onlyFirst(b *ssa.BasicBlock) bool {
	for at := b; at.Idom() != nil; at = at.Idom() {
		from := at.Idom()
		branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
		if !ok || !loopOf(b)[from] {
			continue
		}
		op, ok := branch.Cond.(*ssa.BinOp)
		if !ok || op.Op != token.EQL || from.Succs[0] != at {
			continue
		}
		if c, ok := op.Y.(*ssa.Const); ok && c.IsNil() && !isError(op.X.Type()) {
			return true
		}
	}
	return false
}

// givesBack: the deferred call closes, unlocks, stops or cancels something.
func givesBack(c *ssa.CallCommon) bool {
	if c.IsInvoke() {
		return isReleaseName(c.Method.Name())
	}
	callee := c.StaticCallee()
	if callee == nil {
		// A function value without arguments or results: cancel().
		sig := c.Signature()
		return sig.Params().Len() == 0 && sig.Results().Len() == 0
	}
	if isReleaseName(callee.Name()) {
		return true
	}
	if callee.Parent() == nil {
		return false
	}
	for _, b := range callee.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok && givesBack(call.Common()) {
				if _, builtin := call.Common().Value.(*ssa.Builtin); !builtin {
					return true
				}
			}
		}
	}
	return false
}

func isReleaseName(name string) bool {
	switch name {
	case "Unlock", "RUnlock":
		return true
	case "Wait", "End":
		return false
	}
	return slices.Contains(anyKind.Release, name)
}

// oldTimers: what only leaks where the main module is older than Go 1.23.
func (x *extractor) oldTimers(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			for _, n := range calleeNames(call.Common()) {
				switch {
				case n == "time.After" && inLoop(b):
					if !longer(call.Common().Args[0], 1_000_000_000) {
						continue
					}
					x.report(fn, "time.After", Finding{Rule: "resource/ticker", Kind: "timer", Verdict: "suspect", Before: "1.23", pos: call.Pos(),
						Message: "time.After in a loop: every pass leaves a timer until it fires",
						Cause:   "before Go 1.23 (the go line of the main module) the runtime keeps each timer until it fires",
						Fix:     "one time.NewTimer before the loop, with Reset in it"})
				case n == "time.Tick" && !x.oncePerProgram(fn) && !neverReturns(fn):
					x.report(fn, "time.Tick", Finding{Rule: "resource/ticker", Kind: "ticker", Verdict: "suspect", Before: "1.23", pos: call.Pos(),
						Message: "time.Tick in a function that returns: its ticker can never be stopped",
						Cause:   "before Go 1.23 (the go line of the main module) the runtime keeps the ticker for ever",
						Fix:     "time.NewTicker with defer ticker.Stop()"})
				}
			}
		}
	}
}

// longer: not a constant, or at least so many nanoseconds.
func longer(v ssa.Value, nanoseconds int64) bool {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil {
		return true
	}
	n, exact := constant.Int64Val(c.Value)
	return !exact || n >= nanoseconds
}

// hasDisabledKeepAlives: the transport keeps no idle connections.
func hasDisabledKeepAlives(a *ssa.Alloc) bool {
	for _, r := range *a.Referrers() {
		field, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		s := structOf(a.Type())
		if s == nil || s.Field(field.Field).Name() != "DisableKeepAlives" {
			continue
		}
		return true
	}
	return false
}

// capturedAnywhere: a closure or a started goroutine has the value.
func capturedAnywhere(v ssa.Value) bool {
	list := []ssa.Value{v}
	if u, ok := v.(*ssa.UnOp); ok {
		list = append(list, u.X)
	}
	for _, v := range list {
		for _, r := range *v.Referrers() {
			switch i := r.(type) {
			case *ssa.MakeClosure, *ssa.Go:
				return true
			case *ssa.ChangeType:
				for _, r := range *i.Referrers() {
					if _, ok := r.(*ssa.Go); ok {
						return true
					}
				}
			case *ssa.Store:
				if alloc, ok := i.Addr.(*ssa.Alloc); ok && i.Val == v {
					for _, r := range *alloc.Referrers() {
						if _, ok := r.(*ssa.MakeClosure); ok {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

// Smallest array that is worth telling when a part of it keeps it, in bytes.
const bigArray = 16 << 10

// retention: a part of a big array, or of a text read as a whole, that is
// stored where it stays.
func (x *extractor) retention(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			var value ssa.Value
			switch i := instr.(type) {
			case *ssa.Store:
				if outlives(i.Addr) {
					value = i.Val
				}
			case *ssa.MapUpdate:
				if outlivesMap(i.Map) {
					value = i.Value
					if _, ok := partOfBig(i.Key, 0); ok {
						value = i.Key
					}
				}
			case *ssa.Call:
				value = storedByCall(i)
			}
			if value == nil {
				continue
			}
			if c, ok := value.(*ssa.Call); ok {
				if bi, ok := c.Call.Value.(*ssa.Builtin); ok && bi.Name() == "append" && len(c.Call.Args) == 2 {
					value = appended(c.Call.Args[1])
				}
			}
			if value == nil {
				continue
			}
			whole, ok := partOfBig(value, 0)
			if !ok { // looked for first: loops are costly to find
				if whole, ok = partOfLine(value); ok {
					ok = chosen(instr.Block())
				}
			}
			if ok && !(strings.HasPrefix(whole, allOf) && inLoop(b)) {
				x.report(fn, "slice", Finding{Rule: "heap/subslice-retention", Verdict: "suspect", pos: posOf(instr, value),
					Message: fmt.Sprintf("a part of %s is stored here and keeps all of it", whole),
					Cause:   "a slice or substring points into the array that it was cut from, and the whole array stays with it",
					Fix:     "store a copy: bytes.Clone or strings.Clone of the part"})
			}
		}
	}
}

func posOf(instr ssa.Instruction, v ssa.Value) token.Pos {
	if p := instr.Pos(); p.IsValid() {
		return p
	}
	return v.Pos()
}

// storedByCall is what a call puts into a sync.Map, list or atomic value that
// outlives the function.
func storedByCall(c *ssa.Call) ssa.Value {
	switch firstName(c.Common()) {
	case "sync.Map.Store", "sync.Map.LoadOrStore", "sync.Map.Swap", "container/list.List.PushBack", "container/list.List.PushFront", "sync/atomic.Value.Store":
	default:
		return nil
	}
	_, global := c.Call.Args[0].(*ssa.Global)
	if load, ok := c.Call.Args[0].(*ssa.UnOp); ok { // a list behind a pointer
		global = outlives(load.X)
	}
	if !global && !outlives(c.Call.Args[0]) {
		return nil
	}
	for _, a := range c.Call.Args[1:] {
		if _, ok := partOfBig(origin(a), 0); ok {
			return origin(a)
		}
	}
	return nil
}

// appended is the one element that append is given, where there is one.
func appended(v ssa.Value) ssa.Value {
	s, ok := v.(*ssa.Slice)
	if !ok {
		return nil
	}
	alloc, ok := s.X.(*ssa.Alloc)
	if !ok {
		return nil
	}
	for _, r := range *alloc.Referrers() {
		if index, ok := r.(*ssa.IndexAddr); ok {
			for _, r := range *index.Referrers() {
				if store, ok := r.(*ssa.Store); ok {
					return store.Val
				}
			}
		}
	}
	return nil
}

// outlives: a package variable, or a field of something that was not made here.
func outlives(addr ssa.Value) bool {
	switch root := addressRoot(addr).(type) {
	case *ssa.Global:
		return true
	case *ssa.Parameter, *ssa.FreeVar:
		return addr != root
	case *ssa.UnOp:
		_, global := root.X.(*ssa.Global)
		return global
	}
	return false
}

func outlivesMap(m ssa.Value) bool {
	if u, ok := m.(*ssa.UnOp); ok && u.Op == token.MUL {
		return outlives(u.X)
	}
	return false
}

// partOfBig says whether a value is a proper part of something big that was
// read or made as a whole, and of what.
func partOfBig(v ssa.Value, depth int) (string, bool) {
	if depth > 6 {
		return "", false
	}
	switch t := v.(type) {
	case *ssa.Slice:
		if t.Low == nil && (t.High == nil || isMade(t.X) || isNothing(t.High)) {
			return partOfBig(t.X, depth+1)
		}
		return bigWhole(t.X, depth+1)
	case *ssa.Extract:
		if c, ok := t.Tuple.(*ssa.Call); ok && t.Index < 2 {
			for _, n := range calleeNames(c.Common()) {
				if n == "strings.Cut" || n == "bytes.Cut" {
					return bigWhole(c.Call.Args[0], depth+1)
				}
			}
		}
	case *ssa.UnOp:
		if literal, ok := t.X.(*ssa.Alloc); ok && structOf(literal.Type()) != nil {
			return partInField(literal, depth)
		}
		if index, ok := t.X.(*ssa.IndexAddr); ok && t.Op == token.MUL {
			if c, ok := index.X.(*ssa.Call); ok {
				for _, n := range calleeNames(c.Common()) {
					if strings.HasPrefix(n, "regexp.Regexp.Find") {
						return bigWhole(c.Call.Args[1], depth+1)
					}
					switch n {
					case "strings.Split", "strings.SplitN", "strings.Fields", "bytes.Split", "bytes.SplitN", "bytes.Fields":
						return bigWhole(c.Call.Args[0], depth+1)
					}
				}
			}
		}
	case *ssa.Call:
		for _, n := range calleeNames(t.Common()) {
			switch n {
			case "strings.TrimSpace", "strings.TrimPrefix", "strings.TrimSuffix", "bytes.TrimSpace", "strings.Trim":
				return partOfBig(t.Call.Args[0], depth+1)
			}
		}
	case *ssa.ChangeType:
		return partOfBig(t.X, depth+1)
	}
	return "", false
}

// partOfLine says whether a value is cut out of one of the lines, or other
// pieces, of something big. Where all pieces are stored that keeps little more.
func partOfLine(v ssa.Value) (string, bool) {
	for range 8 {
		switch t := v.(type) {
		case *ssa.Slice:
			v = t.X
			continue
		case *ssa.ChangeType:
			v = t.X
			continue
		case *ssa.UnOp:
			return partOfBig(t, 0)
		case *ssa.Extract:
			c, ok := t.Tuple.(*ssa.Call)
			if ok && t.Index < 2 && slices.ContainsFunc(calleeNames(c.Common()), func(n string) bool { return n == "strings.Cut" || n == "bytes.Cut" }) {
				v = c.Call.Args[0]
				continue
			}
		case *ssa.Call:
			if len(t.Call.Args) > 0 && slices.ContainsFunc(calleeNames(t.Common()), func(n string) bool {
				return strings.HasPrefix(n, "strings.Trim") || strings.HasPrefix(n, "bytes.Trim")
			}) {
				v = t.Call.Args[0]
				continue
			}
		}
		return "", false
	}
	return "", false
}

// chosen: the block runs, in a loop, only for texts that have something.
func chosen(b *ssa.BasicBlock) bool {
	loop := loopOf(b)
	for at := b; at.Idom() != nil; at = at.Idom() {
		from := at.Idom()
		branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
		if !ok || !loop[from] || from.Succs[0] != at || len(at.Preds) != 1 {
			continue
		}
		c, ok := branch.Cond.(*ssa.Call)
		if ok && slices.ContainsFunc(calleeNames(c.Common()), func(n string) bool {
			switch n {
			case "strings.HasPrefix", "strings.HasSuffix", "strings.Contains", "bytes.HasPrefix", "bytes.HasSuffix", "bytes.Contains", "regexp.Regexp.MatchString", "regexp.Regexp.Match":
				return true
			}
			return false
		}) {
			return true
		}
	}
	return false
}

// partInField: a field of a struct that is made here is a part of something big.
func partInField(literal *ssa.Alloc, depth int) (string, bool) {
	for _, r := range *literal.Referrers() {
		field, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, r := range *field.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(field) {
				if whole, ok := partOfBig(s.Val, depth+1); ok {
					return whole, true
				}
			}
		}
	}
	return "", false
}

// isMade: make([]T, n, m) with constants is an array that is cut at once.
func isMade(v ssa.Value) bool {
	a, ok := v.(*ssa.Alloc)
	return ok && a.Comment == "makeslice"
}

// isNothing: cut to length 0, the beginning of something that will be filled.
func isNothing(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value != nil && c.Int64() == 0
}

func bigWhole(v ssa.Value, depth int) (string, bool) {
	if depth > 8 {
		return "", false
	}
	switch t := v.(type) {
	case *ssa.Slice:
		return bigWhole(t.X, depth+1)
	case *ssa.Alloc:
		if arr, ok := deref(t.Type()).Underlying().(*types.Array); ok && arr.Len()*width(arr.Elem()) >= bigArray {
			return fmt.Sprintf("an array of %d elements", arr.Len()), true
		}
	case *ssa.MakeSlice:
		if c, ok := t.Len.(*ssa.Const); ok && c.Value != nil {
			elem := t.Type().Underlying().(*types.Slice).Elem()
			if n, exact := constant.Int64Val(c.Value); exact && n*width(elem) >= bigArray {
				return fmt.Sprintf("a slice of %d elements", n), true
			}
		}
	case *ssa.Parameter:
		if b, ok := t.Type().Underlying().(*types.Slice); (isString(t.Type()) || ok && width(b.Elem()) == 1) && saysWhole.MatchString(t.Name()) {
			return allOf + t.Name(), true
		}
	case *ssa.Convert:
		// string(data) is a copy, and as big.
		return bigWhole(t.X, depth+1)
	case *ssa.ChangeType:
		return bigWhole(t.X, depth+1)
	case *ssa.Extract:
		if c, ok := t.Tuple.(*ssa.Call); ok && t.Index < 2 {
			for _, n := range calleeNames(c.Common()) {
				switch n {
				case "strings.Cut", "bytes.Cut":
					return bigWhole(c.Call.Args[0], depth+1)
				case "io.ReadAll", "os.ReadFile", "io/ioutil.ReadAll", "io/ioutil.ReadFile":
					return "all that " + shortName(n) + " read", true
				}
			}
		}
	case *ssa.Call:
		for _, n := range calleeNames(t.Common()) {
			switch n {
			case "bytes.Buffer.Bytes", "bytes.Buffer.String", "strings.TrimSpace", "bytes.TrimSpace":
				if n == "bytes.Buffer.Bytes" || n == "bytes.Buffer.String" {
					return "", false
				}
				return bigWhole(t.Call.Args[0], depth+1)
			}
		}
	}
	return "", false
}

// allOf begins the words for what a parameter has.
const allOf = "all of "

// Names of parameters that have something as a whole, of any size.
var saysWhole = regexp.MustCompile(`(?i)^(body|page|doc|document|contents?|payload|html|xml|blob|raw|file|frame|packet|dump|response|message|msg|report)$`)

func width(t types.Type) int64 { return types.SizesFor("gc", "amd64").Sizeof(t) }

// localChannels notes the channels that do not leave their function.
func (x *extractor) localChannels(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			m, ok := instr.(*ssa.MakeChan)
			if !ok {
				continue
			}
			p := x.place(m.Pos(), "")
			if x.effectIn(fn, m, &Kind{}) != Borrowed {
				if !x.oncePerProgram(fn) && inUnexportedField(m) {
					x.out.FieldChannels = append(x.out.FieldChannels, fmt.Sprintf("%s:%d", p.File, p.Line))
				}
				continue
			}
			x.out.LocalChannels = append(x.out.LocalChannels, fmt.Sprintf("%s:%d", p.File, p.Line))
		}
	}
}

// inUnexportedField: the channel goes nowhere but into a field that only its
// package can name.
func inUnexportedField(m *ssa.MakeChan) bool {
	fields := 0
	for _, r := range *m.Referrers() {
		switch i := r.(type) {
		case *ssa.Store:
			field, ok := i.Addr.(*ssa.FieldAddr)
			if !ok || structOf(field.X.Type()) == nil || structOf(field.X.Type()).Field(field.Field).Exported() {
				return false
			}
			fields++
		case *ssa.DebugRef:
		default:
			return false
		}
	}
	return fields == 1
}
