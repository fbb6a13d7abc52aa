package build_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/syncfacts"
)

type place struct {
	Function, File string
	Line           int
}

type truth struct {
	ID, Cause string
	Victims   []place
	Holder    struct {
		Kind           string
		Function, File string
		Line           int
		Acquired       *place
	}
}

// The programs of go/leaky/goroutine tell the truth about themselves; the
// facts must hold what is needed to find it.
func TestSuite(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "leaky", "goroutine")
	cmd := exec.Command("go", "run", "./cmd/goroutines", "list", "--json")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var truths []truth
	if err := json.Unmarshal(out, &truths); err != nil {
		t.Fatal(err)
	}
	_, s := run(t, build.Options{Request: load.Request{Dir: dir, Patterns: []string{"./cmd/goroutines"}}})
	f := &finder{s}
	for _, c := range truths {
		t.Run(c.ID, func(t *testing.T) {
			for _, v := range c.Victims {
				if c.ID == "pipe-without-reader" {
					continue // the channel is the standard library's own
				}
				op := f.op(v)
				if op == nil && f.calls(v) {
					continue // what it waits for is asked for by a function that it calls
				}
				if op == nil {
					t.Errorf("no operation at %s:%d in %s", v.File, v.Line, v.Function)
					continue
				}
				if why := f.explains(c, op); why != "" {
					t.Errorf("%s:%d: %s", v.File, v.Line, why)
				}
			}
		})
	}
	// Only the markers of the suite may be places that leave a lock behind.
	marked := map[place]bool{}
	for _, c := range truths {
		if a := c.Holder.Acquired; a != nil {
			marked[place{File: a.File, Line: a.Line}] = true
		}
	}
	for _, fn := range s.Functions {
		for _, op := range fn.Ops {
			for _, e := range op.LeaksOn {
				if !e.Possible && op.Callee == "" && !marked[place{File: fn.File, Line: op.Line}] {
					t.Errorf("%s:%d is no leak", fn.File, op.Line)
				}
			}
		}
	}
}

type finder struct{ *syncfacts.Section }

func (f *finder) op(p place) *syncfacts.Op {
	for _, fn := range f.Functions {
		if fn.File != p.File || fn.Name != p.Function {
			continue
		}
		for _, op := range fn.Ops {
			if op.Line == p.Line && op.Select == 0 {
				return op
			}
		}
	}
	return nil
}

func (f *finder) calls(p place) bool {
	for _, fn := range f.Functions {
		if fn.File == p.File && fn.Name == p.Function {
			return slices.ContainsFunc(fn.Calls, func(c syncfacts.Site) bool { return c.Line == p.Line })
		}
	}
	return false
}

func (f *finder) answer(op *syncfacts.Op) *syncfacts.Answer {
	for _, o := range f.Objects {
		if slices.Contains(op.Objects, o.ID) {
			return o
		}
	}
	return nil
}

// heldAt says whether one of the ids is held where a goroutine stands.
func (f *finder) heldAt(function, file string, line int, ids []string) bool {
	for _, fn := range f.Functions {
		if fn.File != file || fn.Name != function {
			continue
		}
		var held []syncfacts.Held
		for _, op := range fn.Ops {
			if op.Line == line {
				held = append(held, op.Held...)
			}
		}
		for _, c := range fn.Calls {
			if c.Line == line {
				held = append(held, c.Held...)
			}
		}
		for _, h := range held {
			for _, id := range h.Objects {
				if slices.Contains(ids, id) {
					return true
				}
			}
		}
	}
	return false
}

func hasExit(exits []syncfacts.Exit, kind string, line int) bool {
	return slices.ContainsFunc(exits, func(e syncfacts.Exit) bool { return e.Line == line && (kind == "" || e.Kind == kind) })
}

