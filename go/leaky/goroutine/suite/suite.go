// Package suite keeps the cases: small programs that get stuck in one known
// way, each with a twin that does the same work and does not get stuck, and
// the truth about the stuck one. The truth is read from marker comments in
// the cases' own sources, so no line number is ever written by hand.
package suite

import (
	"embed"
	"fmt"
	"runtime"
	"sort"
	"strings"
	"time"
)

// Kind says who keeps the victim waiting.
type Kind string

const (
	// Self: the victim itself holds the lock it waits for.
	Self Kind = "self"
	// Other: another goroutine that is alive holds it, or is the one that
	// would have to come, and is stuck or slow itself.
	Other Kind = "other"
	// Gone: nobody alive can release it or come; the one who could has left.
	Gone Kind = "gone"
	// Unknown: not even the source tells.
	Unknown Kind = "unknown"
)

// Case is one program. Leak and Fixed return when everything is started (Leak)
// or when the work is done or in its healthy idle state (Fixed).
type Case struct {
	ID     string
	Title  string
	Cause  string
	Holder Kind
	Leak   func()
	Fixed  func()
}

type registered struct {
	Case
	pkg    string
	source embed.FS
}

var cases = map[string]registered{}

// Register adds the cases of the calling package. source holds its Go files.
// It panics when an id is taken: a program error.
func Register(source embed.FS, list ...Case) {
	pc, _, _, _ := runtime.Caller(1)
	pkg := packageOf(runtime.FuncForPC(pc).Name())
	for _, c := range list {
		if _, taken := cases[c.ID]; taken {
			panic("case registered twice: " + c.ID)
		}
		cases[c.ID] = registered{c, pkg, source}
	}
}

// packageOf cuts the import path out of a runtime function name.
func packageOf(function string) string {
	slash := strings.LastIndex(function, "/") + 1
	dot := strings.Index(function[slash:], ".")
	return function[:slash+dot]
}

// IDs returns the ids of all cases, sorted.
func IDs() []string {
	ids := make([]string, 0, len(cases))
	for id := range cases {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}

// Run brings the case into its stuck state and returns when every victim is
// seen at its line, or runs the twin and returns when that has settled. It
// fails when the victims do not show up, or when one shows up in the twin.
func Run(id string, fixed bool, limit time.Duration) error {
	c, ok := cases[id]
	if !ok {
		return fmt.Errorf("no case %q", id)
	}
	truth, err := TruthOf(id)
	if err != nil {
		return err
	}
	if !fixed {
		// A case that lets one goroutine go first by sleeping may lose its race
		// on a machine that is busy: then it is run again.
		for attempt := 0; attempt < 3; attempt++ {
			c.Leak()
			if err = awaitVictims(truth, limit/3); err == nil {
				return nil
			}
		}
		return err
	}
	done := make(chan struct{})
	go func() { defer close(done); c.Fixed() }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		return fmt.Errorf("%s: the twin did not settle in %s", id, limit)
	}
	time.Sleep(50 * time.Millisecond)
	if at := standing(truth.Victims); len(at) > 0 {
		return fmt.Errorf("%s: the twin reached %s", id, strings.Join(at, ", "))
	}
	return nil
}

// awaitVictims polls the process's own stacks until a goroutine stands at
// every victim's line in two looks in a row.
func awaitVictims(truth Truth, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	for seen := 0; time.Now().Before(deadline); {
		if len(standing(truth.Victims)) == len(truth.Victims) {
			if seen++; seen == 2 {
				return nil
			}
		} else {
			seen = 0
		}
		time.Sleep(30 * time.Millisecond)
	}
	return fmt.Errorf("%s: only %v of %d victims got stuck in %s", truth.ID, standing(truth.Victims), len(truth.Victims), limit)
}

// standing returns those of the places at which a goroutine is now, not
// counting goroutines that can run.
func standing(places []Place) []string {
	buf := make([]byte, 4<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var found []string
	for _, p := range places {
		for _, g := range strings.Split(string(buf), "\n\n") {
			head, stack, _ := strings.Cut(g, "\n")
			if strings.Contains(head, "[run") {
				continue
			}
			stack, _, _ = strings.Cut(stack, "created by ")
			if strings.Contains(stack, fmt.Sprintf("%s:%d ", p.tail(), p.Line)) ||
				strings.Contains(stack, fmt.Sprintf("%s:%d\n", p.tail(), p.Line)) {
				found = append(found, fmt.Sprintf("%s:%d", p.File, p.Line))
				break
			}
		}
	}
	return found
}

// Meet returns a function that returns once it has been called n times, or
// after ten seconds: the interleaving that makes a deadlock sure, without a
// lock or a channel that an analysis of the case could see.
func Meet(n int32) func() {
	m := &meeting{need: n}
	return m.arrive
}
