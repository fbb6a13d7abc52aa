package syncfacts

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// body is everything found in one function.
type body struct {
	x        *extractor
	fn       *ssa.Function
	graph    *graph
	ops      []*Op
	calls    []Site
	leaves   []Exit
	recovers bool
	defers   bool // something else than an operation of package sync is deferred
	sites    []*site
	effects  map[ssa.Instruction][]*effect
	released map[string]bool
	summary  *Summary
	opAt     map[ssa.Instruction][]*Op
	callAt   map[ssa.Instruction]*Site
	returns  int
	heldAt   map[string]int // lock -> number of returns at which it is held
	called   map[string]bool
}

// syncMethods are the operations of package sync and time by method.
var syncMethods = map[string]string{
	"sync.(*Mutex).Lock": "lock", "sync.(*Mutex).Unlock": "unlock", "sync.(*Mutex).TryLock": "trylock",
	"sync.(*RWMutex).Lock": "lock", "sync.(*RWMutex).Unlock": "unlock", "sync.(*RWMutex).TryLock": "trylock",
	"sync.(*RWMutex).RLock": "rlock", "sync.(*RWMutex).RUnlock": "runlock", "sync.(*RWMutex).TryRLock": "tryrlock",
	"sync.(*WaitGroup).Add": "wg-add", "sync.(*WaitGroup).Done": "wg-done", "sync.(*WaitGroup).Wait": "wg-wait", "sync.(*WaitGroup).Go": "wg-go",
	"sync.(*Cond).Wait": "cond-wait", "sync.(*Cond).Signal": "cond-signal", "sync.(*Cond).Broadcast": "cond-broadcast",
	"sync.(*Once).Do":     "once-do",
	"time.(*Timer).Stop":  "timer-stop",
	"time.(*Timer).Reset": "timer-reset", "time.(*Ticker).Stop": "timer-stop", "time.(*Ticker).Reset": "timer-reset",
}

func syncMethod(m *types.Func) (string, bool) {
	kind, ok := syncMethods[names.Func(m)]
	return kind, ok
}

// lockerMethods are the methods of an interface that stand for a lock.
var lockerMethods = map[string]string{"Lock": "lock", "Unlock": "unlock", "RLock": "rlock", "RUnlock": "runlock", "TryLock": "trylock"}

// body analyses a function once.
func (x *extractor) body(fn *ssa.Function) *body {
	if b, ok := x.bodies[fn]; ok {
		return b
	}
	b := &body{x: x, fn: fn, graph: &graph{x: x, fn: fn, leave: map[ssa.Instruction]Exit{}}, effects: map[ssa.Instruction][]*effect{},
		released: map[string]bool{}, summary: &Summary{}, opAt: map[ssa.Instruction][]*Op{}, callAt: map[ssa.Instruction]*Site{}, heldAt: map[string]int{}, called: map[string]bool{}}
	x.bodies[fn] = b
	x.inProgress[fn] = true
	defer delete(x.inProgress, fn)
	b.graph.loops()
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			b.instruction(instr)
		}
	}
	b.recovers = b.hasRecover()
	b.solveLocks(func(instr ssa.Instruction, s *state) {
		if len(s.may) > 0 {
			for _, op := range b.opAt[instr] {
				op.Held = b.held(s)
			}
			if c := b.callAt[instr]; c != nil {
				c.Held = b.held(s)
			}
		}
		b.once(instr)
		if exit, ok := b.graph.leave[instr]; ok {
			b.leaving(exit, s)
			if _, isReturn := instr.(*ssa.Return); isReturn {
				b.returning(exit.Line, s)
			}
		}
	})
	for _, op := range b.ops {
		slices.Sort(op.RunsAt)
		op.RunsAt = slices.Compact(op.RunsAt)
	}
	b.judge()
	b.paths()
	b.ending()
	x.summaries[fn] = b.summary
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			if c := b.callAt[instr]; c != nil && (len(c.Held) > 0 || c.Kind == "go") {
				b.calls = append(b.calls, *c)
			}
		}
	}
	return b
}

