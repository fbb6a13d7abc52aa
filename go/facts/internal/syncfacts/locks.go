package syncfacts

import (
	"go/token"
	"go/types"
	"sort"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Summary is what a caller must know of a function: the locks it leaves held
// or lets go, and whether it comes back.
type Summary struct {
	Acquires []LockEffect `json:"acquires,omitempty"`
	Releases []LockEffect `json:"releases,omitempty"`
	// Ends is "panic" or "goexit" when the function never returns otherwise.
	Ends string `json:"ends,omitempty"`
	// May is "panic" or "goexit" when some path of it ends so.
	May string `json:"may,omitempty"`
}

// LockEffect is a lock by its path from the function's view.
type LockEffect struct {
	Key  string `json:"key"`
	Mode string `json:"mode"`
	// Result is the index+1 of a result that is the function to unlock it.
	Result int `json:"result,omitempty"`
	// Node and Object tell which lock it is.
	Node   string `json:"node,omitempty"`
	Object string `json:"object,omitempty"`
}

func (s *Summary) empty() bool {
	return len(s.Acquires) == 0 && len(s.Releases) == 0 && s.Ends == "" && s.May == ""
}

// summary returns what is known of a function. A function that is being
// analysed, that is in a recursion, counts as one without effect: every
// function is analysed once.
func (x *extractor) summary(fn *ssa.Function) *Summary {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	if s, ok := x.summaries[fn]; ok {
		return s
	}
	if fn.Pkg != x.unit.SSA || fn.Blocks == nil {
		return x.imported(x.calleeKey(fn))
	}
	if x.inProgress[fn] {
		return nil
	}
	x.body(fn)
	return x.summaries[fn]
}

// site is a place that takes a lock.
type site struct {
	lock LockEffect
	base *Base
	line int
	via  string
	op   *Op
	name string
	// leaks, and whether a path returns with it held or has it deferred.
	leaks    []Exit
	returned bool
	deferred bool
	bare     bool
	// guards are the conditions under which the site is reached.
	guards map[string]bool
	block  *ssa.BasicBlock
	pos    token.Pos
}

// effect is what one instruction does to the set of held locks.
type effect struct {
	acquire  *site
	release  *LockEffect
	deferred bool // release when the function ends
	try      bool // acquire only where the result is true
	paired   bool // release: a lock above is under the same conditions
}

// state is the set of locks held at a place: may (some path) and must (every
// path), and the locks with an unlock deferred on every path. Bit 0 of a may
// value: held without a deferred unlock; bit 1: with one.
type state struct {
	reached  bool
	may      map[*site]int
	must     map[*site]bool
	deferred map[string]bool
}

func newState() *state {
	return &state{may: map[*site]int{}, must: map[*site]bool{}, deferred: map[string]bool{}}
}

func (s *state) clone() *state {
	c := newState()
	c.reached = s.reached
	for k, v := range s.may {
		c.may[k] = v
	}
	for k := range s.must {
		c.must[k] = true
	}
	for k := range s.deferred {
		c.deferred[k] = true
	}
	return c
}

// join adds another way into a place and says whether that changed anything.
func (s *state) join(o *state) bool {
	if !s.reached {
		*s = *o.clone()
		s.reached = true
		return true
	}
	changed := false
	for k, v := range o.may {
		if s.may[k]|v != s.may[k] {
			s.may[k] |= v
			changed = true
		}
	}
	for k := range s.must {
		if !o.must[k] {
			delete(s.must, k)
			changed = true
		}
	}
	for k := range s.deferred {
		if !o.deferred[k] {
			delete(s.deferred, k)
			changed = true
		}
	}
	return changed
}

func lockKey(l *LockEffect) string { return l.Mode + " " + l.Key }

// apply changes the state by one effect.
func (s *state) apply(e *effect, released map[string]bool) {
	switch {
	case e.acquire != nil:
		s.may[e.acquire] = 1
		if s.deferred[lockKey(&e.acquire.lock)] {
			s.may[e.acquire] = 2
		}
		s.must[e.acquire] = true
	case e.release != nil && e.deferred:
		s.deferred[lockKey(e.release)] = true
		for k := range s.may {
			if k.lock.Key == e.release.Key && k.lock.Mode == e.release.Mode {
				s.may[k] = 2
			}
		}
	case e.release != nil:
		found := false
		for k := range s.may {
			if k.lock.Key == e.release.Key && k.lock.Mode == e.release.Mode {
				delete(s.may, k)
				delete(s.must, k)
				found = true
			}
		}
		if !found && !e.paired {
			released[lockKey(e.release)] = true
		}
	}
}

// solveLocks runs the sets through the function until nothing changes, then
// calls visit with the state before every instruction. An unlock that some way
// reaches without a lock of this function lets the caller's go; that is seen
// while the ways are walked, before they are joined.
func (b *body) solveLocks(visit func(ssa.Instruction, *state)) {
	b.pair()
	fn := b.fn
	in := make([]*state, len(fn.Blocks))
	for i := range in {
		in[i] = newState()
	}
	in[0].reached = true
	work := []*ssa.BasicBlock{fn.Blocks[0]}
	if fn.Recover != nil {
		in[fn.Recover.Index].reached = true
	}
	queued := map[*ssa.BasicBlock]bool{fn.Blocks[0]: true}
	for steps := 0; len(work) > 0 && steps < 64*len(fn.Blocks)+1024; steps++ {
		block := work[0]
		work, queued[block] = work[1:], false
		out, ended := in[block.Index].clone(), false
		for _, instr := range block.Instrs {
			for _, e := range b.effects[instr] {
				if !e.try {
					out.apply(e, b.released)
				}
			}
			if exit, ok := b.graph.leave[instr]; ok && !exit.Possible || b.x.endsProcess(instr) {
				ended = true
				break
			}
		}
		if ended {
			continue
		}
		for i, succ := range block.Succs {
			next := out
			if tried := b.triedAt(block, i); tried != nil {
				next = out.clone()
				next.apply(tried, b.released)
			}
			next = next.along(block, i, b)
			if in[succ.Index].join(next) && !queued[succ] {
				work, queued[succ] = append(work, succ), true
			}
		}
	}
	for _, block := range fn.Blocks {
		if !in[block.Index].reached {
			continue
		}
		s := in[block.Index].clone()
		for _, instr := range block.Instrs {
			visit(instr, s)
			for _, e := range b.effects[instr] {
				if !e.try {
					s.apply(e, b.released)
				}
			}
			if exit, ok := b.graph.leave[instr]; ok && !exit.Possible || b.x.endsProcess(instr) {
				break
			}
		}
	}
}

// pair finds the unlocks that stand under the same conditions as a lock above
// them: where they are reached, so was the lock.
func (b *body) pair() {
	for instr, list := range b.effects {
		for _, e := range list {
			if e.release == nil {
				continue
			}
			var guards map[string]bool
			for _, s := range b.sites {
				if len(s.guards) == 0 || lockKey(&s.lock) != lockKey(e.release) || s.pos >= instr.Pos() {
					continue
				}
				if guards == nil {
					guards = b.guards(instr.Block())
				}
				implied := true
				for key, value := range s.guards {
					if have, ok := guards[key]; !ok || have != value {
						implied = false
					}
				}
				e.paired = e.paired || implied
			}
		}
	}
}

// along drops what cannot be held on the i-th way out of a block: a lock taken
// under a condition that is false there.
func (s *state) along(block *ssa.BasicBlock, i int, b *body) *state {
	cond, ok := block.Instrs[len(block.Instrs)-1].(*ssa.If)
	if !ok || len(s.may) == 0 {
		return s
	}
	key, positive := b.condition(cond.Cond)
	value := positive == (i == 0)
	out := s
	for k := range s.may {
		// A loop comes back to the condition that guards the lock with a new value.
		if want, guarded := k.guards[key]; guarded && want != value && !block.Dominates(k.block) {
			if out == s {
				out = s.clone()
			}
			delete(out.may, k)
			delete(out.must, k)
		}
	}
	return out
}

// condition names a condition; equal names in a function are taken for equal
// values, so that "if c { lock } … if c { unlock }" is understood.
func (b *body) condition(v ssa.Value) (key string, positive bool) {
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.NOT {
			key, positive := b.condition(v.X)
			return key, !positive
		}
	case *ssa.BinOp:
		x, y := b.term(v.X), b.term(v.Y)
		switch v.Op {
		case token.NEQ:
			return x + " == " + y, false
		case token.EQL:
			return x + " == " + y, true
		}
		return x + " " + v.Op.String() + " " + y, true
	}
	return b.term(v), true
}

