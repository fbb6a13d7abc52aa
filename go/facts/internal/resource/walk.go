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

// Bounds of one walk. A function that needs more gets no answer.
const (
	maxStates = 3000
	maxExits  = 3
)

// fact is what is known of a value on a path.
type fact int8

const (
	isNil  fact = iota + 1 // nil or false
	notNil                 // not nil, or true
)

type step struct {
	before *step
	pos    token.Pos
	text   string
}

type state struct {
	block *ssa.BasicBlock
	index int
	held  map[ssa.Value]role
	known map[ssa.Value]fact
	trail *step
	used  bool  // something was asked of the thing
	late  *late // a deferred function that gives it back under a condition
}

// exit is a way on which the thing is lost.
type exit struct {
	pos   token.Pos
	text  string
	trail *step
	// panicked: what is called there may panic, and the function recovers.
	panicked bool
}

// outcome of a walk.
type outcome struct {
	exits    []exit
	owns     []Owned
	kept     bool
	released bool
	gaveUp   bool
	// shown: code that is not seen had it for a while.
	shown bool
}

// walker follows the paths behind one place that takes something.
type walker struct {
	x    *extractor
	fn   *ssa.Function
	kind *Kind
	typ  types.Type
	at   ssa.Instruction // nil: the function has it from the start
	// extract is the result that matters, of a call that has several.
	extract *ssa.Extract
	closers []int // results of the same call that give it back when they are called
	// lock: what is followed is a lock, not a value.
	lock  *heldLock
	ids   map[ssa.Value]int
	reps  map[ssa.Value]ssa.Value // a condition -> the first that is written alike
	uses  map[ssa.Value]int       // how often a condition decides
	depOf map[ssa.Value][]ssa.Value
	out   outcome
}

func (w *walker) id(v ssa.Value) int {
	n, ok := w.ids[v]
	if !ok {
		n = len(w.ids)
		w.ids[v] = n
	}
	return n
}

func (w *walker) key(s *state) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d.%d.%t.%t", s.block.Index, s.index, s.used, s.late != nil)
	list := make([]int, 0, len(s.held)+len(s.known))
	for v, r := range s.held {
		switch v.(type) {
		case *ssa.FieldAddr, *ssa.MakeInterface, *ssa.UnOp: // follow from others, and are made anew before use
			continue
		}
		list = append(list, w.id(v)*16+int(r))
	}
	for v, f := range s.known {
		list = append(list, w.id(v)*16+8+int(f))
	}
	slices.Sort(list)
	for _, n := range list {
		fmt.Fprintf(&b, ",%d", n)
	}
	return b.String()
}

// run walks from behind the instruction that takes the thing.
func (w *walker) run(held map[ssa.Value]role, known map[ssa.Value]fact) outcome {
	w.ids = map[ssa.Value]int{}
	w.conditions()
	start := &state{block: w.fn.Blocks[0], held: held, known: known}
	if w.at != nil {
		start.block = w.at.Block()
		start.index = slices.Index(start.block.Instrs, w.at) + 1
		w.assumeBefore(start)
	}
	queue := []*state{start}
	seen := map[string]bool{w.key(start): true}
	for len(queue) > 0 && len(w.out.exits) < maxExits {
		s := queue[0]
		queue = queue[1:]
		for _, next := range w.through(s) {
			if key := w.key(next); !seen[key] {
				seen[key] = true
				queue = append(queue, next)
			}
		}
		if len(seen) > maxStates {
			w.out.gaveUp = true
			break
		}
	}
	return w.out
}

// assumeBefore notes what the branches say that lead to where the thing is taken.
func (w *walker) assumeBefore(s *state) {
	for at := s.block; at.Idom() != nil; at = at.Idom() {
		from := at.Idom()
		branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
		if !ok || len(at.Preds) != 1 || at.Preds[0] != from || from.Succs[0] == from.Succs[1] {
			continue
		}
		truth := notNil
		if from.Succs[1] == at {
			truth = isNil
		}
		w.assume(s, branch.Cond, truth)
	}
}

