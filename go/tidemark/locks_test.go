package tidemark

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"
)

//go:noinline
func contend() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for g := 0; g < 4; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; i < 10; i++ {
				contendOnce(&mu)
			}
		}()
	}
	wg.Wait()
}

//go:noinline
func contendOnce(mu *sync.Mutex) {
	mu.Lock()
	time.Sleep(200 * time.Microsecond)
	mu.Unlock()
}

func fraction() int { return runtime.SetMutexProfileFraction(-1) }

func noServer(o *Options) { o.Addr = NoServer; o.Locks.NoSignal = true }

func setFraction(t *testing.T, f int) {
	t.Helper()
	old := runtime.SetMutexProfileFraction(f)
	t.Cleanup(func() { runtime.SetMutexProfileFraction(old) })
}

func TestLockProfilingIsOffAtFirst(t *testing.T) {
	setFraction(t, 0)
	a := startTest(t, noServer)
	if s := a.LockState(); s.Level != LockOff || s.MutexFraction != 0 || s.Window != nil || fraction() != 0 {
		t.Errorf("%+v", s)
	}
	if _, err := a.LockProfile("mutex"); err == nil {
		t.Error("a lock profile without a window")
	}
}

func TestWindowReportsItsDifferenceOnly(t *testing.T) {
	setFraction(t, 7)
	runtime.SetBlockProfileRate(1)
	contend() // before the window: the block profile has it, the window must not
	a := startTest(t, func(o *Options) { noServer(o); o.BlockProfileRateNs = 12345 })
	on, err := a.SetLockProfiling(LockFull, 0)
	must(t, err)
	if !on.Changed || on.MutexFraction != 1 || on.PreviousMutexFraction != 7 || on.BlockRateNs != 1 || on.EndsAt == nil {
		t.Errorf("on: %+v", on)
	}
	contend()
	const function = "github.com/tidemark-go/tidemark/go/tidemark.contendOnce"
	open, err := a.LockProfile("mutex")
	must(t, err)
	during := symbolic(t, open, function)
	off, err := a.SetLockProfiling(LockOff, 0)
	must(t, err)
	w := off.Window
	if !off.Changed || fraction() != 7 || w == nil || w.EndedBy != "api" || w.MutexFractionRestored == nil || *w.MutexFractionRestored != 7 || off.BlockRateNs != 12345 {
		t.Errorf("off: %+v %+v", off, w)
	}
	for _, name := range []string{"mutex", "block"} {
		b, err := a.LockProfile(name)
		must(t, err)
		v := symbolic(t, b, function)
		// 40 turns, of which 39 at most find the lock held; the same again before the window would be more than 40.
		if len(v) != 2 || v[0] < 10 || v[0] > 41 || v[1] < int64(time.Millisecond) {
			t.Errorf("%s of the window: %v, want 10…41 events of some ms", name, v)
		}
		if name == "mutex" && v[0] != during[0] {
			t.Errorf("mutex events %d while open, %d at the end", during[0], v[0])
		}
	}
	if w.MutexContentions < 10 || w.BlockEvents < 10 || w.MutexDelayNs <= 0 || w.BlockDelayNs <= 0 {
		t.Errorf("totals: %+v", w)
	}
	runtime.SetBlockProfileRate(0)
}

func TestBlockedWithoutMutexIsNoted(t *testing.T) {
	a := startTest(t, noServer)
	_, err := a.SetLockProfiling(LockFull, 0)
	must(t, err)
	c := make(chan int)
	go func() { time.Sleep(5 * time.Millisecond); c <- 1 }()
	<-c
	s, _ := a.SetLockProfiling(LockOff, 0)
	if w := s.Window; w.BlockEvents == 0 || (w.MutexContentions == 0) != (w.Note != "") {
		t.Errorf("%+v", w)
	}
}

func TestPressedTwice(t *testing.T) {
	setFraction(t, 3)
	a := startTest(t, noServer)
	for i := 0; i < 3; i++ {
		s, err := a.locks.toggle("signal")
		must(t, err)
		if s.Level != LockFull || fraction() != 1 {
			t.Errorf("round %d on: %+v", i, s)
		}
		s, err = a.locks.toggle("signal")
		must(t, err)
		if s.Level != LockOff || fraction() != 3 || s.Window.EndedBy != "signal" {
			t.Errorf("round %d off: %+v", i, s)
		}
	}
	first, _ := a.SetLockProfiling(LockFull, time.Minute)
	again, _ := a.SetLockProfiling(LockFull, time.Second)
	if again.Changed || again.EndsAt.Before(*first.EndsAt) || !again.Since.Equal(*first.Since) {
		t.Errorf("the same level again: %+v after %+v", again, first)
	}
	longer, _ := a.SetLockProfiling(LockFull, 2*time.Minute)
	if !longer.EndsAt.After(*first.EndsAt) {
		t.Error("a longer window did not move the end")
	}
	if s, _ := a.SetLockProfiling(LockOff, 0); fraction() != 3 || !s.Changed {
		t.Errorf("off: %+v", s)
	}
	if s, _ := a.SetLockProfiling(LockOff, 0); s.Changed {
		t.Errorf("off twice: %+v", s)
	}
}

