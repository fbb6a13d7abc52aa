package resource

import (
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/finite"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// Options of Extract.
type Options struct {
	IsStandard func(path string) bool
	// Summary gives the summary of a function of an imported package, by key.
	Summary func(key string) *Summary
	// Pairs are rows beside the table of this package.
	Pairs []Pair
}

// extractor works on one package.
type extractor struct {
	unit       *load.Unit
	table      *pairTable
	isStandard func(string) bool
	imported   func(string) *Summary
	namer      *names.Namer
	functions  []*ssa.Function
	own        map[*ssa.Function]*Summary
	free       map[freeKey]Effect
	allocs     map[*ssa.Alloc]bool
	owned      map[*ssa.Function][]Owned
	busy       map[*ssa.Function]bool
	unlocking  map[*ssa.Function]bool
	fromMain   map[*ssa.Function]bool
	finite     *finite.Package
	callers    map[*ssa.Function][]*ssa.Function
	labels     map[string][]string // label names of the vectors that the package makes
	ordinals   map[string]int
	generated  map[string]bool
	once       map[*ssa.Function]bool // run by a sync.Once alone; nil: not looked for yet
	flags      map[*types.Var]bool    // fields that nothing sets
	leftover   map[ssa.Value]bool     // channels that something stays in
	// Fields: where they are named, those whose channels nobody closes, and those whose contexts never end.
	fieldPlaces   map[*types.Var][]*ssa.FieldAddr
	silentFields  map[*types.Var]*ssa.MakeChan
	endlessFields map[*types.Var]bool
	out           *Unit
	// getters are functions that take a value from a pool, with its key.
	getters map[*ssa.Function]string
	// labelled are the arguments of functions that become labels.
	labelled map[*ssa.Function][]int
	// cutSteps counts what partOfBig looked at.
	cutSteps int
}

// Extract reads one package.
func Extract(unit *load.Unit, o Options) (*Unit, error) {
	x := &extractor{
		unit: unit, table: newPairTable(o.Pairs), isStandard: o.IsStandard, imported: o.Summary,
		namer: names.NewNamer(unit.Fset, unit.Types, unit.Files),
		own:   map[*ssa.Function]*Summary{}, free: map[freeKey]Effect{}, allocs: map[*ssa.Alloc]bool{},
		owned: map[*ssa.Function][]Owned{}, busy: map[*ssa.Function]bool{}, unlocking: map[*ssa.Function]bool{},
		ordinals: map[string]int{}, flags: map[*types.Var]bool{}, silentFields: map[*types.Var]*ssa.MakeChan{}, endlessFields: map[*types.Var]bool{}, generated: map[string]bool{}, out: &Unit{Summaries: map[string]*Summary{}},
	}
	if x.imported == nil {
		x.imported = func(string) *Summary { return nil }
	}
	x.comments()
	x.functions = load.Functions(unit)
	sort.SliceStable(x.functions, func(i, j int) bool { return x.functions[i].Pos() < x.functions[j].Pos() })
	x.fromMain = calledOnceFromMain(unit, x.functions)
	x.leftovers()
	x.finite = finite.New(unit.SSA, x.functions)
	for _, fn := range x.functions {
		x.ownedBy(fn) // findings of resources on the way
	}
	for _, fn := range x.functions {
		x.locks(fn)
		x.droppedUnlocks(fn)
		x.repairDone(fn)
		x.deferInLoop(fn)
		x.goroutines(fn)
		x.localChannels(fn)
		x.oldTimers(fn)
		x.retention(fn)
		x.tails(fn)
		x.closures(fn)
		x.contexts(fn)
		x.waitGroups(fn)
		x.groupFields(fn)
		x.leftStages(fn)
		x.generators(fn)
		x.sometimesNil(fn)
		x.servers(fn)
		x.droppedWhenFull(fn)
		x.workersLeave(fn)
		x.sendersLeft(fn)
		x.closeSkipped(fn)
		x.exchanges(fn)
		x.heldTokens(fn)
		x.weights(fn)
		x.reschedules(fn)
	}
	x.fields()
	x.replaced()
	x.evicted()
	x.condFields()
	x.nilFields()
	x.helpedTokens()
	x.optionalFields()
	x.consumers()
	x.promises()
	x.unanswered()
	x.subscribers()
	x.replies()
	x.futures()
	x.pools()
	x.metrics()
	x.pendingEntries()
	x.entries()
	x.droppedTimers()
	x.registrations()
	x.globalTypes()
	x.summaries()
	x.finish()
	return x.out, nil
}

// ownedBy walks behind every place in a function that takes something, once:
// what is lost becomes a finding, what is returned is the caller's.
func (x *extractor) ownedBy(fn *ssa.Function) []Owned {
	if known, ok := x.owned[fn]; ok {
		return known
	}
	if x.busy[fn] {
		return nil
	}
	x.busy[fn] = true
	var owns []Owned
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			for _, t := range x.taken(instr) {
				out := x.follow(fn, instr, t)
				if out.kept {
					x.collected(fn, instr, t)
				} else {
					for _, o := range out.owns {
						o.Kind, o.Inside = t.kind, o.Inside || t.inside && !o.Closer
						owns = appendOwned(owns, o)
					}
				}
			}
		}
	}
	for _, o := range x.removers(fn) {
		owns = appendOwned(owns, o)
	}
	delete(x.busy, fn)
	x.owned[fn] = owns
	return owns
}