func (b *body) instruction(instr ssa.Instruction) {
	x := b.x
	switch v := instr.(type) {
	case *ssa.Return:
		b.graph.leave[instr] = Exit{Kind: "return", Line: b.graph.returnLine(v)}
	case *ssa.Panic:
		if v.Pos().IsValid() { // else the builder's own, behind a select: never reached
			b.graph.leave[instr] = Exit{Kind: "panic", Line: x.line(v.Pos())}
		}
	case *ssa.MapUpdate:
		b.graph.leave[instr] = Exit{Kind: "panic", Line: x.line(v.Pos()), Possible: true, Callee: "map write"}
	case *ssa.TypeAssert:
		if !v.CommaOk {
			b.graph.leave[instr] = Exit{Kind: "panic", Line: x.line(v.Pos()), Possible: true, Callee: "type assertion"}
		}
	case *ssa.Send:
		b.channel(instr, v.Chan, "send", v.Pos())
	case *ssa.UnOp:
		if v.Op == token.ARROW {
			kind := "receive"
			if x.ranges[v.Pos()] {
				kind = "range"
			}
			b.channel(instr, v.X, kind, v.Pos())
		}
	case *ssa.Select:
		b.selects(v)
	case *ssa.MakeChan:
		op := b.op(instr, "make-chan", v.Pos())
		op.Node = x.node(b.fn, v)
	case ssa.CallInstruction:
		b.call(v)
	}
}

// op adds an operation of an instruction.
func (b *body) op(instr ssa.Instruction, kind string, pos token.Pos) *Op {
	op := &Op{Line: b.x.line(pos), Kind: kind, Path: b.x.operand[pos], InLoop: b.graph.inLoop(instr.Block()), LoopOver: b.x.loopOver(pos), pos: pos}
	b.ops = append(b.ops, op)
	b.opAt[instr] = append(b.opAt[instr], op)
	return op
}

func (b *body) channel(instr ssa.Instruction, ch ssa.Value, kind string, pos token.Pos) *Op {
	op := b.op(instr, kind, pos)
	b.operand(op, ch)
	if kind == "receive" {
		op.Kind = receiveKind(ch)
	}
	return op
}

// receiveKind tells a wait for a context's end or a timer from a receive.
func receiveKind(ch ssa.Value) string {
	switch v := ch.(type) {
	case *ssa.Call:
		if v.Call.IsInvoke() && v.Call.Method.Name() == "Done" && names.Func(v.Call.Method) == "context.Context.Done" {
			return "ctx-wait"
		}
		if callee := v.Call.StaticCallee(); callee != nil && callee.Object() != nil {
			if m, ok := callee.Object().(*types.Func); ok && (names.Func(m) == "time.After" || names.Func(m) == "time.Tick") {
				return "timer-wait"
			}
		}
	case *ssa.UnOp:
		if v.Op == token.MUL && timerOf(v.X) != nil {
			return "timer-wait"
		}
	case *ssa.ChangeType:
		return receiveKind(v.X)
	}
	return "receive"
}

// operand says what an op works on.
func (b *body) operand(op *Op, v ssa.Value) {
	op.Node = b.x.node(b.fn, v)
	if isNil(v) {
		op.Object = "nil"
	}
	p := b.x.path(b.fn, v)
	op.key, op.Static = p.key, static(p.key)
	op.Base = p.base
	if op.Path == "" {
		op.Path = p.key
	}
}

// static names the variable that a path leads to without a load or an index:
// equal names are the same address in the whole program.
func static(key string) string {
	if name, ok := strings.CutPrefix(key, "g."); ok && !strings.ContainsAny(name, "*[") {
		return name
	}
	return ""
}

func isNil(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value == nil
}

