package scan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/syncfacts"
)

// neverClosed are channels of one function call that goroutines wait on, and
// that nobody closes or sends to or receives from.
func neverClosed(s *syncfacts.Section, units []*resource.Unit, known []resource.Finding) (list []resource.Finding) {
	local, told := map[string]bool{}, map[string]bool{}
	for _, u := range units {
		for _, place := range u.LocalChannels {
			local[place] = true
		}
	}
	inField := map[string]bool{}
	for _, u := range units {
		for _, place := range u.FieldChannels {
			inField[place] = true
		}
	}
	for _, f := range known {
		if f.Rule == "goroutine/no-receiver" && len(f.Related) > 0 {
			told[fmt.Sprintf("%s:%d", f.Related[0].File, f.Related[0].Line)] = true
		}
	}
	functions := map[string]*syncfacts.Function{}
	for i := range s.Functions {
		functions[s.Functions[i].Key] = s.Functions[i]
	}
	for _, o := range s.Objects {
		if o.Kind != "chan" || o.Escapes || o.Function == "" || len(o.Uses) == 0 {
			continue
		}
		at := fmt.Sprintf("%s:%d", o.File, o.Line)
		if !local[at] && !inField[at] || told[at] {
			continue
		}
		f := resource.Finding{Verdict: "suspect", File: o.File, Line: o.Line, Anchor: "chan " + o.Name}
		if fn := functions[o.Function]; fn != nil {
			f.Key, f.Function, f.RepoFile = fn.Key, fn.Name, fn.RepoFile
		} else {
			f.Key, f.Function = o.Function, o.Function
		}
		if isMain(f.Function) || strings.HasSuffix(f.Function, ".init") {
			continue
		}
		senders, receivers, closers := o.Uses["senders"], o.Uses["receivers"], o.Uses["closers"]
		var use *syncfacts.Use
		switch {
		case inField[at] && (len(senders) == 0 || len(receivers) == 0):
			continue // an option that is not used is no leak
		case len(receivers) > 0 && len(senders) == 0 && len(closers) == 0:
			if use = first(receivers, mustGoOn); use != nil {
				f.Rule = "goroutine/no-sender"
				f.Message = fmt.Sprintf("nobody sends on or closes the channel that line %d waits for", use.Line)
				f.Cause, f.Fix = "whoever receives waits for ever", "close the channel, or send on it, on every path"
			}
		case len(senders) > 0 && len(receivers) == 0:
			if o.Capacity == nil || *o.Capacity > 0 {
				continue
			}
			if use = first(senders, mustGoOn); use != nil {
				f.Rule = "goroutine/no-receiver"
				f.Message = fmt.Sprintf("nobody receives from the channel that line %d sends on", use.Line)
				f.Cause, f.Fix = "whoever sends waits for ever", "receive from it, or do not send"
			}
		case len(receivers) > 0 && len(closers) == 0:
			use = first(receivers, func(u *syncfacts.Use) bool {
				return u.Op == "range" && u.LoopExits == nil && inGoroutine(u)
			})
			if use != nil {
				f.Rule = "goroutine/no-close"
				f.Message = fmt.Sprintf("line %d ranges over this channel in a goroutine, and nobody closes it", use.Line)
				f.Cause, f.Fix = "the loop waits for the next value for ever after the last one", "close the channel when the last value was sent: defer close(ch) in the sender"
			}
		}
		if use == nil {
			continue
		}
		f.Related = []resource.Place{{File: use.File, Line: use.Line, Message: use.Op + " here"}}
		list = append(list, f)
	}
	return list
}

// withoutTold leaves out the goroutines without an exit whose channel another finding names.
func withoutTold(list, told []resource.Finding) (left []resource.Finding) {
	places := map[string]bool{}
	for _, f := range told {
		places[fmt.Sprintf("%s:%d", f.File, f.Line)] = true
		for _, p := range f.Related {
			places[fmt.Sprintf("%s:%d", p.File, p.Line)] = true
		}
	}
	for _, f := range list {
		if f.Rule != "goroutine/no-exit" || !slices.ContainsFunc(f.Related, func(p resource.Place) bool { return places[fmt.Sprintf("%s:%d", p.File, p.Line)] }) {
			left = append(left, f)
		}
	}
	return left
}

// first is the first use that fits, nil for none.
func first(uses []*syncfacts.Use, fits func(*syncfacts.Use) bool) *syncfacts.Use {
	if i := slices.IndexFunc(uses, fits); i >= 0 {
		return uses[i]
	}
	return nil
}

// mustGoOn: no select with another way to go on.
func mustGoOn(u *syncfacts.Use) bool { return !u.HasDefault && u.OtherCases == 0 }

func isMain(function string) bool {
	return function == "main.main" || strings.HasPrefix(function, "main.main.func")
}

// inGoroutine: not in the goroutine of main alone.
func inGoroutine(u *syncfacts.Use) bool {
	for _, g := range u.Goroutines {
		if g != "main.main" && g != "external" {
			return true
		}
	}
	return false
}