// conditions finds comparisons that are written alike, so that a second one is
// decided as the first was.
func (w *walker) conditions() {
	w.reps, w.uses, w.depOf = map[ssa.Value]ssa.Value{}, map[ssa.Value]int{}, map[ssa.Value][]ssa.Value{}
	first := map[string]ssa.Value{}
	for _, b := range w.fn.Blocks {
		for _, i := range b.Instrs {
			if op, ok := i.(*ssa.BinOp); ok {
				text := op.Op.String() + " " + name(op.X) + " " + name(op.Y)
				if first[text] == nil {
					first[text] = op
					w.depOf[op.X] = append(w.depOf[op.X], op)
					w.depOf[op.Y] = append(w.depOf[op.Y], op)
				}
				w.reps[op] = first[text]
				w.uses[first[text]]++
			}
			if branch, ok := i.(*ssa.If); ok {
				if _, isOp := branch.Cond.(*ssa.BinOp); !isOp {
					w.uses[branch.Cond]++
				}
			}
		}
	}
}

func name(v ssa.Value) string {
	if c, ok := v.(*ssa.Const); ok {
		return c.String()
	}
	return v.Name()
}

// through runs a state to the end of its block.
func (w *walker) through(s *state) []*state {
	f := &flow{x: w.x, kind: w.kind, typ: w.typ, held: s.held, only: w.extract, closers: w.closers, handsOut: true}
	for _, instr := range s.block.Instrs[s.index:] {
		if _, ok := instr.(*ssa.Phi); ok {
			continue // set on the way in
		}
		if w.lock != nil {
			if instr == w.at || w.lock.step(w.x, instr) == Released {
				return nil
			}
			if next, done := w.leave(s, instr); done {
				return next
			}
			continue
		}
		if instr == w.at {
			// The same place again: what hangs on registers is gone, variables keep it.
			for v := range s.held {
				switch v.(type) {
				case *ssa.Phi, *ssa.Alloc:
				default:
					delete(s.held, v)
				}
			}
			if len(s.held) == 0 {
				w.lose(s, w.at.Pos(), "the next pass of the loop takes another one, this one is lost")
				return nil
			}
			w.redefine(s, instr)
			continue
		}
		w.redefine(s, instr)
		if g, ok := instr.(*ssa.Go); ok && w.inGoroutine(s, g) {
			return nil
		}
		if w.x.staysBehind(instr, s.held) {
			w.lose(s, instr.Pos(), "sent on a channel that has more senders than receives: the last ones stay in it")
			return nil
		}
		s.used = s.used || w.kind.Idle && asksOf(instr, s.held)
		e := f.step(instr)
		if d, ok := instr.(*ssa.Defer); ok && e == Released && s.late == nil {
			if s.late = lateOf(d); s.late != nil {
				e, w.out.released = Borrowed, true
			}
		}
		if r, ok := instr.(*ssa.Return); ok && s.late != nil && s.late.runs(r, s.known) {
			return nil
		}
		if e == Kept && w.onlyShown(s, f, instr) {
			e, w.out.shown = Borrowed, true
		}
		switch e {
		case Released:
			w.out.released = true
			return nil
		case Kept:
			w.out.kept = true
			return nil
		case Returned:
			w.handOut(s, instr.(*ssa.Return))
			return nil
		}
		if len(s.held) == 0 {
			w.lose(s, instr.Pos(), "the variable is given another value here")
			return nil
		}
		if next, done := w.leave(s, instr); done {
			return next
		}
	}
	return nil
}

// onlyShown: a function value of others gets the thing and answers whether it
// went well, and this function goes on to release it or to hand it out: then
// it is this function's to release where it did not go well, too.
func (w *walker) onlyShown(s *state, f *flow, instr ssa.Instruction) (goesOn bool) {
	call, ok := instr.(*ssa.Call)
	if !ok || call.Call.IsInvoke() || call.Call.StaticCallee() != nil || !isError(call.Type()) {
		return false
	}
	if _, builtin := call.Call.Value.(*ssa.Builtin); builtin {
		return false
	}
	for _, b := range w.fn.Blocks {
		if b != call.Block() && !reaches(call.Block(), b, func(o *ssa.BasicBlock) bool { return w.at != nil && o == w.at.Block() }) {
			continue
		}
		for _, i := range b.Instrs {
			switch i := i.(type) {
			case *ssa.Return:
				goesOn = goesOn || slices.ContainsFunc(i.Results, func(r ssa.Value) bool { return s.held[r] == thing })
			case ssa.CallInstruction:
				goesOn = goesOn || f.releases(i.Common())
			}
		}
	}
	return goesOn
}