func (b *body) selects(v *ssa.Select) {
	op := b.op(v, "select", v.Pos())
	op.HasDefault = !v.Blocking
	for _, s := range v.States {
		kind := "send"
		if s.Dir == types.RecvOnly {
			kind = receiveKind(s.Chan)
		}
		inner := &Op{Line: b.x.line(s.Pos), Kind: kind, Path: b.x.operand[s.Pos], InLoop: op.InLoop, Select: op.Line}
		b.operand(inner, s.Chan)
		b.ops = append(b.ops, inner)
		b.opAt[v] = append(b.opAt[v], inner)
		op.Cases = append(op.Cases, Case{Line: inner.Line, Kind: kind, Node: inner.Node, Object: inner.Object, Path: inner.Path})
	}
}

// leads finds where each case of a select goes: out of the function, round
// the loop again, or on.
func (b *body) leads(v *ssa.Select, op *Op) {
	for i := range op.Cases {
		op.Cases[i].Leads = "on"
		if op.InLoop {
			op.Cases[i].Leads = "loop"
		}
	}
	for _, ref := range *v.Referrers() {
		index, ok := ref.(*ssa.Extract)
		if !ok || index.Index != 0 {
			continue
		}
		for _, use := range *index.Referrers() {
			cmp, ok := use.(*ssa.BinOp)
			if !ok {
				continue
			}
			c, ok := cmp.Y.(*ssa.Const)
			if !ok || c.Value == nil {
				continue
			}
			n, _ := constant.Int64Val(c.Value)
			for _, branch := range *cmp.Referrers() {
				if cond, ok := branch.(*ssa.If); ok && n >= 0 && int(n) < len(op.Cases) {
					b.lead(v.Block(), cond.Block().Succs[0], &op.Cases[n])
				}
			}
		}
	}
}

func (b *body) lead(home, body *ssa.BasicBlock, c *Case) {
	leaves := b.graph.skipping(body, 0, func(i ssa.Instruction) bool { return i.Block() == home })
	switch {
	case b.graph.inLoop(home) && b.reaches(body, home):
		c.Leads = "loop"
		if len(leaves) > 0 && !leaves[0].Possible {
			c.Leads = "return or loop"
		}
	case b.graph.inLoop(home):
		c.Leads = "return"
	case b.graph.ends(body)[0].Kind != "break":
		c.Leads = "return"
	default:
		c.Leads = "on"
	}
	if c.Leads == "return" || c.Leads == "return or loop" {
		c.Exits = leaves
	}
}

func (b *body) reaches(from, to *ssa.BasicBlock) bool {
	seen := map[*ssa.BasicBlock]bool{}
	var visit func(at *ssa.BasicBlock) bool
	visit = func(at *ssa.BasicBlock) bool {
		if at == to {
			return true
		}
		if seen[at] {
			return false
		}
		seen[at] = true
		for _, s := range at.Succs {
			if visit(s) {
				return true
			}
		}
		return false
	}
	return visit(from)
}