// doneSkipped are, for groups of one function, calls of WaitGroup.Done that a return of the goroutine can
// leave out, so that Wait never ends.
func doneSkipped(s *syncfacts.Section) (list []resource.Finding) {
	functions := map[string]*syncfacts.Function{}
	for _, fn := range s.Functions {
		functions[fn.Name] = fn
	}
	for _, o := range s.Objects {
		if o.Kind != "waitgroup" || o.Function == "" || len(o.Uses["waiters"]) == 0 {
			continue
		}
		for _, u := range o.Uses["dones"] {
			fn := functions[u.Function]
			if u.Deferred || u.Ambiguous || u.InLoop || fn == nil || !slices.Contains(u.Goroutines, fn.Key) {
				continue
			}
			if slices.ContainsFunc(o.Uses["adds"], func(a *syncfacts.Use) bool { return a.Function == u.Function }) {
				continue // undoes an Add of its own
			}
			for _, e := range u.SkippedBy {
				if e.Possible || e.Kind != "return" {
					continue
				}
				list = append(list, resource.Finding{Rule: "goroutine/waitgroup-count", Verdict: "suspect", Key: fn.Key, Function: fn.Name, File: fn.File, RepoFile: fn.RepoFile, Line: u.Line, Anchor: o.ID,
					Message: fmt.Sprintf("the return in line %d leaves out this Done, and Wait waits for it", e.Line),
					Cause:   "the counter never comes back to zero: whoever waits, waits for ever",
					Fix:     "defer wg.Done() as the first line of the goroutine",
					Related: []resource.Place{{File: fn.File, RepoFile: fn.RepoFile, Line: e.Line, Message: "returns without Done"}, {File: o.Uses["waiters"][0].File, Line: o.Uses["waiters"][0].Line, Message: "waits here"}}})
				break
			}
		}
	}
	return list
}

// neverLeft are selects of goroutines that loop, where every case that leads
// out waits for a channel that nobody sends to nor closes.
func neverLeft(s *syncfacts.Section, units []*resource.Unit) (list []resource.Finding) {
	own := map[string]bool{}
	for _, u := range units {
		for _, place := range append(u.FieldChannels, u.LocalChannels...) {
			own[place] = true
		}
	}
	dead := map[string]*syncfacts.Answer{}
	for _, o := range s.Objects {
		if o.Kind == "chan" && !o.Escapes && len(o.Uses["senders"]) == 0 && len(o.Uses["closers"]) == 0 && own[fmt.Sprintf("%s:%d", o.File, o.Line)] {
			dead[o.ID] = o
		}
	}
	for _, fn := range s.Functions {
		if !slices.Contains(fn.Goroutines, fn.Key) {
			continue
		}
		for _, op := range fn.Ops {
			if op.Kind != "select" || !op.InLoop || op.HasDefault {
				continue
			}
			var never *syncfacts.Answer
			for _, c := range op.Cases {
				if c.Leads == "loop" {
					continue
				}
				if len(c.Objects) != 1 || dead[c.Objects[0]] == nil || c.Kind != "receive" {
					never = nil
					break
				}
				never = dead[c.Objects[0]]
			}
			if never == nil {
				continue
			}
			list = append(list, resource.Finding{Rule: "goroutine/select-no-exit", Verdict: "suspect", Key: fn.Key, Function: fn.Name, File: fn.File, RepoFile: fn.RepoFile, Line: op.Line, Anchor: "select " + never.Name,
				Message: fmt.Sprintf("the goroutine can only end by %s, and nothing in the program sends to it or closes it", never.Name),
				Cause:   "the goroutine stays, with all that it refers to",
				Fix:     "close the channel where what started the goroutine ends: a Close or Stop that somebody calls",
				Related: []resource.Place{{File: never.File, Line: never.Line, Message: "made here"}}})
		}
	}
	return list
}

// neverSignalled are conditions of one function that somebody waits for and
// nobody signals.
func neverSignalled(s *syncfacts.Section) (list []resource.Finding) {
	for _, o := range s.Objects {
		if o.Kind != "cond" || o.Escapes || o.Function == "" || len(o.Fields) > 0 || len(o.Uses["signalers"]) > 0 || len(o.Uses["waiters"]) == 0 {
			continue
		}
		u := o.Uses["waiters"][0]
		list = append(list, resource.Finding{Rule: "goroutine/cond-no-signal", Verdict: "suspect", Key: u.Function, Function: u.Function, File: u.File, Line: u.Line, Anchor: "cond " + o.Name,
			Message: "waits for a condition that nothing in the program signals",
			Cause:   "Wait returns only after Signal or Broadcast", Fix: "call Broadcast after every change that the waiters ask for",
			Related: []resource.Place{{File: o.File, Line: o.Line, Message: "made here"}}})
	}
	return list
}
