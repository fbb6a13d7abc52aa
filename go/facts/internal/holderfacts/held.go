package holderfacts

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// What an interface can hold is followed over the program by name: a
// conversion puts the methods of a type into a place, and a place flows into
// another. Places are fields and package variables ("at owner.name"),
// parameters ("in function 0") and results ("out function 0").

// Holding is one step of this.
type Holding struct {
	Place string `json:"place"`
	// From is another place whose values come here; or
	From string `json:"from,omitempty"`
	// Methods are those of a type that is put here, by their keys.
	Methods []string `json:"methods,omitempty"`
}

// Most methods of an interface that is followed.
const maxMethods = 24

func (x *extractor) held(v ssa.Value) string {
	switch t := v.(type) {
	case *ssa.Parameter:
		for n, p := range t.Parent().Params {
			if p == t && t.Parent().Parent() == nil {
				return "in " + parameter(x.names.Key(t.Parent()), n)
			}
		}
	case *ssa.Call:
		return x.heldResult(t, 0)
	case *ssa.Extract:
		if c, ok := t.Tuple.(*ssa.Call); ok {
			return x.heldResult(c, t.Index)
		}
	case *ssa.ChangeInterface:
		return x.held(t.X)
	case *ssa.UnOp:
		return cellName(t.X)
	}
	return ""
}

func (x *extractor) heldResult(c *ssa.Call, n int) string {
	if callee := c.Call.StaticCallee(); callee != nil && !x.standard(callee) && callee.Parent() == nil {
		return "out " + parameter(x.names.Key(callee), n)
	}
	return ""
}

// holds notes where interfaces go in an instruction.
func (x *extractor) holds(instr ssa.Instruction) {
	switch i := instr.(type) {
	case *ssa.Store:
		x.put(cellName(i.Addr), i.Val)
	case *ssa.Return:
		if x.fn.Parent() == nil {
			for n, r := range i.Results {
				x.put("out "+parameter(x.names.Key(x.fn), n), r)
			}
		}
	case ssa.CallInstruction:
		c := i.Common()
		callee := c.StaticCallee()
		if callee == nil || callee.Parent() != nil || x.standard(callee) {
			return
		}
		for n, a := range c.Args {
			x.put("in "+parameter(x.names.Key(callee), n), a)
		}
	}
}

func (x *extractor) put(place string, v ssa.Value) {
	iface, ok := v.Type().Underlying().(*types.Interface)
	if place == "" || !ok || iface.NumMethods() == 0 || iface.NumMethods() > maxMethods {
		return
	}
	switch names.Type(v.Type()) {
	case "error", "context.Context":
		return
	}
	list := []ssa.Value{v}
	if phi, ok := v.(*ssa.Phi); ok {
		list = phi.Edges
	}
	for _, v := range list {
		h := Holding{Place: place}
		if m, ok := v.(*ssa.MakeInterface); ok {
			if !isStruct(m.X.Type()) {
				continue
			}
			for _, m := range x.implements(m) {
				h.Methods = append(h.Methods, names.Func(m))
			}
		} else {
			h.From = x.held(v)
		}
		key := h.Place + " < " + h.From + strings.Join(h.Methods, ",")
		if (h.From != "" || len(h.Methods) > 0) && h.From != place && !x.holdings[key] {
			x.holdings[key] = true
			x.out.Holdings = append(x.out.Holdings, h)
		}
	}
}

// heldPlaces knows which methods the values of a place have.
type heldPlaces struct {
	from    map[string][]string
	methods map[string][]string
}

func newHeld(units []*Unit) *heldPlaces {
	h := &heldPlaces{map[string][]string{}, map[string][]string{}}
	for _, u := range units {
		for _, one := range u.Holdings {
			if one.From != "" {
				h.from[one.Place] = append(h.from[one.Place], one.From)
			}
			h.methods[one.Place] = append(h.methods[one.Place], one.Methods...)
		}
	}
	return h
}

// Most places that are looked at for one call.
const maxPlaces = 64

// targets are the parameters that a pass gives to: one, or the receivers of
// the methods that a place can have.
func (h *heldPlaces) targets(to string) []string {
	if !strings.HasPrefix(to, "at ") && !strings.HasPrefix(to, "in ") {
		return []string{to}
	}
	dot := strings.LastIndex(to, ".")
	place, method := to[:dot], to[dot:]
	var list []string
	queue, seen := []string{place}, map[string]bool{place: true}
	for n := 0; n < len(queue) && n < maxPlaces; n++ {
		for _, m := range h.methods[queue[n]] {
			if strings.HasSuffix(m, method) {
				list = append(list, parameter(m, 0))
			}
		}
		for _, from := range h.from[queue[n]] {
			if !seen[from] {
				seen[from] = true
				queue = append(queue, from)
			}
		}
	}
	return list
}
