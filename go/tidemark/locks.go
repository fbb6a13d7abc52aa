package tidemark

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"
)

// LockLevel says how much lock profiling records.
type LockLevel string

const (
	LockOff    LockLevel = "off"
	LockSample LockLevel = "sample" // one of LockOptions.SampleFraction events
	LockFull   LockLevel = "full"   // every event
)

var lockLevelNumber = map[LockLevel]int{LockOff: 0, LockSample: 1, LockFull: 2}

// LockOptions govern the lock-profiling switch. Zero values mean the defaults.
type LockOptions struct {
	NoSignal bool // leave SIGUSR2 to the program
	// AfterFull is where the switch (SIGUSR2, or POST without a level) goes from full: LockOff (default) or LockSample.
	AfterFull LockLevel
	// SampleFraction is the mutex fraction of LockSample (default 50).
	SampleFraction int
	// FullBlockRateNs and SampleBlockRateNs are what runtime.SetBlockProfileRate gets: one event recorded per so many
	// nanoseconds blocked (defaults 1, which is every event, and 50,000).
	FullBlockRateNs, SampleBlockRateNs int
	// Window ends lock profiling by itself (default 60 s); MaxWindow bounds what a request may ask for (default 10 min).
	Window, MaxWindow time.Duration
}

func (o LockOptions) withDefaults() LockOptions {
	if o.AfterFull == "" {
		o.AfterFull = LockOff
	}
	setDefault(&o.SampleFraction, 50)
	setDefault(&o.FullBlockRateNs, 1)
	setDefault(&o.SampleBlockRateNs, 50_000)
	setDefault(&o.Window, time.Minute)
	setDefault(&o.MaxWindow, 10*time.Minute)
	return o
}

func (o LockOptions) check() error {
	if o.SampleFraction < 0 || o.FullBlockRateNs < 0 || o.SampleBlockRateNs < 0 || o.Window < 0 || o.MaxWindow < 0 {
		return errors.New("tidemark: no option of Locks is negative")
	}
	if o.AfterFull != "" && o.AfterFull != LockOff && o.AfterFull != LockSample {
		return fmt.Errorf("tidemark: Locks.AfterFull is %q or %q", LockOff, LockSample)
	}
	return nil
}

// LockState is the answer of the switch.
type LockState struct {
	SchemaVersion int        `json:"schema_version"` // 1
	Level         LockLevel  `json:"level"`
	Changed       bool       `json:"changed"`
	MutexFraction int        `json:"mutex_fraction"` // read from the runtime now
	BlockRateNs   int        `json:"block_rate_ns"`  // what Tidemark set last: the runtime has no getter
	Since         *time.Time `json:"since"`
	EndsAt        *time.Time `json:"ends_at"`
	// What the end of the window brings back.
	PreviousMutexFraction int         `json:"previous_mutex_fraction"`
	BlockRateAfterNs      int         `json:"block_rate_after_ns"`
	Window                *LockWindow `json:"last_window"`
	Message               string      `json:"message"`
}

// LockWindow is what one window of lock profiling saw: differences, not totals since the start.
type LockWindow struct {
	Level                 LockLevel `json:"level"`
	Start                 time.Time `json:"start"`
	End                   time.Time `json:"end"`
	EndedBy               string    `json:"ended_by"`
	MutexContentions      int64     `json:"mutex_contentions"`
	MutexDelayNs          int64     `json:"mutex_delay_ns"`
	BlockEvents           int64     `json:"block_events"`
	BlockDelayNs          int64     `json:"block_delay_ns"`
	MutexFractionRestored *int      `json:"mutex_fraction_restored"` // null: the program had changed it meanwhile, left alone
	Note                  string    `json:"note,omitempty"`
	Error                 string    `json:"error,omitempty"`

	mutex, block []byte // gzipped differences
}

