package holderfacts

import (
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// underLimit: a counter that the function counts up was compared with a limit
// on the way to the block.
func underLimit(b *ssa.BasicBlock) bool {
	counters := map[string]bool{}
	for _, other := range b.Parent().Blocks {
		for _, i := range other.Instrs {
			switch i := i.(type) {
			case *ssa.Store:
				if sum, ok := i.Val.(*ssa.BinOp); ok && sum.Op == token.ADD {
					if load, ok := sum.X.(*ssa.UnOp); ok && load.Op == token.MUL && addressOf(load.X) == addressOf(i.Addr) {
						counters[addressOf(i.Addr)] = true
					}
				}
			case *ssa.Call:
				if counter, name := atomicCounter(i); name == "Add" {
					counters[counter] = true
				}
			}
		}
	}
	delete(counters, "")
	if len(counters) == 0 {
		return false
	}
	for at := b; at.Idom() != nil; at = at.Idom() {
		from := at.Idom()
		branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
		if !ok {
			continue
		}
		op, ok := branch.Cond.(*ssa.BinOp)
		if !ok || op.Op != token.LSS && op.Op != token.LEQ && op.Op != token.GTR && op.Op != token.GEQ {
			continue
		}
		for _, side := range []ssa.Value{op.X, op.Y} {
			switch v := side.(type) {
			case *ssa.UnOp:
				if v.Op == token.MUL && counters[addressOf(v.X)] {
					return true
				}
			case *ssa.Call:
				if counter, _ := atomicCounter(v); counters[counter] {
					return true
				}
			}
		}
	}
	return false
}

var atomicMethod = regexp.MustCompile(`^sync/atomic\.(?:Int|Uint)\d+\.(Add|Load)$|^sync/atomic\.(Add|Load)(?:Int|Uint)\d+$`)

func atomicCounter(c *ssa.Call) (counter, name string) {
	callee := c.Call.StaticCallee()
	if callee == nil || len(c.Call.Args) == 0 || callee.Pkg == nil || callee.Pkg.Pkg.Path() != "sync/atomic" {
		return "", ""
	}
	m := atomicMethod.FindStringSubmatch(fullName(callee))
	if m == nil {
		return "", ""
	}
	return addressOf(c.Call.Args[0]), m[1] + m[2]
}

// addressOf names a package variable, or a field, equal for equal places.
func addressOf(v ssa.Value) string {
	switch t := v.(type) {
	case *ssa.Global:
		return t.String()
	case *ssa.FieldAddr:
		if base := addressOf(t.X); base != "" {
			return base + "." + string(rune('a'+t.Field%26)) + strings.Repeat("'", t.Field/26)
		}
	case *ssa.UnOp:
		if base := addressOf(t.X); base != "" && t.Op == token.MUL {
			return "*" + base
		}
	case *ssa.Parameter:
		return t.Name()
	}
	return ""
}

// registry are functions of others that take each name once in a program.
var registry = regexp.MustCompile(`^(net/http\.(ServeMux\.)?Handle(Func)?|flag\.(FlagSet\.)?(\w*Var|Bool|Duration|Float64|Func|Int(64)?|String|Uint(64)?)|expvar\.(New\w+|Publish)|.*\.(Must)?Register\w*)$`)

// registryName are names that some of them have: quick to compare.
var registryName = regexp.MustCompile(`^(Handle(Func)?|New\w+|Publish|(Must)?Register\w*|\w*Var|Bool|Duration|Float64|Func|Int(64)?|String|Uint(64)?)$`)

// registersToo: the function also tells a registry, so it is called as often as
// there is something to register.
func registersToo(fn *ssa.Function) bool {
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			if c, ok := i.(ssa.CallInstruction); ok {
				if callee := c.Common().StaticCallee(); callee != nil && callee.Pkg != fn.Pkg && registryName.MatchString(callee.Name()) && registry.MatchString(fullName(callee)) {
					return true
				}
			}
		}
	}
	return false
}

var doOnce = regexp.MustCompile(`^sync\.(Once\.Do|Once(Func|Values?))$`)

// onceFunctions run once in a program: what a sync.Once of the package runs,
// and what only such functions call.
func onceFunctions(functions []*ssa.Function) map[*ssa.Function]bool {
	once, callers, elsewhere := map[*ssa.Function]bool{}, map[*ssa.Function][]*ssa.Function{}, map[*ssa.Function]bool{}
	function := func(v ssa.Value) *ssa.Function {
		switch t := v.(type) {
		case *ssa.Function:
			return t
		case *ssa.MakeClosure:
			return t.Fn.(*ssa.Function)
		}
		return nil
	}
	for _, fn := range functions {
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				c, isCall := i.(ssa.CallInstruction)
				_, started := i.(*ssa.Go)
				runsOnce := false
				if isCall && c.Common().StaticCallee() != nil {
					callee := c.Common().StaticCallee()
					callers[callee] = append(callers[callee], fn)
					elsewhere[callee] = elsewhere[callee] || started || isMain(fn) && !endsSoon(b)
					runsOnce = strings.HasPrefix(callee.Name(), "Once") || callee.Name() == "Do"
					runsOnce = runsOnce && doOnce.MatchString(fullName(callee)) && (fn.Name() == "init" || ofPackage(c.Common().Args[0]))
				}
				if _, made := i.(*ssa.MakeClosure); made {
					continue
				}
				for n, op := range i.Operands(nil) {
					if f := function(*op); f != nil && !(isCall && n == 0 && *op == c.Common().Value) {
						once[f] = once[f] || runsOnce
						elsewhere[f] = elsewhere[f] || !runsOnce
					}
				}
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for _, fn := range functions {
			if once[fn] || elsewhere[fn] || len(callers[fn]) == 0 || token.IsExported(fn.Name()) {
				continue
			}
			all := true
			for _, c := range callers[fn] {
				all = all && (once[c] || isMain(c))
			}
			if all {
				once[fn], changed = true, true
			}
		}
	}
	for fn := range elsewhere {
		if elsewhere[fn] {
			delete(once, fn)
		}
	}
	return once
}

func isMain(fn *ssa.Function) bool {
	return fn.Name() == "main" && fn.Parent() == nil && fn.Pkg != nil && fn.Pkg.Pkg.Name() == "main" && fn.Signature.Recv() == nil
}

// endsSoon: the block is in no loop but over what a slice, array or map has.
func endsSoon(b *ssa.BasicBlock) bool {
	for h := b; h != nil; h = h.Idom() {
		for _, p := range h.Preds {
			if h.Dominates(p) && !strings.HasPrefix(h.Comment, "rangeindex") && !strings.HasPrefix(h.Comment, "rangeiter") {
				return false
			}
		}
	}
	return true
}

// ofPackage: a package variable, or a field of one.
func ofPackage(v ssa.Value) bool {
	for {
		switch t := v.(type) {
		case *ssa.Global:
			return true
		case *ssa.FieldAddr:
			v = t.X
			continue
		}
		return false
	}
}

// fullName is path.Type.Method or path.Function.
func fullName(fn *ssa.Function) string {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return fn.Name()
	}
	return strings.NewReplacer("(", "", ")", "", "*", "").Replace(obj.FullName())
}