func appendOwned(list []Owned, o Owned) []Owned {
	for _, known := range list {
		if known.Result == o.Result {
			return list
		}
	}
	return append(list, o)
}

// taking is a place that takes something.
type taking struct {
	kind   string
	value  ssa.Value // nil: dropped at once
	typ    types.Type
	inside bool
	how    string    // callee as a reader knows it
	pos    token.Pos // where it is taken, if not at the instruction
	held   map[ssa.Value]role
	shown  bool
	// closers are other results of the call that give it back when they are called.
	closers []int
}

// taken says what an instruction takes.
func (x *extractor) taken(instr ssa.Instruction) []taking {
	switch i := instr.(type) {
	case *ssa.Alloc:
		name := typeName(i.Type())
		if kind := x.table.literal(name); kind != "" && i.Heap && !hasDisabledKeepAlives(i) && !isPointerToPointer(i.Type()) && !strings.HasPrefix(name, x.unit.Path+".") {
			return []taking{{kind: kind, value: i, typ: i.Type(), how: shortName(name), held: map[ssa.Value]role{i: thing}}}
		}
	case *ssa.Go:
		return x.readEnd(i)
	case *ssa.Call:
		c := i.Common()
		for _, n := range calleeNames(c) {
			if rows := x.table.acquire(n); rows != nil {
				var list []taking
				for _, a := range rows {
					list = append(list, x.byTable(i, &a)...)
				}
				return list
			}
		}
		if t, ok := byResultType(i); ok {
			return []taking{t}
		}
		if t, ok := x.endlessStream(i); ok {
			return []taking{t}
		}
		if callee := c.StaticCallee(); callee != nil {
			return x.fromHelper(i, callee)
		}
	}
	return nil
}

func (x *extractor) byTable(i *ssa.Call, a *Acquire) []taking {
	c := i.Common()
	how := shortName(a.Function)
	if a.Kind == "decompressor" && len(c.Args) > 0 && inMemory(c.Args[0]) {
		return nil // the collector frees both
	}
	if !a.FromArgument {
		t := taking{kind: a.Kind, how: how}
		t.value, t.typ = result(i, a.Result)
		if a.Kind == "span" && (t.value == nil || len(*t.value.Referrers()) == 0 && returnsContext(i)) {
			return nil // who has the context ends it
		}
		t.held = map[ssa.Value]role{i: thing}
		return []taking{t}
	}
	arg := c.Args[0]
	roots := localRoots(arg)
	if roots == nil {
		return nil // somebody else's
	}
	t := taking{kind: a.Kind, how: how, value: arg, typ: arg.Type(), held: map[ssa.Value]role{}}
	for _, r := range roots {
		t.held[r] = thing
		if alloc, ok := r.(*ssa.Alloc); ok && x.reachable(alloc) {
			return nil
		} else if !ok && x.effectIn(i.Parent(), r, &Kind{}) == Kept && a.Kind != "signal" {
			return nil
		}
	}
	return []taking{t}
}