func TestFullGoesToSampleByOption(t *testing.T) {
	setFraction(t, 9)
	a := startTest(t, func(o *Options) { noServer(o); o.Locks.AfterFull = LockSample })
	want := []struct {
		level    LockLevel
		fraction int
	}{{LockFull, 1}, {LockSample, 50}, {LockFull, 1}, {LockSample, 50}}
	for i, w := range want {
		s, err := a.locks.toggle("signal")
		must(t, err)
		if s.Level != w.level || fraction() != w.fraction || s.PreviousMutexFraction != 9 {
			t.Errorf("press %d: %+v, want %+v", i, s, w)
		}
	}
	s, _ := a.SetLockProfiling(LockOff, 0)
	if fraction() != 9 {
		t.Errorf("after a row of levels the first fraction is not back: %+v", s)
	}
}

func TestWindowEndsByItself(t *testing.T) {
	setFraction(t, 5)
	a := startTest(t, noServer)
	_, err := a.SetLockProfiling(LockFull, 20*time.Millisecond)
	must(t, err)
	eventually(t, "the end", func() bool { return a.LockState().Level == LockOff })
	if s := a.LockState(); s.Window.EndedBy != "timer" || fraction() != 5 {
		t.Errorf("%+v", s)
	}
	// The timer of an ended window leaves the next one alone.
	for i := 0; i < 20; i++ {
		_, _ = a.SetLockProfiling(LockFull, time.Millisecond)
		_, _ = a.SetLockProfiling(LockOff, 0)
		s, _ := a.SetLockProfiling(LockFull, time.Minute)
		time.Sleep(2 * time.Millisecond)
		if a.LockState().Level != LockFull {
			t.Fatalf("round %d: ended early: %+v", i, s)
		}
		_, _ = a.SetLockProfiling(LockOff, 0)
	}
}

func TestForeignFractionIsLeftAlone(t *testing.T) {
	setFraction(t, 5)
	a := startTest(t, noServer)
	_, _ = a.SetLockProfiling(LockFull, 0)
	runtime.SetMutexProfileFraction(11) // the program's own wish meanwhile
	s, _ := a.SetLockProfiling(LockOff, 0)
	if fraction() != 11 || s.Window.MutexFractionRestored != nil {
		t.Errorf("%d %+v", fraction(), s)
	}
}

func TestPressedTogether(t *testing.T) {
	setFraction(t, 4)
	a := startTest(t, func(o *Options) { noServer(o); o.Locks.Window = time.Millisecond })
	var wg sync.WaitGroup
	for g := 0; g < 8; g++ {
		g := g
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; i < 25; i++ {
				switch g % 4 {
				case 0:
					_, _ = a.locks.toggle("signal")
				case 1:
					_, _ = a.SetLockProfiling(LockFull, time.Duration(i+1)*time.Millisecond)
				case 2:
					_, _ = a.SetLockProfiling(LockSample, 0)
				case 3:
					s := a.LockState()
					if (s.Level == LockOff) != (s.Since == nil) {
						t.Errorf("half a state: %+v", s)
					}
					_, _ = a.LockProfile("block")
				}
			}
		}()
	}
	wg.Wait()
	must(t, a.Close())
	if fraction() != 4 {
		t.Errorf("fraction %d after all, want 4", fraction())
	}
	if _, err := a.SetLockProfiling(LockFull, 0); err == nil || fraction() != 4 {
		t.Error("switched on after Close")
	}
}

func TestSwitchRefusesNonsense(t *testing.T) {
	a := startTest(t, noServer)
	for _, c := range []struct {
		level  LockLevel
		window time.Duration
	}{{"loud", 0}, {"", 0}, {LockFull, 11 * time.Minute}, {LockFull, -1}} {
		if s, err := a.SetLockProfiling(c.level, c.window); err == nil || s.Level != LockOff {
			t.Errorf("%v was taken: %+v", c, s)
		}
	}
}

func TestSwitchOverHTTP(t *testing.T) {
	setFraction(t, 6)
	a := startTest(t, nil)
	for path, want := range map[string]int{"?seconds=1e9": 400, "?seconds=NaN": 400, "?seconds=-1": 400, "?seconds=x": 400, "?level=loud": 400} {
		if status, _, body := request(t, a, "POST", "/debug/tidemark/locks"+path, withToken); status != want || fraction() != 6 {
			t.Errorf("POST %s: %d %s", path, status, body)
		}
	}
	post := func(path string) (s LockState) {
		status, _, body := request(t, a, "POST", path, withToken)
		if status != http.StatusOK {
			t.Fatalf("POST %s: %d %s", path, status, body)
		}
		decode(t, body, &s)
		return s
	}
	if s := post("/debug/tidemark/locks?level=full&seconds=30"); s.Level != LockFull || fraction() != 1 || s.SchemaVersion != 1 {
		t.Errorf("%+v", s)
	}
	contend()
	var s LockState
	decode(t, get(t, a, "/debug/tidemark/locks"), &s)
	if s.Level != LockFull {
		t.Errorf("%+v", s)
	}
	if s := post("/debug/tidemark/locks"); s.Level != LockOff || fraction() != 6 || s.Window.EndedBy != "http" || s.Window.MutexContentions == 0 {
		t.Errorf("%+v", s)
	}
	if v := symbolic(t, get(t, a, "/debug/tidemark/locks/block"), fmt.Sprintf("%s.contendOnce", "github.com/tidemark-go/tidemark/go/tidemark")); len(v) != 2 || v[0] == 0 {
		t.Errorf("block profile of the window: %v", v)
	}
}