// leave learns from an instruction, and follows it out of its block where it
// is the last one.
func (w *walker) leave(s *state, instr ssa.Instruction) (next []*state, done bool) {
	if w.lock != nil {
		if v, ok := instr.(ssa.Value); ok {
			w.forget(s, v)
		}
	}
	w.learn(s, instr)
	switch i := instr.(type) {
	case *ssa.Call:
		if (w.lock == nil || !w.lock.atPanic) && w.mayPanic(i) && !w.deferredBefore(s) {
			w.out.exits = append(w.out.exits, exit{pos: i.Pos(), text: "a panic of this call is recovered, and leaves it as it is", trail: s.trail, panicked: true})
		}
		return nil, endsProgram(i.Common()) || w.calleeEnds(i.Common())
	case *ssa.Return:
		if !w.deferredBefore(s) && (w.lock == nil || !w.lock.atPanic && (w.lock.handedOver == nil || !w.lock.handedOver(i))) {
			w.lose(s, i.Pos(), "returns here with it still open")
		}
		return nil, true
	case *ssa.If:
		return w.branch(s, i), true
	case *ssa.Jump:
		return []*state{w.enter(s, s.block.Succs[0], s.trail, nil)}, true
	case *ssa.Panic:
		if w.lock != nil && w.lock.atPanic && i.Pos().IsValid() && (w.lock.anyPanic || fromCaller(i)) {
			w.lose(s, i.Pos(), "panics here with it still locked")
		}
		return nil, true
	}
	return nil, false
}

// mayPanic: a function value of others is called, and a deferred function
// recovers: then the path goes on behind this function.
func (w *walker) mayPanic(i *ssa.Call) bool {
	return callsOthers(i) && recoveredBefore(w.fn, i)
}

func (w *walker) calleeEnds(c *ssa.CallCommon) bool {
	callee := c.StaticCallee()
	if callee == nil {
		return false
	}
	s := w.x.known(callee)
	return s != nil && s.Ends
}

// asksOf: a call that gets the thing, and does more than to make something of it
// or to set it up.
func asksOf(instr ssa.Instruction, held map[ssa.Value]role) bool {
	c, ok := instr.(ssa.CallInstruction)
	if !ok || setsUp.MatchString(calleeName(c.Common())) {
		return false
	}
	return slices.ContainsFunc(instr.Operands(nil), func(op *ssa.Value) bool { return *op != nil && held[*op] != 0 })
}

var setsUp = regexp.MustCompile(`(?i)^(new|make|with|set|configure|register|clone)`)

func (w *walker) lose(s *state, pos token.Pos, text string) {
	if w.kind.Idle && !s.used {
		return
	}
	if !pos.IsValid() {
		pos = lastPos(s.block)
	}
	if !pos.IsValid() {
		pos = w.fn.Syntax().End() - 1
		text = "the function ends here with it still open"
	}
	w.out.exits = append(w.out.exits, exit{pos: pos, text: text, trail: s.trail})
}

func lastPos(b *ssa.BasicBlock) token.Pos {
	for i := len(b.Instrs) - 1; i >= 0; i-- {
		if p := b.Instrs[i].Pos(); p.IsValid() {
			return p
		}
	}
	return token.NoPos
}

func (w *walker) handOut(s *state, r *ssa.Return) {
	for n, v := range r.Results {
		if role := s.held[v]; role != 0 {
			w.out.owns = append(w.out.owns, Owned{Result: n, Inside: role == container, Closer: role == closer})
		}
	}
}

// deferredBefore: a closure deferred before the thing was taken looks after the
// variable that now has it.
func (w *walker) deferredBefore(s *state) bool {
	for v := range s.held {
		alloc, ok := v.(*ssa.Alloc)
		if !ok || alloc.Referrers() == nil || w.at == nil {
			continue
		}
		for _, r := range *alloc.Referrers() {
			m, ok := r.(*ssa.MakeClosure)
			if !ok || !before(m, w.at) {
				continue
			}
			for n, b := range m.Bindings {
				if b == ssa.Value(alloc) && w.x.freeEffect(m.Fn.(*ssa.Function), n, w.kind) >= Kept {
					return true
				}
			}
		}
	}
	return false
}