// explains checks what the cause needs; it returns what is missing.
func (f *finder) explains(c truth, op *syncfacts.Op) string {
	a := f.answer(op)
	switch c.Cause {
	case "nil-channel":
		if !slices.Contains(op.Objects, "nil") {
			return "the channel is not said to be nil"
		}
		return ""
	case "empty-select":
		if op.Kind != "select" || len(op.Cases) > 0 {
			return "not an empty select"
		}
		return ""
	case "select-no-exit":
		for _, other := range op.Cases {
			// A timer only begins the next turn of the loop.
			if other.Kind == "ctx-wait" {
				return "there is an exit"
			}
		}
		return ""
	case "context-never-cancelled":
		return f.context(op)
	}
	if a == nil {
		return "no object: " + strings.Join(op.Objects, " ")
	}
	kind := strings.TrimPrefix(c.Cause, "lock-not-released-")
	switch c.Cause {
	case "lock-not-released-return", "lock-not-released-panic", "lock-not-released-goexit":
		for _, u := range a.Uses["lockers"] {
			if hasExit(u.LeaksOn, kind, c.Holder.Line) {
				return ""
			}
		}
		return "no lock leaks on the " + kind
	case "lock-cycle":
		for _, cycle := range f.LockCycles {
			if slices.Contains(cycle, a.ID) {
				return ""
			}
		}
		return "no cycle"
	case "lock-recursive", "rlock-recursive", "lock-held-while-blocked", "slow-holder":
		if !f.heldAt(c.Holder.Function, c.Holder.File, c.Holder.Line, op.Objects) {
			// Of a function that is called by the one that holds it.
			for _, fn := range f.Functions {
				for _, call := range fn.Calls {
					if slices.Contains(call.Callees, c.Holder.Function) && f.heldAt(fn.Name, fn.File, call.Line, op.Objects) {
						return ""
					}
				}
			}
			return "the lock is not held where the holder stands"
		}
		return ""
	case "waitgroup-count":
		if a.Kind == "chan" {
			// Whoever waits for the one that waits for the group.
			if len(a.Uses["closers"]) == 0 {
				return "nobody closes it"
			}
			return ""
		}
		if len(a.Uses["adds"]) == 0 || len(a.Uses["dones"]) == 0 {
			return "Add or Done is missing"
		}
		if c.Holder.Line != 0 && !hasExit(a.Uses["dones"][0].SkippedBy, "", c.Holder.Line) {
			return "the way around Done is not told"
		}
		return ""
	case "cond-no-signal":
		if c.Holder.Line != 0 && (len(a.Uses["signalers"]) != 1 || a.Uses["signalers"][0].Op != "cond-signal") {
			return "the signal is missing"
		}
		return ""
	case "timer-never-fires":
		if len(a.Uses["stops"]) != 1 || a.Uses["stops"][0].Line != c.Holder.Line {
			return "the stop is missing"
		}
		return ""
	case "no-close":
		for _, u := range a.Uses["closers"] {
			// The close is passed by, or comes after a line that is not left.
			blocked := u.File == c.Holder.File && u.Function == c.Holder.Function && u.Line > c.Holder.Line
			if !hasExit(u.SkippedBy, "", c.Holder.Line) && !blocked {
				return "it is closed"
			}
		}
		return ""
	case "no-receiver":
		if c.Holder.Kind == "gone" && len(a.Uses["receivers"]) > 0 {
			return "there is no receiver"
		}
		return ""
	case "receiver-returned":
		return f.receiver(c, a)
	case "no-sender":
		if len(a.Uses["senders"]) == 0 {
			return "the sender is missing"
		}
		for _, u := range a.Uses["senders"] {
			if c.Holder.Line == 0 || hasExit(u.SkippedBy, "return", c.Holder.Line) {
				return ""
			}
		}
		return "the way around the send is not told"
	}
	return "unknown cause " + c.Cause
}

func (f *finder) context(op *syncfacts.Op) string {
	ids := op.Objects
	for _, c := range op.Cases {
		if c.Kind == "ctx-wait" {
			ids = c.Objects
		}
	}
	for _, o := range f.Objects {
		if slices.Contains(ids, o.ID) {
			if o.Kind != "context" {
				return "not a context"
			}
			if len(o.Uses["cancels"]) > 0 {
				return "it is cancelled"
			}
			return ""
		}
	}
	return "no context: " + strings.Join(ids, " ")
}

func (f *finder) receiver(c truth, a *syncfacts.Answer) string {
	for _, u := range a.Uses["receivers"] {
		if u.Line == c.Holder.Line || hasExit(u.LoopExits, "", c.Holder.Line) || hasExit(u.OtherExits, "", c.Holder.Line) || hasExit(u.SkippedBy, "", c.Holder.Line) {
			return ""
		}
		// The receiver is stuck itself: it is explained as a victim of its own.
		if slices.ContainsFunc(c.Victims, func(v place) bool { return v.File == u.File && v.Function == u.Function }) {
			return ""
		}
		for _, caller := range u.Callers {
			if hasExit(caller.SkippedBy, "", c.Holder.Line) {
				return ""
			}
		}
	}
	return "the receiver's way out is not told"
}