// inMemory: what is read from is in memory, and no descriptor behind it.
func inMemory(v ssa.Value) bool {
	switch typeName(origin(v).Type()) {
	case "bytes.Reader", "bytes.Buffer", "strings.Reader":
		return true
	}
	return false
}

// localRoots are the values that name an argument which this function made.
func localRoots(v ssa.Value) []ssa.Value {
	for {
		switch t := v.(type) {
		case *ssa.ChangeType:
			v = t.X
		case *ssa.UnOp:
			if alloc, ok := t.X.(*ssa.Alloc); ok {
				return []ssa.Value{alloc, t}
			}
			return nil
		case *ssa.Call, *ssa.MakeChan, *ssa.Alloc:
			return []ssa.Value{t, v}
		case *ssa.Extract:
			return []ssa.Value{t}
		default:
			return nil
		}
	}
}

// byResultType: a call through an interface or function value that answers
// with an open response or watch.
func byResultType(i *ssa.Call) (taking, bool) {
	c := i.Common()
	if c.StaticCallee() != nil {
		return taking{}, false
	}
	sig := c.Signature()
	for n := range sig.Results().Len() {
		t := sig.Results().At(n).Type()
		kind := resultTypes[typeName(t)]
		if typeName(t) == "net/http.Response" && sig.Params().Len() > 0 && typeName(sig.Params().At(sig.Params().Len()-1).Type()) == "net/http.Request" && c.IsInvoke() {
			kind = "http-body"
		}
		if kind == "" || sig.Results().Len() != 2 || !isError(sig.Results().At(1).Type()) {
			continue
		}
		v, typ := result(i, n)
		how := "the call"
		if c.IsInvoke() {
			how = c.Method.Name()
		}
		return taking{kind: kind, value: v, typ: typ, how: how, held: map[ssa.Value]role{i: thing}}, true
	}
	return taking{}, false
}

// fromHelper: a function of the program that hands out something open.
func (x *extractor) fromHelper(i *ssa.Call, callee *ssa.Function) []taking {
	if origin := callee.Origin(); origin != nil {
		callee = origin
	}
	var owns []Owned
	if callee.Pkg == x.unit.SSA || callee.Parent() != nil {
		owns = x.ownedBy(callee)
	} else if s := x.known(callee); s != nil {
		owns = s.Owns
	}
	var list []taking
	closers := closersOf(owns)
	for _, o := range owns {
		if o.Closer {
			continue
		}
		if x.table.kind(o.Kind) == nil || o.Result >= callee.Signature.Results().Len() {
			continue
		}
		if x.table.kind(o.Kind).Rule == "heap/holder-only-added" && !x.mustTakeBack(i) {
			continue
		}
		value, typ := result(i, o.Result)
		if o.Kind == "key" {
			if !dropped(value) {
				continue // others may have it: nobody sees a number leave
			}
			value = nil
		}
		if t := callee.Signature.Results().At(o.Result).Type(); o.Inside && !x.hasRelease(t) && !hasReleaseField(t) {
			continue
		}
		r := thing
		if o.Inside {
			r, typ = container, nil // of the thing inside nobody knows the type here
		}
		if value == nil && o.Inside {
			continue
		}
		how := callee.Name()
		t := taking{kind: o.Kind, value: value, typ: typ, inside: o.Inside, how: how, held: map[ssa.Value]role{i: r}, closers: closers[o.Kind]}
		delete(closers, o.Kind)
		if value == nil {
			t.value, t.typ = x.anyCloser(i, t.closers)
		}
		list = append(list, t)
	}
	for _, o := range owns { // the thing itself is not handed out
		if results, ok := closers[o.Kind]; ok && o.Closer && x.table.kind(o.Kind) != nil {
			value, typ := x.anyCloser(i, results)
			list = append(list, taking{kind: o.Kind, value: value, typ: typ, how: callee.Name(), held: map[ssa.Value]role{i: closer}, closers: results})
			delete(closers, o.Kind)
		}
	}
	return list
}