// before: a runs on every way to b.
func before(a, b ssa.Instruction) bool {
	if a.Block() == b.Block() {
		return slices.Index(a.Block().Instrs, a) < slices.Index(b.Block().Instrs, b)
	}
	return a.Block().Dominates(b.Block())
}

// redefine forgets what was known of a value that gets a new one.
func (w *walker) redefine(s *state, instr ssa.Instruction) {
	v, ok := instr.(ssa.Value)
	if !ok {
		return
	}
	if _, isAlloc := v.(*ssa.Alloc); !isAlloc {
		delete(s.held, v)
	}
	w.forget(s, v)
}

func (w *walker) forget(s *state, v ssa.Value) {
	if rep := w.reps[v]; rep != v {
		delete(s.known, v)
	}
	if _, isOp := v.(*ssa.BinOp); !isOp {
		delete(s.known, v)
	}
	for _, op := range w.depOf[v] {
		delete(s.known, op)
	}
}

// learn notes what an instruction tells about its value.
func (w *walker) learn(s *state, instr ssa.Instruction) {
	switch i := instr.(type) {
	case *ssa.Store:
		if alloc := variable(i.Addr); alloc != nil {
			delete(s.known, alloc)
			if f := w.factOf(s, i.Val); f != 0 {
				s.known[alloc] = f
			}
		}
	case *ssa.UnOp:
		if alloc := variable(i.X); alloc != nil && i.Op == token.MUL {
			if f := s.known[alloc]; f != 0 {
				s.known[i] = f
			}
		}
	case *ssa.ChangeInterface:
		if f := w.factOf(s, i.X); f != 0 {
			s.known[i] = f
		}
	case *ssa.Extract:
		if i.Tuple == valueOf(w.at) && isError(i.Type()) {
			s.known[i] = isNil
		}
	}
}

// variable is the address of a local or captured variable, nil for other places.
func variable(v ssa.Value) ssa.Value {
	switch v.(type) {
	case *ssa.Alloc, *ssa.FreeVar:
		return v
	}
	return nil
}

func valueOf(i ssa.Instruction) ssa.Value {
	v, _ := i.(ssa.Value)
	return v
}

// factOf says whether a value is nil or false, or is not, where the path tells.
func (w *walker) factOf(s *state, v ssa.Value) fact {
	if s.held[v] != 0 {
		if _, variable := v.(*ssa.Alloc); !variable {
			return notNil
		}
	}
	switch t := v.(type) {
	case *ssa.Const:
		if t.Value == nil {
			if isBasic(t.Type()) {
				return 0
			}
			return isNil
		}
		if t.Value.Kind() == constant.Bool {
			if constant.BoolVal(t.Value) {
				return notNil
			}
			return isNil
		}
		return 0
	case *ssa.MakeInterface, *ssa.MakeMap, *ssa.MakeChan, *ssa.MakeClosure, *ssa.Function:
		return notNil
	case *ssa.Call:
		if f := s.known[v]; f != 0 {
			return f
		}
		for _, n := range calleeNames(t.Common()) {
			switch n {
			case "errors.New", "fmt.Errorf":
				return notNil
			}
		}
		if asksForError(t.Common()) && w.factOf(s, t.Common().Args[0]) == isNil {
			return isNil
		}
		return 0
	case *ssa.UnOp:
		if t.Op == token.NOT {
			return opposite(w.factOf(s, t.X))
		}
		if isSentinel(t) {
			return notNil
		}
	case *ssa.BinOp:
		rep := w.reps[t]
		if f := s.known[rep]; f != 0 {
			return f
		}
		if t.Op != token.EQL && t.Op != token.NEQ {
			return 0
		}
		x, y := w.factOf(s, t.X), w.factOf(s, t.Y)
		if x == 0 || y == 0 || x == notNil && y == notNil && !isBool(t.X) {
			return 0
		}
		same := x == y
		if same == (t.Op == token.EQL) {
			return notNil
		}
		return isNil
	}
	return s.known[v]
}