func (b *body) call(instr ssa.CallInstruction) {
	x, common := b.x, instr.Common()
	deferred, spawned := false, false
	switch instr.(type) {
	case *ssa.Defer:
		deferred = true
	case *ssa.Go:
		spawned = true
	}
	if builtin, ok := common.Value.(*ssa.Builtin); ok {
		if builtin.Name() == "close" {
			op := b.op(instr, "close", instr.Pos())
			op.Deferred, op.Path = deferred, b.x.operand[common.Pos()]
			b.operand(op, common.Args[0])
		}
		return
	}
	kind, operand := b.syncCall(common)
	if kind != "" && !spawned {
		b.syncOp(instr, kind, operand, deferred)
		return
	}
	s := &Site{Line: x.line(instr.Pos()), Kind: "call", InLoop: b.graph.inLoop(instr.Block()), LoopOver: b.x.loopOver(instr.Pos())}
	if spawned {
		s.Kind = "go"
	}
	if deferred {
		s.Kind = "defer"
	}
	if !deferred {
		b.callAt[instr] = s
	}
	b.defers = b.defers || deferred
	callee := common.StaticCallee()
	if closure, ok := common.Value.(*ssa.MakeClosure); ok && b.unlockOf(closure) != nil && closure.Fn.(*ssa.Function).Parent() == nil {
		callee = nil // mu.Unlock as a value
	}
	if callee == nil {
		s.Node = x.node(b.fn, common.Value)
		if common.IsInvoke() {
			s.Method = common.Method.Name()
		}
		release := b.unlockOf(common.Value)
		switch {
		case spawned:
		case release != nil:
			op := b.op(instr, "un"+release.Mode, instr.Pos())
			if release.Mode == "rlock" {
				op.Kind = "runlock"
			}
			if deferred {
				op.Kind, op.Deferred = "defer-"+op.Kind, true
			}
			op.Node, op.Object = release.Node, release.Object
			b.effects[instr] = append(b.effects[instr], &effect{release: release, deferred: deferred})
		case !deferred:
			b.dynamic(instr, common)
		}
		return
	}
	s.Callee = x.calleeKey(callee)
	if spawned {
		b.handOver(instr, common, callee)
		return
	}
	b.called[s.Callee] = true
	if goexits[s.Callee] && !deferred {
		b.graph.leave[instr] = Exit{Kind: "goexit", Line: s.Line}
		if s.Callee != "runtime.Goexit" {
			b.graph.leave[instr] = Exit{Kind: "goexit", Line: s.Line, Callee: s.Callee}
		}
		return
	}
	b.static(instr, common, callee, s, deferred)
}

// goexits are the functions of the standard library that end the goroutine.
var goexits = map[string]bool{
	"runtime.Goexit": true, "testing.(*common).FailNow": true, "testing.(*common).Fatal": true, "testing.(*common).Fatalf": true,
	"testing.(*common).SkipNow": true, "testing.(*common).Skip": true, "testing.(*common).Skipf": true,
}

// dynamic notes that a call of unknown code may panic.
func (b *body) dynamic(instr ssa.CallInstruction, common *ssa.CallCommon) {
	name := "a function value"
	if common.IsInvoke() {
		switch names.Func(common.Method) {
		case "context.Context.Done", "context.Context.Err", "context.Context.Value", "error.Error", "Error":
			return
		}
		name = common.Method.Name()
		if pkg := common.Method.Pkg(); pkg != nil && pkg.Path() == "testing" && goexits["testing.(*common)."+name] { // testing.TB
			b.graph.leave[instr] = Exit{Kind: "goexit", Line: b.x.line(instr.Pos()), Callee: names.Func(common.Method)}
			return
		}
	}
	b.graph.leave[instr] = Exit{Kind: "panic", Line: b.x.line(instr.Pos()), Possible: true, Callee: name}
}

// static takes over what the callee does to locks and whether it comes back.
func (b *body) static(instr ssa.CallInstruction, common *ssa.CallCommon, callee *ssa.Function, s *Site, deferred bool) {
	known := b.x.summary(callee)
	if known == nil {
		return
	}
	if !deferred && known.Ends != "" {
		b.graph.leave[instr] = Exit{Kind: known.Ends, Line: s.Line, Callee: s.Callee}
	} else if !deferred && known.May != "" {
		b.graph.leave[instr] = Exit{Kind: known.May, Line: s.Line, Possible: true, Callee: s.Callee}
	}
	for _, l := range known.Acquires {
		if deferred {
			continue
		}
		p := path{}
		if fromCaller(l.Key) {
			p = b.x.translate(b.fn, common, l.Key)
		}
		if p.key == "" {
			if l.Result == 0 || instr.Value() == nil {
				continue
			}
			p.key = "v." + instr.Value().Name() + ".lock"
		}
		l.Key = p.key
		op := b.op(instr, l.Mode, instr.Pos())
		op.Callee, op.Node, op.Object, op.Base = s.Callee, l.Node, l.Object, p.base
		b.acquire(instr, &site{lock: l, base: p.base, line: s.Line, via: s.Callee, op: op, name: op.Path}, false)
	}
	for _, l := range known.Releases {
		if p := b.x.translate(b.fn, common, l.Key); p.key != "" {
			b.effects[instr] = append(b.effects[instr], &effect{release: &LockEffect{Key: p.key, Mode: l.Mode}, deferred: deferred})
		}
	}
}