func closersOf(owns []Owned) map[string][]int {
	list := map[string][]int{}
	for _, o := range owns {
		if o.Closer {
			list[o.Kind] = append(list[o.Kind], o.Result)
		}
	}
	return list
}

// anyCloser is the first of the results that is used.
func (x *extractor) anyCloser(i *ssa.Call, results []int) (ssa.Value, types.Type) {
	for _, n := range results {
		if value, typ := result(i, n); value != nil && len(*value.Referrers()) > 0 {
			return value, typ
		}
	}
	return nil, nil
}

// result is the value of the n-th result of a call; nil when it is dropped.
func result(i *ssa.Call, n int) (ssa.Value, types.Type) {
	results := i.Common().Signature().Results()
	if results.Len() == 1 {
		return i, results.At(0).Type()
	}
	for _, r := range *i.Referrers() {
		if e, ok := r.(*ssa.Extract); ok && e.Index == n {
			return e, results.At(n).Type()
		}
	}
	return nil, results.At(n).Type()
}

// hasRelease: the type has a method that gives back what is inside.
func (x *extractor) hasRelease(t types.Type) bool {
	set := types.NewMethodSet(t)
	for n := range set.Len() {
		fn, ok := set.At(n).Obj().(*types.Func)
		if !ok {
			continue
		}
		if slices.Contains(anyKind.Release, fn.Name()) || x.givesBack(fn) {
			return true
		}
	}
	return false
}

// hasReleaseField: the type has a field with a function that gives it back.
func hasReleaseField(t types.Type) bool {
	s := structOf(t)
	if s == nil {
		return false
	}
	for n := range s.NumFields() {
		if f := s.Field(n); isCleanupType(f.Type()) && soundsLikeRelease(f.Name()) {
			return true
		}
	}
	return false
}

// givesBack: the method, whatever its name, gives back what its receiver has.
func (x *extractor) givesBack(method *types.Func) bool {
	var s *Summary
	if method.Pkg() != x.unit.Types {
		s = x.imported(names.Func(method))
	} else if fn := x.unit.SSA.Prog.FuncValue(method); fn != nil {
		s = x.known(fn)
	}
	return s != nil && s.Params[0] == Released
}

// follow walks behind one place and notes a finding where it is lost.
func (x *extractor) follow(fn *ssa.Function, instr ssa.Instruction, t taking) outcome {
	kind := x.table.kind(t.kind)
	if t.value == nil {
		if !isMain(fn) {
			x.reportLost(fn, instr, t, nil, nil)
		}
		return outcome{}
	}
	w := &walker{x: x, fn: fn, kind: kind, typ: t.typ, at: instr, closers: t.closers}
	held := map[ssa.Value]role{}
	for v, r := range t.held {
		held[v] = r
	}
	w.extract, _ = t.value.(*ssa.Extract)
	known := map[ssa.Value]fact{}
	if call, ok := instr.(*ssa.Call); ok && isError(call.Type()) {
		known[call] = isNil
	}
	out := w.run(held, known)
	if out.gaveUp || len(out.exits) == 0 {
		return out
	}
	if t.kind == "transport" && x.oncePerProgram(fn) || kind.LivesWithProgram && x.oncePerProgram(fn) {
		return out
	}
	if isMain(fn) {
		out.exits = onlyLoops(out.exits)
		if len(out.exits) == 0 {
			return out
		}
	}
	if t.kind == "signal" && capturedAnywhere(t.value) && !out.released {
		return out // a handler for the life of the program is usual
	}
	t.shown = out.shown
	if t.pos.IsValid() && x.reportedAt(kind.Rule, t.pos) {
		return out // the other end is told of
	}
	x.reportLost(fn, instr, t, out.exits, x.suggest(fn, instr, t, out))
	return out
}

func onlyLoops(list []exit) (loops []exit) {
	for _, e := range list {
		if strings.HasPrefix(e.text, "the next pass") {
			loops = append(loops, e)
		}
	}
	return loops
}