// lockSwitch owns the process's mutex fraction and block rate while a window is open. One mutex serialises signal,
// HTTP, API and timer; a window's number keeps the timer of an ended window from ending the next one.
type lockSwitch struct {
	options        LockOptions
	blockRateAfter int
	maxBytes       int

	mu        sync.Mutex
	current   LockLevel
	number    int // of the window
	start     time.Time
	end       time.Time
	timer     *time.Timer
	previous  int // mutex fraction before the first window of a row
	set       int // mutex fraction that we set
	blockRate int
	base      map[string][]byte
	last      *LockWindow
	closed    bool
}

func newLockSwitch(o LockOptions, blockRate, maxBytes int) *lockSwitch {
	return &lockSwitch{options: o.withDefaults(), blockRateAfter: blockRate, blockRate: blockRate, maxBytes: maxBytes,
		current: LockOff, previous: runtime.SetMutexProfileFraction(-1)}
}

func (s *lockSwitch) level() LockLevel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// toggle is what SIGUSR2 does: off → full → off (or sample, by options); sample → full.
func (s *lockSwitch) toggle(by string) (LockState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := LockFull
	if s.current == LockFull {
		to = s.options.AfterFull
	}
	return s.change(to, s.options.Window, by)
}

// to sets a level; 0 means the default window.
func (s *lockSwitch) to(level LockLevel, window time.Duration, by string) (LockState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := lockLevelNumber[level]; !ok {
		return s.state(false, ""), fmt.Errorf("tidemark: lock profiling has no level %q: off, sample or full", level)
	}
	setDefault(&window, s.options.Window)
	if window < 0 || window > s.options.MaxWindow {
		return s.state(false, ""), fmt.Errorf("tidemark: a window lasts at most %s", s.options.MaxWindow)
	}
	return s.change(level, window, by)
}

func (s *lockSwitch) change(to LockLevel, window time.Duration, by string) (LockState, error) {
	if s.closed {
		return s.state(false, ""), errClosed
	}
	if to == s.current {
		if to == LockOff {
			return s.state(false, "lock profiling was off already"), nil
		}
		if end := time.Now().Add(window); end.After(s.end) {
			s.arm(window)
		}
		return s.state(false, fmt.Sprintf("lock profiling was %s already; it ends at %s", to, s.end.UTC().Format(time.RFC3339))), nil
	}
	if s.current != LockOff {
		s.finish(by, to == LockOff)
	}
	if to == LockOff {
		return s.state(true, s.restored()), nil
	}
	// In a row of windows (full → sample) the fraction in force is ours, unless the program changed it meanwhile.
	if now := runtime.SetMutexProfileFraction(-1); s.set == 0 || now != s.set {
		s.previous = now
	}
	s.set, s.blockRate = 1, s.options.FullBlockRateNs
	if to == LockSample {
		s.set, s.blockRate = s.options.SampleFraction, s.options.SampleBlockRateNs
	}
	runtime.SetMutexProfileFraction(s.set)
	runtime.SetBlockProfileRate(s.blockRate)
	// The base is taken at the new rates: Go up to 1.19 scales the whole mutex profile by the fraction in force when
	// it is written, so both ends of a difference need the same one.
	s.base = map[string][]byte{"mutex": s.profile("mutex"), "block": s.profile("block")}
	s.current, s.start = to, time.Now()
	s.arm(window)
	return s.state(true, fmt.Sprintf("lock profiling is %s until %s: mutex fraction %d (was %d), block rate %d ns",
		to, s.end.UTC().Format(time.RFC3339), s.set, s.previous, s.blockRate)), nil
}

// arm (re)starts the timer that ends the window.
func (s *lockSwitch) arm(window time.Duration) {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.number++
	number := s.number
	s.end = time.Now().Add(window)
	s.timer = time.AfterFunc(window, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.number == number && s.current != LockOff {
			s.finish("timer", true)
		}
	})
}

