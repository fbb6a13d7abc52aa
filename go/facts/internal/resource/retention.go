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

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

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
					if _, ok := x.partOfBig(i.Key, 0); ok {
						value = i.Key
					}
				}
			case *ssa.Call:
				value = x.storedByCall(i)
			}
			if value == nil {
				continue
			}
			if c, ok := value.(*ssa.Call); ok && isAppend(c) && len(c.Call.Args) == 2 {
				value = appended(c.Call.Args[1])
			}
			if value == nil {
				continue
			}
			whole, ok := x.partOfBig(value, 0)
			if !ok { // looked for first: loops are costly to find
				if whole, ok = x.partOfLine(value); ok {
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
func (x *extractor) storedByCall(c *ssa.Call) ssa.Value {
	switch firstName(c.Common()) {
	case "sync.Map.Store", "sync.Map.LoadOrStore", "sync.Map.Swap", "container/list.List.PushBack", "container/list.List.PushFront", "sync/atomic.Value.Store", "sync/atomic.Pointer.Store":
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
		if _, ok := x.partOfBig(origin(a), 0); ok {
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

// Most steps back from one value: joins have many ways.
const maxCutSteps = 200

// partOfBig says whether a value is a proper part of something big that was
// read or made as a whole, and of what.
func (x *extractor) partOfBig(v ssa.Value, depth int) (string, bool) {
	if depth == 0 {
		x.cutSteps = 0
	}
	if x.cutSteps++; depth > 6 || x.cutSteps > maxCutSteps {
		return "", false
	}
	switch t := v.(type) {
	case *ssa.Slice:
		if isRest(t) || t.Low == nil && (t.High == nil || isMade(t.X) || isNothing(t.High)) {
			return x.partOfBig(t.X, depth+1)
		}
		if whole, ok := x.bigWhole(t.X, depth+1); ok {
			return whole, true
		}
		if c, ok := origin(t.X).(*ssa.Call); ok { // some lines of a text
			if whole, ok := x.piecesOf(c, depth); ok {
				return whole, true
			}
		}
		return x.partOfBig(t.X, depth+1) // a part of a part
	case *ssa.Phi: // cut where it is too long
		for _, e := range t.Edges {
			if e == v {
				continue
			}
			if cut, ok := e.(*ssa.Slice); ok && cut.X == v {
				continue
			}
			if whole, ok := x.partOfBig(e, depth+1); ok {
				return whole, true
			}
		}
	case *ssa.Extract:
		if c, ok := t.Tuple.(*ssa.Call); ok {
			if t.Index < 2 {
				for _, n := range calleeNames(c.Common()) {
					if n == "strings.Cut" || n == "bytes.Cut" {
						return x.bigWhole(c.Call.Args[0], depth+1)
					}
				}
			}
			return x.partInResult(c, t.Index, depth)
		}
	case *ssa.Alloc: // behind a pointer
		if structOf(t.Type()) != nil {
			return x.partInField(t, depth)
		}
	case *ssa.UnOp:
		if literal, ok := t.X.(*ssa.Alloc); ok && structOf(literal.Type()) != nil {
			return x.partInField(literal, depth)
		}
		if index, ok := t.X.(*ssa.IndexAddr); ok && t.Op == token.MUL {
			if c, ok := origin(index.X).(*ssa.Call); ok {
				return x.piecesOf(c, depth)
			}
		}
		if a, ok := t.X.(*ssa.Alloc); ok && t.Op == token.MUL { // a variable
			if only := load.OnlyStore(a); only != nil {
				return x.partOfBig(only, depth+1)
			}
		}
	case *ssa.Call:
		for _, n := range calleeNames(t.Common()) {
			switch n {
			case "strings.TrimSpace", "strings.TrimPrefix", "strings.TrimSuffix", "bytes.TrimSpace", "strings.Trim",
				"strings.TrimLeft", "strings.TrimRight", "strings.TrimFunc", "bytes.TrimPrefix", "bytes.TrimSuffix", "bytes.Trim", "bytes.TrimLeft", "bytes.TrimRight":
				return x.partOfBig(t.Call.Args[0], depth+1)
			case "regexp.Regexp.Find", "regexp.Regexp.FindString":
				return x.bigWhole(t.Call.Args[1], depth+1)
			}
		}
		return x.partInResult(t, 0, depth)
	case *ssa.ChangeType:
		return x.partOfBig(t.X, depth+1)
	}
	return "", false
}

// piecesOf: the call cuts something big into pieces, or finds some in it.
func (x *extractor) piecesOf(c *ssa.Call, depth int) (string, bool) {
	for _, n := range calleeNames(c.Common()) {
		if strings.HasPrefix(n, "regexp.Regexp.Find") {
			return x.bigWhole(c.Call.Args[1], depth+1)
		}
		switch strings.TrimPrefix(strings.TrimPrefix(n, "strings."), "bytes.") {
		case "Split", "SplitN", "SplitAfter", "SplitAfterN", "Fields", "FieldsFunc":
			return x.bigWhole(c.Call.Args[0], depth+1)
		}
	}
	return "", false
}

// isRest: all but a short head, which is cut off.
func isRest(t *ssa.Slice) bool {
	low, ok := t.Low.(*ssa.Const)
	return ok && t.High == nil && low.Value != nil && low.Int64() <= shortHead
}

// Longest head that is worth nothing, in bytes.
const shortHead = 1 << 10

// partInResult: a function of the package returns a part of what it is given,
// or a struct with one.
func (x *extractor) partInResult(c *ssa.Call, result, depth int) (string, bool) {
	callee := c.Call.StaticCallee()
	if callee == nil || callee.Pkg != x.unit.SSA || len(callee.Blocks) == 0 || depth > 4 {
		return "", false
	}
	for _, b := range callee.Blocks {
		r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok || result >= len(r.Results) {
			continue
		}
		for n, p := range cutsOf(r.Results[result], 0) {
			if whole, ok := x.bigWhole(c.Call.Args[n], depth+2); ok && p {
				return whole, true
			}
		}
	}
	return "", false
}

// cutsOf are the parameters of which a result is a part, or has one in a field.
func cutsOf(v ssa.Value, depth int) map[int]bool {
	list := map[int]bool{}
	if depth > 3 {
		return list
	}
	switch t := origin(v).(type) {
	case *ssa.Slice:
		if isRest(t) || t.Low == nil && (t.High == nil || isNothing(t.High)) {
			return cutsOf(t.X, depth+1)
		}
		if p, ok := origin(t.X).(*ssa.Parameter); ok {
			for n, q := range p.Parent().Params {
				list[n] = q == p
			}
		}
	case *ssa.Alloc:
		if structOf(t.Type()) == nil {
			break
		}
		kept := map[int]bool{}
		for n := range structOf(t.Type()).NumFields() {
			for _, root := range named(t) {
				for _, r := range *root.Referrers() {
					f, ok := r.(*ssa.FieldAddr)
					if !ok || f.Field != n {
						continue
					}
					for _, r := range *f.Referrers() {
						s, ok := r.(*ssa.Store)
						if !ok || s.Addr != ssa.Value(f) {
							continue
						}
						for n, cut := range cutsOf(s.Val, depth+1) {
							list[n] = list[n] || cut
						}
						if p, ok := origin(s.Val).(*ssa.Parameter); ok {
							for n, q := range p.Parent().Params {
								kept[n] = kept[n] || q == p
							}
						}
					}
				}
			}
		}
		for n := range kept {
			list[n] = list[n] && !kept[n] // the whole is wanted, too
		}
	case *ssa.UnOp:
		if a, ok := t.X.(*ssa.Alloc); ok && structOf(a.Type()) != nil {
			return cutsOf(a, depth+1)
		}
	}
	return list
}

// partOfLine says whether a value is cut out of one of the lines, or other
// pieces, of something big. Where all pieces are stored that keeps little more.
func (x *extractor) partOfLine(v ssa.Value) (string, bool) {
	for range 8 {
		switch t := v.(type) {
		case *ssa.Slice:
			v = t.X
			continue
		case *ssa.ChangeType:
			v = t.X
			continue
		case *ssa.UnOp:
			return x.partOfBig(t, 0)
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

// partInField: a field of a struct that is made here is a part of something big,
// and no other field has all of it.
func (x *extractor) partInField(literal *ssa.Alloc, depth int) (found string, ok bool) {
	for _, root := range named(literal) {
		for _, r := range *root.Referrers() {
			field, isField := r.(*ssa.FieldAddr)
			if !isField {
				continue
			}
			for _, r := range *field.Referrers() {
				s, stored := r.(*ssa.Store)
				if !stored || s.Addr != ssa.Value(field) {
					continue
				}
				if _, all := x.bigWhole(origin(s.Val), depth+1); all && !isCut(s.Val) {
					return "", false
				}
				if whole, part := x.partOfBig(s.Val, depth+1); part && !ok {
					found, ok = whole, true
				}
			}
		}
	}
	return found, ok
}

func isCut(v ssa.Value) bool {
	s, ok := v.(*ssa.Slice)
	return ok && !isRest(s)
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

func (x *extractor) bigWhole(v ssa.Value, depth int) (string, bool) {
	if depth > 8 {
		return "", false
	}
	switch t := v.(type) {
	case *ssa.Slice:
		return x.bigWhole(t.X, depth+1)
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
		if b, ok := t.Type().Underlying().(*types.Slice); isString(t.Type()) || ok && width(b.Elem()) == 1 {
			if saysWhole.MatchString(t.Name()) {
				return allOf + t.Name(), true
			}
			return x.givenWhole(t, depth)
		}
	case *ssa.UnOp: // a variable
		if only := origin(t); only != v {
			return x.bigWhole(only, depth+1)
		}
	case *ssa.Convert:
		// string(data) is a copy, and as big.
		return x.bigWhole(t.X, depth+1)
	case *ssa.ChangeType:
		return x.bigWhole(t.X, depth+1)
	case *ssa.Extract:
		if c, ok := t.Tuple.(*ssa.Call); ok && t.Index < 2 {
			for _, n := range calleeNames(c.Common()) {
				switch n {
				case "strings.Cut", "bytes.Cut":
					return x.bigWhole(c.Call.Args[0], depth+1)
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
					return "all that was read", readsAll(t.Call.Args[0])
				}
				return x.bigWhole(t.Call.Args[0], depth+1)
			}
		}
	}
	return "", false
}

// givenWhole: a caller in the package gives something that was read as a whole.
func (x *extractor) givenWhole(p *ssa.Parameter, depth int) (string, bool) {
	list, _ := x.finite.Arguments(p)
	for n, a := range list {
		if n >= maxArguments {
			break
		}
		if whole, ok := x.bigWhole(origin(a.Value), depth+3); ok {
			return whole, true
		}
	}
	return "", false
}

// Most calls of a function that are looked at for one of its parameters.
const maxArguments = 16

// readsAll: a buffer of this function that something was read into up to its end.
func readsAll(buffer ssa.Value) bool {
	a, ok := buffer.(*ssa.Alloc)
	if !ok {
		return false
	}
	for _, r := range *a.Referrers() {
		switch i := r.(type) {
		case *ssa.Call:
			if firstName(i.Common()) == "bytes.Buffer.ReadFrom" {
				return !isLimited(i.Call.Args[1], 0)
			}
		case *ssa.MakeInterface:
			for _, r := range *i.Referrers() {
				if c, ok := r.(*ssa.Call); ok && firstName(c.Common()) == "io.Copy" && c.Call.Args[0] == ssa.Value(i) {
					return !isLimited(c.Call.Args[1], 0)
				}
			}
		}
	}
	return false
}

// allOf begins the words for what a parameter has.
const allOf = "all of "

// Names of parameters that have something as a whole, of any size.
var saysWhole = regexp.MustCompile(`(?i)^(body|page|doc|document|contents?|payload|html|xml|blob|raw|file|frame|packet|dump|response|message|msg|report)$`)