func (b *body) term(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.Const:
		if v.Value == nil {
			return "nil"
		}
		return v.Value.ExactString()
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return b.x.path(b.fn, v).key
		}
	case *ssa.Parameter, *ssa.FreeVar:
		return b.x.path(b.fn, v).key
	}
	return v.Name()
}

// guards collects the conditions that hold wherever the block is reached.
func (b *body) guards(block *ssa.BasicBlock) map[string]bool {
	guards := map[string]bool{}
	for at := block; at != nil; at = at.Idom() {
		if len(at.Preds) != 1 {
			continue
		}
		from := at.Preds[0]
		cond, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
		if !ok || from.Succs[0] == from.Succs[1] {
			continue
		}
		key, positive := b.condition(cond.Cond)
		if _, known := guards[key]; !known {
			guards[key] = positive == (from.Succs[0] == at)
		}
	}
	return guards
}

// triedAt returns the TryLock that has succeeded on the i-th way out of block.
func (b *body) triedAt(block *ssa.BasicBlock, i int) *effect {
	cond, ok := block.Instrs[len(block.Instrs)-1].(*ssa.If)
	if !ok {
		return nil
	}
	value, want := cond.Cond, 0
	if not, ok := value.(*ssa.UnOp); ok && not.Op.String() == "!" {
		value, want = not.X, 1
	}
	call, ok := value.(*ssa.Call)
	if !ok || i != want {
		return nil
	}
	for _, e := range b.effects[call] {
		if e.try {
			return &effect{acquire: e.acquire}
		}
	}
	return nil
}