// handOver lets go of a lock that the started goroutine will unlock.
func (b *body) handOver(instr ssa.CallInstruction, common *ssa.CallCommon, callee *ssa.Function) {
	known := b.x.summary(callee)
	if known == nil {
		return
	}
	for _, l := range known.Releases {
		if p := b.x.translate(b.fn, common, l.Key); p.key != "" {
			b.effects[instr] = append(b.effects[instr], &effect{release: &LockEffect{Key: p.key, Mode: l.Mode}})
		}
	}
}

func (b *body) acquire(instr ssa.Instruction, s *site, try bool) {
	s.guards, s.block, s.pos = b.guards(instr.Block()), instr.Block(), instr.Pos()
	b.sites = append(b.sites, s)
	b.effects[instr] = append(b.effects[instr], &effect{acquire: s, try: try})
}

// syncCall recognises an operation of package sync or time and its operand.
func (b *body) syncCall(common *ssa.CallCommon) (string, ssa.Value) {
	if common.IsInvoke() {
		sig := common.Method.Type().(*types.Signature)
		if kind := lockerMethods[common.Method.Name()]; kind != "" && sig.Params().Len() == 0 && sig.Results().Len() <= 1 {
			return kind, common.Value
		}
		return "", nil
	}
	callee := common.StaticCallee()
	if callee == nil || len(common.Args) == 0 {
		return "", nil
	}
	if method, ok := callee.Object().(*types.Func); ok {
		if kind, ok := syncMethod(method); ok {
			return kind, common.Args[0]
		}
	}
	return "", nil
}

func (b *body) syncOp(instr ssa.CallInstruction, kind string, operand ssa.Value, deferred bool) {
	op := b.op(instr, kind, instr.Pos())
	op.Deferred, op.Path = deferred, b.x.operand[instr.Common().Pos()]
	b.operand(op, operand)
	p := b.x.path(b.fn, operand)
	switch kind {
	case "lock", "rlock", "trylock", "tryrlock":
		if deferred {
			return
		}
		l := LockEffect{Key: p.key, Mode: modeOf(kind), Node: op.Node, Object: op.Object, Result: b.returnsUnlock(p.key)}
		b.acquire(instr, &site{lock: l, base: p.base, line: op.Line, op: op, name: op.Path}, kind[:3] == "try")
	case "unlock", "runlock":
		b.effects[instr] = append(b.effects[instr], &effect{release: &LockEffect{Key: p.key, Mode: modeOf(kind)}, deferred: deferred})
		if deferred {
			op.Kind = "defer-" + kind
		}
	case "wg-add":
		if c, ok := instr.Common().Args[1].(*ssa.Const); ok && c.Value != nil {
			if n, exact := constant.Int64Val(c.Value); exact {
				op.Delta = &n
			}
		} else {
			op.Expr = b.x.argument[instr.Common().Pos()]
		}
	case "once-do":
		// The once is locked while its function runs.
		s := &Site{Line: op.Line, Kind: "call", Callee: "sync.(*Once).Do", Node: b.x.node(b.fn, instr.Common().Args[1])}
		b.callAt[instr] = s
		b.dynamic(instr, instr.Common())
	}
}

// returning notes where deferred operations and calls run: the runtime shows
// the line of the return for them.
func (b *body) returning(line int, s *state) {
	for _, op := range b.ops {
		if op.Deferred && waits[op.Kind] {
			op.RunsAt = append(op.RunsAt, line)
		}
	}
	if b.defers && len(s.may) > 0 {
		b.calls = append(b.calls, Site{Line: line, Kind: "return", Held: b.held(s)})
	}
}

// waits are the kinds of operations that can make a goroutine wait.
var waits = map[string]bool{"lock": true, "rlock": true, "wg-wait": true, "cond-wait": true, "once-do": true}