func isBool(v ssa.Value) bool {
	b, ok := v.Type().Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

func opposite(f fact) fact {
	switch f {
	case isNil:
		return notNil
	case notNil:
		return isNil
	}
	return 0
}

// branch follows both ways, or the one that what is known leaves.
func (w *walker) branch(s *state, i *ssa.If) []*state {
	decided := w.factOf(s, i.Cond)
	var list []*state
	for n, succ := range s.block.Succs {
		truth := notNil
		if n == 1 {
			truth = isNil
		}
		if decided != 0 && decided != truth {
			continue
		}
		if w.endsWith(s, i.Cond, truth) {
			w.out.released = true
			continue
		}
		trail := s.trail
		if decided == 0 && i.Cond.Pos().IsValid() {
			text := "the condition holds"
			if truth == isNil {
				text = "the condition does not hold"
			}
			trail = &step{s.trail, i.Cond.Pos(), text}
		}
		list = append(list, w.enter(s, succ, trail, func(next *state) {
			if decided == 0 {
				w.assume(next, i.Cond, truth)
			}
		}))
	}
	return list
}

// assume notes what a branch says, where something later can ask for it.
func (w *walker) assume(s *state, cond ssa.Value, truth fact) {
	switch c := cond.(type) {
	case *ssa.UnOp:
		if c.Op == token.NOT {
			w.assume(s, c.X, opposite(truth))
			return
		}
		w.note(s, c, truth)
	case *ssa.BinOp:
		if rep := w.reps[c]; w.uses[rep] > 1 {
			s.known[rep] = truth
		}
		if c.Op == token.EQL || c.Op == token.NEQ {
			x, y := c.X, c.Y
			if k, ok := x.(*ssa.Const); ok && k.Value == nil {
				x, y = y, x
			}
			if k, ok := y.(*ssa.Const); ok && k.IsNil() {
				if c.Op == token.NEQ {
					truth = opposite(truth)
				}
				w.note(s, x, opposite(truth))
			}
		}
	case *ssa.Call:
		if truth == notNil && asksForError(c.Common()) {
			w.note(s, c.Call.Args[0], notNil)
		}
		w.note(s, cond, truth)
	default:
		w.note(s, cond, truth)
	}
}

// asksForError: errors.Is, os.IsNotExist and the like: no for a nil error,
// whatever else they ask.
func asksForError(c *ssa.CallCommon) bool {
	sig := c.Signature()
	return c.StaticCallee() != nil && len(c.Args) > 0 && isError(c.Args[0].Type()) && sig.Recv() == nil &&
		sig.Results().Len() == 1 && isBasic(sig.Results().At(0).Type()) && kindOfError.MatchString(calleeName(c))
}

var kindOfError = regexp.MustCompile(`^(Is|As|is|as)([A-Z]|$)`)

// note: x is nil, or is not. Only for what is asked more than once.
func (w *walker) note(s *state, x ssa.Value, f fact) {
	if u, ok := x.(*ssa.UnOp); ok && u.Op == token.MUL {
		if alloc := variable(u.X); alloc != nil {
			s.known[alloc] = f
		}
	}
	if refs := x.Referrers(); refs != nil && len(*refs) > 1 {
		s.known[x] = f
	}
}

// enter copies a state into the next block and sets the block's phis.
func (w *walker) enter(s *state, to *ssa.BasicBlock, trail *step, more func(*state)) *state {
	next := &state{block: to, held: make(map[ssa.Value]role, len(s.held)), known: make(map[ssa.Value]fact, len(s.known)), trail: trail, used: s.used, late: s.late}
	for v, r := range s.held {
		next.held[v] = r
	}
	for v, f := range s.known {
		next.known[v] = f
	}
	if more != nil {
		more(next)
	}
	edge := slices.Index(to.Preds, s.block)
	type update struct {
		phi  *ssa.Phi
		role role
		fact fact
	}
	var updates []update
	for _, instr := range to.Instrs {
		phi, ok := instr.(*ssa.Phi)
		if !ok {
			break
		}
		v := phi.Edges[edge]
		updates = append(updates, update{phi, next.held[v], w.factOf(next, v)})
	}
	for _, u := range updates {
		delete(next.held, u.phi)
		w.forget(next, u.phi)
		if u.role != 0 {
			next.held[u.phi] = u.role
		}
		if u.fact != 0 && decides(u.phi) {
			next.known[u.phi] = u.fact
		}
	}
	return next
}

// decides: a condition, or another phi, asks for the value.
func decides(phi *ssa.Phi) bool {
	for _, r := range *phi.Referrers() {
		switch r.(type) {
		case *ssa.If, *ssa.BinOp, *ssa.Phi, *ssa.UnOp, *ssa.Store:
			return true
		}
	}
	return false
}