func (x *extractor) reportLost(fn *ssa.Function, instr ssa.Instruction, t taking, exits []exit, edits []Edit) {
	kind := x.table.kind(t.kind)
	verdict := "leak"
	if kind.Collected || t.inside || t.shown || kind.LivesWithProgram || kind.Before != "" || t.kind == "transport" || kind.Rule == "heap/holder-only-added" {
		verdict = "suspect"
	}
	f := Finding{Rule: kind.Rule, Kind: t.kind, Verdict: verdict, Cause: kind.WhenNot, Fix: kind.Fix, Before: kind.Before, pos: instr.Pos()}
	if t.pos.IsValid() {
		f.pos = t.pos
	}
	switch {
	case len(exits) == 0:
		f.Message = fmt.Sprintf("the %s from %s is dropped, so nothing can give it back", kind.Noun, t.how)
	case t.inside:
		f.Message = fmt.Sprintf("what %s returns holds a %s, and on a path it is not closed", t.how, kind.Noun)
	case t.kind == "transport":
		f.Message = "a transport of its own for this call, left with its idle connections"
	default:
		f.Message = fmt.Sprintf("the %s from %s is not %s on the path that ends in line %d", kind.Noun, t.how, released(kind), x.line(exits[0].pos))
	}
	f.Edits = edits
	if len(exits) > 0 {
		f.Related = append(f.Related, x.place(f.pos, "taken here"))
		for _, s := range trailOf(exits[0].trail) {
			f.Related = append(f.Related, x.place(s.pos, s.text))
		}
		for _, e := range exits {
			f.Related = append(f.Related, x.place(e.pos, e.text))
		}
	}
	x.report(fn, t.how, f)
}

const maxTrail = 6

func trailOf(s *step) (list []*step) {
	for ; s != nil; s = s.before {
		list = append([]*step{s}, list...)
	}
	if len(list) > maxTrail {
		list = list[len(list)-maxTrail:]
	}
	return list
}

func released(k *Kind) string {
	switch {
	case k.Called:
		return "called"
	case len(k.Release) == 0 && k.Rule != "resource/signal-notify":
		return "given back"
	case len(k.Release) == 0 || k.Release[0] == "Stop":
		return "stopped"
	case k.Release[0] == "Commit":
		return "ended by Commit or Rollback"
	case k.Release[0] == "Wait":
		return "waited for"
	case k.Release[0] == "End":
		return "ended"
	case k.Release[0] == "Scan":
		return "scanned"
	case k.Release[0] != "Close":
		return "given back"
	}
	return "closed"
}

func (x *extractor) line(pos token.Pos) int { return x.unit.Fset.Position(pos).Line }

func (x *extractor) place(pos token.Pos, message string) Place {
	p := x.unit.Fset.Position(pos)
	return Place{File: names.File(x.unit.Path, p.Filename), RepoFile: x.repoFile(p.Filename), Line: p.Line, Message: message, pos: pos}
}

// repoFile is relative to the root of the main module.
func (x *extractor) repoFile(name string) string {
	m := x.unit.Module
	if m == nil || !m.Main || m.Dir == "" {
		return ""
	}
	rel, err := filepath.Rel(m.Dir, name)
	if err != nil || strings.HasPrefix(rel, "..") {
		return ""
	}
	return filepath.ToSlash(rel)
}

// report completes a finding and keeps it.
func (x *extractor) report(fn *ssa.Function, anchor string, f Finding) {
	p := x.unit.Fset.Position(f.pos)
	if !p.IsValid() || p.Filename == "" || strings.HasSuffix(p.Filename, "_test.go") {
		return
	}
	f.Package = x.unit.Path
	f.Key = x.namer.Key(fn)
	f.Function = names.Runtime(f.Key, x.unit.Path, x.unit.Name)
	place := x.place(f.pos, "")
	f.File, f.RepoFile, f.Line, f.Column = place.File, place.RepoFile, p.Line, p.Column
	ordinal := f.Rule + "\n" + f.Key + "\n" + anchor
	x.ordinals[ordinal]++
	f.Anchor = fmt.Sprintf("%s#%d", anchor, x.ordinals[ordinal])
	f.Generated = x.generated[p.Filename]
	x.out.Findings = append(x.out.Findings, f)
}

