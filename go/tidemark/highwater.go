package tidemark

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// CaptureOptions govern the captures on a new tidemark. Zero values mean the defaults; without Dir there are none.
type CaptureOptions struct {
	// Dir is any folder, e.g. an emptyDir volume; it is made if missing.
	Dir string
	// Keep is how many sets of this host stay (default 5), MaxSetBytes bounds each (default 64 MiB).
	Keep        int
	MaxSetBytes int64
	// Share is by how much live heap, goroutines or resident memory must pass the mark (default 0.2, which is 20 %).
	Share float64
	// MinLiveBytes and MinGoroutines are the first marks: below them nothing is captured (default 64 MiB and 1,000).
	MinLiveBytes  float64
	MinGoroutines float64
	// Interval between looks (default 10 s), Cooldown between captures (default 5 min).
	Interval, Cooldown time.Duration
	// MemoryLimitBytes is what the process is killed at; 0 takes the control group's limit.
	MemoryLimitBytes float64
}

func (o CaptureOptions) withDefaults() CaptureOptions {
	setDefault(&o.Keep, 5)
	if o.MaxSetBytes == 0 {
		o.MaxSetBytes = 64 << 20
	}
	setDefault(&o.Share, .2)
	setDefault(&o.MinLiveBytes, 64<<20)
	setDefault(&o.MinGoroutines, 1000)
	setDefault(&o.Interval, 10*time.Second)
	setDefault(&o.Cooldown, 5*time.Minute)
	return o
}

func (o CaptureOptions) check() error {
	if o.Keep < 0 || o.MaxSetBytes < 0 || o.Share < 0 || o.MinLiveBytes < 0 || o.MinGoroutines < 0 || o.Interval < 0 ||
		o.Cooldown < 0 || o.MemoryLimitBytes < 0 {
		return errors.New("tidemark: no option of Captures is negative")
	}
	return nil
}

// Shares of the memory limit. Writing a set needs memory itself, so the last chance is lastCall, and beyond tooLate
// nothing is written: it could be what kills the process.
const (
	firstCall = .5  // resident memory below this share of the limit is no tidemark
	lastCall  = .8  // passing it captures although the cool-down runs, once until memory falls below it again
	tooLate   = .93 // an OOM kill is near
)

// tidemarks remembers the highest marks, and decides when a look is a new one. Marks move only when a set was written,
// so that a mark passed in a cool-down is captured after it.
type tidemarks struct {
	options          CaptureOptions
	live, goroutines float64
	resident         float64 // share of the limit
	lastCapture      time.Time
	lastCallDone     bool
}

func newTidemarks(o CaptureOptions) *tidemarks {
	return &tidemarks{options: o, live: o.MinLiveBytes, goroutines: o.MinGoroutines, resident: firstCall}
}

// look is what is compared with the marks; NaN where unknown.
type look struct {
	at                                 time.Time
	live, goroutines, resident, charge float64 // charge: what the kernel counts against the limit, without droppable cache
	limit                              float64
}

func lookOf(r reading, o CaptureOptions) look {
	l := look{at: r.at, live: r.get(heapLive), goroutines: r.get(goroutineCount), resident: r.get(residentBytes), limit: o.MemoryLimitBytes}
	if l.limit == 0 {
		l.limit = r.get(cgroupLimit)
		l.charge = r.get(cgroupUsage) - r.get(cgroupInactive)
	} else {
		l.charge = math.NaN()
	}
	return l
}

// full is the share of the limit that is used, NaN without a limit.
func (l look) full() float64 {
	used := l.resident
	if !math.IsNaN(l.charge) { // other processes of the group count too
		used = math.Max(used, l.charge)
	}
	return used / l.limit
}

// judge returns the reason for a capture, or "".
func (t *tidemarks) judge(l look) string {
	full := l.full()
	if full < lastCall {
		t.lastCallDone = false
	}
	if full >= tooLate {
		return ""
	}
	grow := 1 + t.options.Share
	reason := ""
	switch { // a NaN passes no mark
	case full >= lastCall && !t.lastCallDone:
		return "near-limit"
	case full >= t.resident*grow:
		reason = "resident"
	case l.live >= t.live*grow:
		reason = "live-heap"
	case l.goroutines >= t.goroutines*grow:
		reason = "goroutines"
	}
	if reason != "" && !t.lastCapture.IsZero() && l.at.Sub(t.lastCapture) < t.options.Cooldown {
		return ""
	}
	return reason
}

// captured moves the marks up to the look that was captured.
func (t *tidemarks) captured(l look) {
	t.lastCapture = l.at
	t.live = maxKnown(t.live, l.live)
	t.goroutines = maxKnown(t.goroutines, l.goroutines)
	t.resident = maxKnown(t.resident, l.full())
	t.lastCallDone = l.full() >= lastCall
}

func maxKnown(mark, v float64) float64 {
	if v > mark { // false for NaN
		return v
	}
	return mark
}

// watchTidemarks looks every Interval until Close.
func (a *Agent) watchTidemarks() {
	t := newTidemarks(a.captures.options)
	tick := time.NewTicker(t.options.Interval)
	defer tick.Stop()
	var r reading
	for {
		a.reader.read(&r)
		l := lookOf(r, t.options)
		if reason := t.judge(l); reason != "" {
			set, err := a.Capture(reason)
			switch {
			case errors.Is(err, errBusy): // at the next look
			case err != nil:
				t.lastCapture = l.at // a full disk is not tried again at once
				t.lastCallDone = true
				a.log.Print(err)
			default:
				t.captured(l)
				a.log.Print(fmt.Sprintf("tidemark: new tidemark (%s): wrote %s", reason, set.Name))
			}
		}
		select {
		case <-tick.C:
		case <-a.done:
			return
		}
	}
}
