package resource

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// channelUse is all that a function, and what it runs, does with a channel
// that it made.
type channelUse struct {
	made    *ssa.MakeChan
	owner   *ssa.Function
	parties map[*ssa.Function]*party
	// values name the channel, in whichever function.
	values map[ssa.Value]bool
	// unknown: others have it too, or it is not clear who runs what.
	unknown bool
}

// party is one function that has the channel.
type party struct {
	runs                   []ssa.CallInstruction // by the owner; none for the owner itself
	sends, receives, stops []ssa.Instruction     // stops: close, also deferred
	async                  bool                  // all runs are in goroutines
}

// channelUseOf follows a channel through variables, closures and calls.
func (x *extractor) channelUseOf(made *ssa.MakeChan) *channelUse {
	u := &channelUse{made: made, owner: made.Parent(), parties: map[*ssa.Function]*party{}, values: map[ssa.Value]bool{made: true}}
	queue := []ssa.Value{made}
	add := func(v ssa.Value) {
		if !u.values[v] {
			u.values[v] = true
			queue = append(queue, v)
		}
	}
	for n := 0; n < len(queue) && !u.unknown; n++ {
		v := queue[n]
		for _, r := range *v.Referrers() {
			p := u.party(r.Parent())
			switch i := r.(type) {
			case *ssa.DebugRef:
			case *ssa.ChangeType:
				add(i)
			case *ssa.Store:
				a, ok := i.Addr.(*ssa.Alloc)
				if i.Addr == v && u.values[i.Val] {
					continue
				}
				if !ok || i.Val != v || load.OnlyStore(a) != v {
					u.unknown = true
					continue
				}
				add(a)
			case *ssa.UnOp:
				switch i.Op {
				case token.MUL:
					add(i)
				case token.ARROW:
					p.receives = append(p.receives, i)
				}
			case *ssa.Send:
				if i.X == v {
					u.unknown = true
				}
				p.sends = append(p.sends, i)
			case *ssa.Select:
				for _, s := range i.States {
					switch {
					case s.Send == v:
						u.unknown = true
					case s.Chan == v && s.Dir == types.SendOnly:
						p.sends = append(p.sends, i)
					case s.Chan == v:
						p.receives = append(p.receives, i)
					}
				}
			case *ssa.MakeClosure:
				inner := i.Fn.(*ssa.Function)
				for k, b := range i.Bindings {
					if b == v && k < len(inner.FreeVars) {
						add(inner.FreeVars[k])
					}
				}
				if _, known := u.parties[inner]; !known {
					x.runsOf(u, u.party(inner), i)
				}
			case ssa.CallInstruction:
				x.handed(u, i, v, add)
			default:
				u.unknown = true
			}
		}
	}
	return u
}

func (u *channelUse) party(fn *ssa.Function) *party {
	if u.parties[fn] == nil {
		u.parties[fn] = &party{async: true}
	}
	return u.parties[fn]
}

// handed: the channel is an argument of a call, or is closed.
func (x *extractor) handed(u *channelUse, i ssa.CallInstruction, v ssa.Value, add func(ssa.Value)) {
	c := i.Common()
	if b, ok := c.Value.(*ssa.Builtin); ok {
		if p := u.party(i.Parent()); b.Name() == "close" {
			p.stops = append(p.stops, i)
		}
		return
	}
	callee := c.StaticCallee()
	if callee == nil || len(callee.Blocks) == 0 || len(callee.Params) != len(c.Args) {
		u.unknown = true
		return
	}
	for n, a := range c.Args {
		if a == v {
			add(callee.Params[n])
		}
	}
	u.run(u.party(callee), i)
}

func (u *channelUse) run(p *party, i ssa.CallInstruction) {
	if i.Parent() != u.owner {
		u.unknown = true // nested: who knows how often
		return
	}
	_, goes := i.(*ssa.Go)
	p.async = p.async && goes
	for _, known := range p.runs {
		if known == i {
			return
		}
	}
	p.runs = append(p.runs, i)
}

// runsOf finds who runs a closure that has the channel.
func (x *extractor) runsOf(u *channelUse, p *party, m *ssa.MakeClosure) {
	queue := []ssa.Value{m}
	for n := 0; n < len(queue); n++ {
		v := queue[n]
		for _, r := range *v.Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef:
			case *ssa.Store:
				a, ok := i.Addr.(*ssa.Alloc)
				if !ok || load.OnlyStore(a) != v {
					u.unknown = true
					continue
				}
				for _, r := range *a.Referrers() {
					switch t := r.(type) {
					case *ssa.UnOp:
						queue = append(queue, t)
					case *ssa.Store, *ssa.DebugRef:
					default:
						u.unknown = true
					}
				}
			case ssa.CallInstruction:
				switch {
				case i.Common().Value == v:
					u.run(p, i)
				case x.startsArgument(i.Common(), v):
					u.run(p, i)
					p.async = true
				default:
					u.unknown = true
				}
			default:
				u.unknown = true
			}
		}
	}
}

// startsArgument: the callee runs the function in a goroutine.
func (x *extractor) startsArgument(c *ssa.CallCommon, f ssa.Value) bool {
	callee := c.StaticCallee()
	if callee == nil {
		return false
	}
	if fullName(callee) == "sync.WaitGroup.Go" {
		return true
	}
	s := x.known(callee)
	if s == nil {
		return false
	}
	for _, n := range s.Starts {
		if n < len(c.Args) && c.Args[n] == f {
			return true
		}
	}
	return false
}