// once adds to a call of Once.Do that the once is held while it runs.
func (b *body) once(instr ssa.Instruction) {
	c := b.callAt[instr]
	for _, op := range b.opAt[instr] {
		if op.Kind == "once-do" && c != nil {
			c.Held = append(c.Held, Held{Node: op.Node, Object: op.Object, Path: op.Path, Base: op.Base, Mode: "once", Line: op.Line, Deferred: true})
		}
	}
}

// returnsUnlock is 1 + the index of the result that unlocks the lock, or 0.
func (b *body) returnsUnlock(key string) int {
	for _, block := range b.fn.Blocks {
		r, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for i, v := range r.Results {
			if _, isFunc := v.Type().Underlying().(*types.Signature); !isFunc {
				continue
			}
			if ct, ok := v.(*ssa.ChangeType); ok {
				v = ct.X
			}
			if closure, ok := v.(*ssa.MakeClosure); ok {
				if l := b.unlockOf(closure); l != nil && l.Key == key {
					return i + 1
				}
			}
		}
	}
	return 0
}

// paths adds to each op the ways on which it is not reached.
func (b *body) paths() {
	for _, block := range b.fn.Blocks {
		for _, instr := range block.Instrs {
			for _, op := range b.opAt[instr] {
				switch op.Kind {
				case "send", "receive", "range", "close", "wg-done", "cond-signal", "cond-broadcast", "select", "ctx-wait", "timer-wait":
				default:
					continue
				}
				op.LoopExits = b.graph.loopExits(block)
				if v, ok := instr.(*ssa.Select); ok && op.Kind == "select" {
					b.leads(v, op)
				}
				if op.Kind != "select" {
					op.SkippedBy = b.graph.skipping(b.fn.Blocks[0], 0, b.same(op))
				}
			}
		}
	}
}

// same says whether an instruction does the same to the same object.
func (b *body) same(op *Op) func(ssa.Instruction) bool {
	return func(instr ssa.Instruction) bool {
		for _, other := range b.opAt[instr] {
			if other.key == op.key && class(other.Kind) == class(op.Kind) && (other == op || other.Select == 0 || op.Select != 0) {
				return true
			}
		}
		return false
	}
}

// class puts kinds together that serve the same waiter.
func class(kind string) string {
	switch kind {
	case "range", "ctx-wait", "timer-wait":
		return "receive"
	case "cond-broadcast":
		return "cond-signal"
	}
	return kind
}

// ending finds the explicit ends of the function and what callers must know.
func (b *body) ending() {
	returns := false
	for _, exit := range b.graph.skipping(b.fn.Blocks[0], 0, func(ssa.Instruction) bool { return false }) {
		switch {
		case exit.Kind == "return":
			returns = true
		case !exit.Possible || exit.Callee != "" && b.called[exit.Callee]:
			b.leaves = append(b.leaves, exit)
		}
	}
	for _, exit := range b.leaves {
		if b.recovers && exit.Kind == "panic" {
			continue
		}
		if !returns && !exit.Possible {
			b.summary.Ends = exit.Kind
		} else if b.summary.May == "" || exit.Kind == "goexit" {
			b.summary.May = exit.Kind
		}
	}
}

// hasRecover says whether a deferred function calls recover.
func (b *body) hasRecover() bool {
	for _, block := range b.fn.Blocks {
		for _, instr := range block.Instrs {
			d, ok := instr.(*ssa.Defer)
			if !ok {
				continue
			}
			callee := d.Call.StaticCallee()
			if callee == nil {
				continue
			}
			for _, inner := range callee.Blocks {
				for _, i := range inner.Instrs {
					if c, ok := i.(*ssa.Call); ok {
						if builtin, ok := c.Call.Value.(*ssa.Builtin); ok && builtin.Name() == "recover" {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

func (b *body) callees() []string {
	list := make([]string, 0, len(b.called))
	for name := range b.called {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}