// held lists the locks of a state for the reader of a dump.
func (b *body) held(s *state) []Held {
	var list []Held
	for k, v := range s.may {
		list = append(list, Held{Node: k.lock.Node, Object: k.lock.Object, Path: k.name, Base: k.base, Mode: k.lock.Mode,
			Line: k.line, Deferred: v == 2, Maybe: !s.must[k], Via: k.via, Static: static(k.lock.Key), key: k.lock.Key})
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Line != list[j].Line {
			return list[i].Line < list[j].Line
		}
		return list[i].Path < list[j].Path
	})
	return list
}

// leaving notes which locks are still held, with nobody set to unlock them,
// where the function can be left.
func (b *body) leaving(exit Exit, s *state) {
	if exit.Kind == "return" {
		b.returns++
		for key := range s.deferred {
			b.deferredFor(key, s)
		}
		held := map[string]int{}
		for k, v := range s.may {
			if v&1 != 0 {
				held[lockKey(&k.lock)]++
				if s.must[k] {
					held[lockKey(&k.lock)]++
				}
			}
		}
		for key, n := range held {
			if n > 1 {
				b.heldAt[key]++
			}
		}
	}
	for k, v := range s.may {
		if v&1 == 0 {
			k.deferred = true
			continue
		}
		if v&2 != 0 {
			k.deferred = true
		}
		k.bare = true
		if exit.Kind == "return" {
			k.returned = true
		}
		k.leaks = append(k.leaks, exit)
	}
}

// deferredFor notes a deferred unlock that, at a return, has no lock of this
// function to unlock: it lets the caller's go.
func (b *body) deferredFor(key string, s *state) {
	for k := range s.may {
		if lockKey(&k.lock) == key {
			return
		}
	}
	b.released[key] = true
}

// judge decides, after all ways were seen, whether a lock that is held at a
// return was forgotten there or is meant to be handed to the caller.
func (b *body) judge() {
	unlocks := map[string]bool{}
	for _, list := range b.effects {
		for _, e := range list {
			if e.release != nil {
				unlocks[lockKey(e.release)] = true
			}
		}
	}
	handed := map[string]bool{}
	for _, s := range b.sites {
		key := lockKey(&s.lock)
		leaks := s.leaks
		restores := b.released[key] // of the caller's: let go and taken again
		if s.returned && (!unlocks[key] || restores) {
			// No path unlocks what was taken here: it is taken for the caller,
			// or under a condition that only the caller knows.
			var rest []Exit
			for _, e := range leaks {
				if e.Kind != "return" {
					rest = append(rest, e)
				}
			}
			leaks = rest
			if s.op != nil {
				s.op.ReturnsHeld = true
			}
			if !restores && !handed[key] && b.heldAt[key] == b.returns && (fromCaller(s.lock.Key) || s.lock.Result > 0) {
				handed[key] = true
				b.summary.Acquires = append(b.summary.Acquires, s.lock)
			}
		}
		if s.op != nil {
			s.op.LeaksOn = unique(leaks)
			s.op.DeferUnlock = s.deferred && !s.bare
		}
	}
	for key := range b.released {
		mode, rest, _ := strings.Cut(key, " ")
		if fromCaller(rest) && b.heldAt[key] == 0 {
			b.summary.Releases = append(b.summary.Releases, LockEffect{Key: rest, Mode: mode})
		}
	}
	sort.Slice(b.summary.Releases, func(i, j int) bool {
		return lockKey(&b.summary.Releases[i]) < lockKey(&b.summary.Releases[j])
	})
}

// unlockOf returns the lock that calling v releases: v is mu.Unlock as a value
// or what a helper returned for that purpose.
func (b *body) unlockOf(v ssa.Value) *LockEffect {
	switch v := v.(type) {
	case *ssa.MakeClosure:
		target := v.Fn.(*ssa.Function)
		method, ok := target.Object().(*types.Func)
		if ok && target.Synthetic != "" && len(v.Bindings) == 1 {
			if kind, isSync := syncMethod(method); isSync && (kind == "unlock" || kind == "runlock") {
				return &LockEffect{Key: b.x.path(b.fn, v.Bindings[0]).key, Mode: modeOf(kind), Node: b.x.node(b.fn, v.Bindings[0])}
			}
			return nil
		}
		if s := b.x.summary(target); s != nil && len(s.Releases) == 1 {
			p := b.x.translate(b.fn, &ssa.CallCommon{Value: v}, s.Releases[0].Key)
			if p.key != "" {
				return &LockEffect{Key: p.key, Mode: s.Releases[0].Mode}
			}
		}
	case *ssa.Call:
		return b.handedBy(v, 1)
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return b.handedBy(call, v.Index+1)
		}
	}
	return nil
}

func (b *body) handedBy(call *ssa.Call, result int) *LockEffect {
	for _, e := range b.effects[call] {
		if e.acquire != nil && e.acquire.lock.Result == result {
			l := e.acquire.lock
			l.Result = 0
			return &l
		}
	}
	return nil
}

func modeOf(kind string) string {
	if kind == "rlock" || kind == "runlock" || kind == "tryrlock" {
		return "rlock"
	}
	return "lock"
}