// finish closes the window; restore is false where another level follows at once.
func (s *lockSwitch) finish(by string, restore bool) {
	w := &LockWindow{Level: s.current, Start: s.start.UTC(), EndedBy: by}
	s.measure(w) // before the rates change, see change
	w.End = time.Now().UTC()
	s.timer.Stop()
	s.number++
	s.current, s.base, s.last = LockOff, nil, w
	if !restore {
		return
	}
	if runtime.SetMutexProfileFraction(-1) == s.set {
		runtime.SetMutexProfileFraction(s.previous)
		previous := s.previous
		w.MutexFractionRestored = &previous
	}
	s.set = 0
	s.blockRate = s.blockRateAfter
	runtime.SetBlockProfileRate(s.blockRateAfter)
}

// noteUnbroken: a waiter that queued before the switch has no start time, and the runtime hands that "none" on to each
// next waiter (semaRoot.dequeue), so the mutex profile of such a lock stays empty until nobody waits for it once.
const noteUnbroken = "goroutines blocked, yet no mutex contention was recorded: a mutex that others were waiting for without a break " +
	"since before the window records none; the block profile shows its waiters"

func (s *lockSwitch) measure(w *LockWindow) {
	for _, name := range [...]string{"mutex", "block"} {
		diff, totals, err := subtractProfiles(s.profile(name), s.base[name], s.maxBytes)
		if err != nil {
			w.Error = fmt.Sprintf("%s: %v", name, err)
			continue
		}
		if len(totals) < 2 {
			totals = []int64{0, 0}
		}
		if name == "mutex" {
			w.mutex, w.MutexContentions, w.MutexDelayNs = diff, totals[0], totals[1]
		} else {
			w.block, w.BlockEvents, w.BlockDelayNs = diff, totals[0], totals[1]
		}
	}
	if w.Error == "" && w.MutexContentions == 0 && w.BlockEvents > 0 {
		w.Note = noteUnbroken
	}
}

// profile is nil where the profile is larger than the bound; measure then tells an error.
func (s *lockSwitch) profile(name string) []byte {
	b := &boundedBuffer{max: s.maxBytes}
	if err := pprof.Lookup(name).WriteTo(b, 0); err != nil || b.full {
		return nil
	}
	return b.Bytes()
}

// difference returns the gzipped mutex or block profile of the open window so far, else of the last one.
func (s *lockSwitch) difference(name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.last
	if s.current != LockOff {
		w = &LockWindow{}
		s.measure(w)
	}
	switch {
	case w == nil:
		return nil, errNoWindow
	case w.Error != "":
		return nil, fmt.Errorf("tidemark: %s", w.Error)
	case name == "mutex":
		return w.mutex, nil
	}
	return w.block, nil
}

func (s *lockSwitch) now() LockState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state(false, "")
}

func (s *lockSwitch) state(changed bool, message string) LockState {
	st := LockState{SchemaVersion: 1, Level: s.current, Changed: changed, MutexFraction: runtime.SetMutexProfileFraction(-1),
		BlockRateNs: s.blockRate, PreviousMutexFraction: s.previous, BlockRateAfterNs: s.blockRateAfter, Message: message}
	if s.current != LockOff {
		start, end := s.start.UTC(), s.end.UTC()
		st.Since, st.EndsAt = &start, &end
	}
	if s.last != nil {
		w := *s.last
		st.Window = &w
	}
	return st
}

func (s *lockSwitch) restored() string {
	mutex := "the program changed the mutex fraction meanwhile, it was left as it is"
	if f := s.last.MutexFractionRestored; f != nil {
		mutex = fmt.Sprintf("mutex fraction back to %d", *f)
	}
	return fmt.Sprintf("lock profiling is off: %s, block rate set to %d ns as given to Start (the runtime cannot tell what it was)", mutex, s.blockRateAfter)
}

func (s *lockSwitch) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != LockOff {
		s.finish("close", true)
	}
	s.closed = true
}

// boundedBuffer keeps at most max bytes and remembers that there were more.
type boundedBuffer struct {
	bytes.Buffer
	max  int
	full bool
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.full || b.Len()+len(p) > b.max {
		b.full = true
		return 0, errTooLarge
	}
	return b.Buffer.Write(p)
}

func setDefault[T int | time.Duration | float64](v *T, def T) {
	if *v == 0 {
		*v = def
	}
}