func (x *extractor) finish() {
	sort.SliceStable(x.out.Findings, func(i, j int) bool {
		a, b := x.out.Findings[i], x.out.Findings[j]
		return a.File < b.File || a.File == b.File && (a.Line < b.Line || a.Line == b.Line && a.Column < b.Column)
	})
	for n := range x.out.Findings {
		f := &x.out.Findings[n]
		if f.Generated {
			f.Verdict = "suspect"
		}
	}
}

// summaries keeps what importing packages need: exported or not, since methods
// are reached through values.
func (x *extractor) summaries() {
	for _, fn := range x.functions {
		obj, ok := fn.Object().(*types.Func)
		if !ok || fn.Parent() != nil {
			continue
		}
		s := *x.summaryOf(fn)
		s.Owns = x.ownedBy(fn)
		s.Labels = x.labelled[fn]
		x.out.Summaries[names.Func(obj)] = &s
	}
}

// globalTypes notes the named struct types of package variables, and those that
// functions make others of.
func (x *extractor) globalTypes() {
	made, local := map[string]bool{}, map[string]bool{}
	for _, fn := range x.functions {
		if fn.Name() == "init" && fn.Parent() == nil {
			continue // fills the package variables
		}
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if a, ok := instr.(*ssa.Alloc); ok && structOf(a.Type()) != nil && !isPointerToPointer(a.Type()) && !forGlobal(a) {
					made[typeName(a.Type())] = true
					if local[typeName(a.Type())] || hasSyncMap(a.Type()) && x.effectIn(fn, a, &Kind{}) == Borrowed {
						local[typeName(a.Type())] = true
					}
				}
			}
		}
	}
	scope := x.unit.Types.Scope()
	for _, n := range scope.Names() { // a field of something that there may be many of
		if tn, ok := scope.Lookup(n).(*types.TypeName); ok && structOf(tn.Type()) != nil {
			s := structOf(tn.Type())
			for n := range s.NumFields() {
				if t := s.Field(n).Type(); structOf(t) != nil && !isPointerToPointer(t) {
					made[typeName(t)] = true
				}
			}
		}
	}
	delete(made, "")
	for name := range made {
		x.out.MadeTypes = append(x.out.MadeTypes, name)
	}
	sort.Strings(x.out.MadeTypes)
	for name := range local {
		x.out.LocalTypes = append(x.out.LocalTypes, name)
	}
	sort.Strings(x.out.LocalTypes)
	for _, n := range scope.Names() {
		v, ok := scope.Lookup(n).(*types.Var)
		if !ok || structOf(v.Type()) == nil || isPointerToPointer(v.Type()) {
			continue
		}
		if name := typeName(v.Type()); name != "" {
			x.out.GlobalTypes = append(x.out.GlobalTypes, name)
		}
	}
}

// forGlobal: it is made for a package variable.
func forGlobal(a *ssa.Alloc) bool {
	for _, r := range *a.Referrers() {
		if s, ok := r.(*ssa.Store); ok && s.Val == ssa.Value(a) {
			if _, global := s.Addr.(*ssa.Global); global {
				return true
			}
		}
	}
	return false
}

func hasSyncMap(t types.Type) bool {
	s := structOf(t)
	for n := 0; s != nil && n < s.NumFields(); n++ {
		if typeName(s.Field(n).Type()) == "sync.Map" {
			return true
		}
	}
	return false
}

// shortName is http.Get of net/http.Get, Client.Do of net/http.Client.Do.
func shortName(full string) string { return full[strings.LastIndex(full, "/")+1:] }

func isMain(fn *ssa.Function) bool {
	return fn.Parent() == nil && fn.Pkg != nil && fn.Pkg.Pkg.Name() == "main" && fn.Name() == "main" && fn.Signature.Recv() == nil
}

func isPointerToPointer(t types.Type) bool {
	_, ok := deref(t).Underlying().(*types.Pointer)
	return ok
}
