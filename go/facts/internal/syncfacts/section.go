package syncfacts

import (
	"fmt"
	"sort"
	"strings"
)

// Version of the section's shape.
const Version = 1

// Section is the whole-program answer: section "sync" of a facts file.
type Section struct {
	Version          int           `json:"version"`
	ImportersNotSeen bool          `json:"importersNotSeen"`
	Packages         []PackageInfo `json:"packages"`
	Functions        []*Function   `json:"functions"`
	Objects          []*Answer     `json:"objects"`
	LockOrder        []Order       `json:"lockOrder"`
	LockCycles       [][]string    `json:"lockCycles"`
}

// PackageInfo tells which packages were read and which were not, and why.
type PackageInfo struct {
	Path  string `json:"path"`
	Error string `json:"error,omitempty"`
}

// Answer is an object with everything that is done to it.
type Answer struct {
	Object
	// Fields are the struct fields and package variables that hold it.
	Fields []string `json:"fields,omitempty"`
	// Escapes: handed to code that was not analysed.
	Escapes bool `json:"escapes,omitempty"`
	// Contexts: what its parents are; Background has no end.
	ParentObjects []string          `json:"parentObjects,omitempty"`
	Uses          map[string][]*Use `json:"uses"`
}

// Use is one place that works on an object.
type Use struct {
	Function   string `json:"function"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Op         string `json:"op"`
	Deferred   bool   `json:"deferred,omitempty"`
	Delta      *int64 `json:"delta,omitempty"`
	Expr       string `json:"expr,omitempty"`
	InLoop     bool   `json:"inLoop,omitempty"`
	LoopOver   string `json:"loopOver,omitempty"`
	Select     int    `json:"select,omitempty"`
	HasDefault bool   `json:"hasDefault,omitempty"`
	// OtherCases are in the same select; OtherExits are the ways out behind them.
	OtherCases int    `json:"otherCases,omitempty"`
	OtherExits []Exit `json:"otherExits,omitempty"`
	LoopExits  []Exit `json:"loopExits,omitempty"`
	SkippedBy  []Exit `json:"skippedBy,omitempty"`
	// Callers call the function for this use, but not on every way out.
	Callers []Caller `json:"callers,omitempty"`
	LeaksOn []Exit   `json:"leaksOn,omitempty"`
	// Goroutines are the functions that goroutines start with in which this
	// can run: callees of go statements, main.main, "external".
	Goroutines []string `json:"goroutines,omitempty"`
	// Ambiguous: the place may as well work on other objects.
	Ambiguous bool `json:"ambiguous,omitempty"`
}

// Caller is a caller of the function that has a use, and its ways out that
// skip the call.
type Caller struct {
	Function  string `json:"function"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	SkippedBy []Exit `json:"skippedBy"`
}

// Order says that a lock is taken while another is held.
type Order struct {
	Held     string `json:"held"`
	HeldLine int    `json:"heldLine"`
	Taken    string `json:"taken"`
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	// At is the place that takes it, when a callee does.
	AtFunction string `json:"atFunction,omitempty"`
	AtFile     string `json:"atFile,omitempty"`
	AtLine     int    `json:"atLine,omitempty"`
}

// uses groups ops in the answer.
var uses = map[string]string{
	"send": "senders", "external-send": "senders", "receive": "receivers", "range": "receivers", "ctx-wait": "waiters", "timer-wait": "waiters",
	"close": "closers", "lock": "lockers", "rlock": "lockers", "trylock": "lockers", "tryrlock": "lockers",
	"unlock": "unlockers", "runlock": "unlockers", "defer-unlock": "unlockers", "defer-runlock": "unlockers",
	"wg-add": "adds", "wg-done": "dones", "wg-wait": "waiters", "wg-go": "dones",
	"cond-wait": "waiters", "cond-signal": "signalers", "cond-broadcast": "signalers", "once-do": "lockers",
	"timer-stop": "stops", "timer-reset": "resets",
}

// Solve joins the units of a program. library: there is no main, so whoever
// imports the packages is not seen.
func Solve(units []*Unit, packages []PackageInfo, library bool) *Section {
	s := solve(units, library)
	j := &joiner{s: s, section: &Section{Version: Version, ImportersNotSeen: library, Packages: packages, Functions: []*Function{}, Objects: []*Answer{}, LockOrder: []Order{}, LockCycles: [][]string{}},
		answers: map[string]*Answer{}, names: map[string]string{}, functions: map[string]*Function{}, nodeObjects: map[string][]string{}}
	j.objects(units)
	for _, u := range units {
		for _, f := range u.Functions {
			j.names[f.Key], j.functions[f.Key] = f.Name, f
		}
	}
	j.roots = j.goroutines(units)
	j.helpers(units)
	for _, u := range units {
		for _, f := range u.Functions {
			j.function(f)
		}
	}
	j.cancels()
	j.order(units)
	j.finish(units)
	return j.section
}

type joiner struct {
	s           *solver
	section     *Section
	answers     map[string]*Answer
	names       map[string]string
	functions   map[string]*Function
	roots       map[string][]string
	callers     map[string][]Caller
	nodeObjects map[string][]string
}

func (j *joiner) objects(units []*Unit) {
	for _, u := range units {
		for _, o := range u.Objects {
			j.answers[o.ID] = &Answer{Object: o, Uses: map[string][]*Use{}}
		}
	}
	j.answers["context.Background"] = &Answer{Object: Object{ID: "context.Background", Kind: "context", Name: "Background"}, Uses: map[string][]*Use{}}
	for _, node := range j.s.label {
		kind, name, _ := strings.Cut(node, " ")
		switch kind {
		case "field", "global":
			for _, id := range j.s.of(node) {
				if a := j.answers[id]; a != nil {
					a.Fields = append(a.Fields, name)
				}
			}
		case outside:
			for _, id := range j.s.of(node) {
				if a := j.answers[id]; a != nil {
					a.Escapes = true
				}
			}
		}
	}
	for _, a := range j.answers {
		sort.Strings(a.Fields)
		for _, p := range a.Parents {
			a.ParentObjects = append(a.ParentObjects, j.resolve(p, "")...)
		}
		a.Parents = nil
	}
}

// resolve names the objects an operand can be: ids, "unknown", or "nil" when
// nothing ever gets there.
func (j *joiner) resolve(node, object string) []string {
	if object != "" {
		return []string{object}
	}
	if node == "" {
		return []string{unknown}
	}
	if known, ok := j.nodeObjects[node]; ok {
		return known
	}
	j.nodeObjects[node] = nil // a loop of "done" through itself ends here
	set := map[string]bool{}
	for _, id := range j.s.of(node) {
		kind, rest, _ := strings.Cut(id, " ")
		switch {
		case kind == "done" || kind == "tick":
			for _, inner := range j.resolve(rest, "") {
				if inner != "nil" {
					set[inner] = true
				} else {
					set[unknown] = true
				}
			}
		case kind == "locker":
			for _, cond := range j.resolve(rest, "") {
				if j.answers[cond] == nil {
					set[unknown] = true
					continue
				}
				for _, inner := range j.resolve(locker(cond), "") {
					set[inner] = true
				}
			}
		case id == unknown || kind == "type":
			if id == unknown {
				set[unknown] = true
			}
		case id == "nil" || j.answers[id] != nil:
			set[id] = true
		}
	}
	list := sorted(set)
	if len(list) == 0 {
		list = []string{"nil"}
		for _, id := range j.s.of(node) {
			if strings.HasPrefix(id, "type ") {
				list = []string{unknown}
			}
		}
	}
	j.nodeObjects[node] = list
	return list
}

func (j *joiner) function(f *Function) {
	for _, op := range f.Ops {
		op.Objects = j.resolve(op.Node, op.Object)
		for i := range op.Cases {
			c := &op.Cases[i]
			c.Objects = j.resolve(c.Node, c.Object)
			c.Node, c.Object = "", ""
			j.exits(c.Exits)
		}
		if op.Kind == "select" || op.Kind == "go" {
			op.Objects = nil
		}
	}
	for _, op := range f.Ops {
		j.held(op.Held)
		if group := uses[op.Kind]; group != "" {
			j.use(f, op, group)
		}
		op.Callee = j.name(op.Callee)
		op.Node, op.Object = "", ""
	}
	for i := range f.Calls {
		c := &f.Calls[i]
		j.held(c.Held)
		kind := c.Kind
		if kind != "go" {
			kind = "call"
		}
		for callee := range j.s.resolve[siteKey(f.Key, c.Line, kind)] {
			if c.Callee == "" || callee == c.Callee || c.Callee == "sync.(*Once).Do" {
				c.Callees = append(c.Callees, j.name(callee))
			}
		}
		sort.Strings(c.Callees)
		c.Callee = j.name(c.Callee)
		c.Node = ""
	}
	for _, op := range f.Ops {
		j.exits(op.LeaksOn)
		j.exits(op.SkippedBy)
		j.exits(op.LoopExits)
	}
	j.exits(f.Leaves)
}

func siteKey(function string, line int, kind string) string {
	return fmt.Sprintf("%s %d %s", function, line, kind)
}

func (j *joiner) exits(list []Exit) {
	for i := range list {
		list[i].Callee = j.name(list[i].Callee)
	}
}

func (j *joiner) name(key string) string {
	if name, ok := j.names[key]; ok {
		return name
	}
	return key
}

func (j *joiner) held(list []Held) {
	for i := range list {
		h := &list[i]
		h.Objects = j.resolve(h.Node, h.Object)
		h.Node, h.Object = "", ""
		h.Via = j.name(h.Via)
	}
}

func (j *joiner) use(f *Function, op *Op, group string) {
	for _, id := range op.Objects {
		a := j.answers[id]
		if a == nil {
			continue
		}
		if a.Kind == "chan" && group == "waiters" {
			group = "receivers"
		}
		u := &Use{Function: f.Name, File: f.File, Line: op.Line, Op: op.Kind, Deferred: op.Deferred, Delta: op.Delta, Expr: op.Expr, InLoop: op.InLoop, LoopOver: op.LoopOver, Select: op.Select,
			LoopExits: op.LoopExits, SkippedBy: op.SkippedBy, LeaksOn: op.LeaksOn, Goroutines: j.roots[f.Key], Ambiguous: len(op.Objects) > 1}
		if doers[op.Kind] && op.Select == 0 && !sure(op.SkippedBy) {
			u.Callers = j.callers[f.Key]
		}
		if op.Select != 0 {
			for _, other := range f.Ops {
				if other.Kind == "select" && other.Line == op.Select {
					u.HasDefault, u.OtherCases = other.HasDefault, len(other.Cases)-1
					for _, c := range other.Cases {
						if c.Line != op.Line || c.Path != op.Path {
							u.OtherExits = append(u.OtherExits, c.Exits...)
						}
					}
					u.OtherExits = unique(u.OtherExits)
				}
			}
		}
		a.Uses[group] = append(a.Uses[group], u)
	}
}

// cancels adds to each context who calls its cancel function.
func (j *joiner) cancels() {
	for id, calls := range j.s.cancels {
		a := j.answers[id]
		if a == nil {
			continue
		}
		for _, c := range calls {
			f := j.functions[c.Function]
			if f == nil {
				continue
			}
			a.Uses["cancels"] = append(a.Uses["cancels"], &Use{Function: f.Name, File: f.File, Line: c.Line, Op: "cancel", Deferred: c.Deferred, Goroutines: j.roots[c.Function]})
		}
	}
}

const maxRoots = 8

// goroutines finds for every function the functions that goroutines start with
// and from which it can be reached.
func (j *joiner) goroutines(units []*Unit) map[string][]string {
	roots := map[string]bool{}
	for _, u := range units {
		for _, f := range u.Functions {
			for callee := range j.s.starts[f.Key] {
				roots[callee] = true
			}
		}
	}
	reached := map[string]map[string]bool{}
	// spread marks what is reached from the roots, all at once: there are about
	// as many functions that nobody calls as functions.
	spread := func(roots []string, label string) {
		stack := append([]string{}, roots...)
		seen := make(map[string]bool, len(roots))
		for _, root := range roots {
			seen[root] = true
		}
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if reached[at] == nil {
				reached[at] = map[string]bool{}
			}
			if len(reached[at]) <= maxRoots {
				reached[at][label] = true
			}
			for callee := range j.s.calls[at] {
				if !seen[callee] {
					seen[callee] = true
					stack = append(stack, callee)
				}
			}
		}
	}
	for _, root := range sorted(roots) {
		spread([]string{root}, j.name(root))
	}
	var main, external []string
	for _, u := range units {
		for _, f := range u.Functions {
			switch {
			case f.Name == "main.main" || f.Name == "main.init" || strings.HasSuffix(f.Key, ".init") && f.Receiver == nil:
				main = append(main, f.Key)
			case !j.s.called[f.Key]:
				external = append(external, f.Key)
			}
		}
	}
	spread(main, "main.main")
	spread(external, "external")
	out := map[string][]string{}
	for key, set := range reached {
		list := sorted(set)
		if len(list) > maxRoots {
			list = list[:maxRoots]
		}
		out[key] = list
	}
	return out
}

func (j *joiner) finish(units []*Unit) {
	for _, u := range units {
		for _, f := range u.Functions {
			if len(f.Ops)+len(f.Calls) > 0 || f.Recovers || len(f.Leaves) > 0 {
				f.Helpers, f.Callees, f.Goroutines = nil, nil, j.roots[f.Key]
				j.section.Functions = append(j.section.Functions, f)
			}
		}
	}
	sort.SliceStable(j.section.Functions, func(a, b int) bool {
		x, y := j.section.Functions[a], j.section.Functions[b]
		return x.Key < y.Key || x.Key == y.Key && x.Line < y.Line
	})
	for _, a := range j.answers {
		if len(a.Uses) == 0 && a.ID == "context.Background" {
			continue
		}
		a.Function = j.name(a.Function)
		for _, list := range a.Uses {
			sort.SliceStable(list, func(i, k int) bool {
				return list[i].File < list[k].File || list[i].File == list[k].File && list[i].Line < list[k].Line
			})
		}
		j.section.Objects = append(j.section.Objects, a)
	}
	sort.Slice(j.section.Objects, func(a, b int) bool { return j.section.Objects[a].ID < j.section.Objects[b].ID })
}
