package subjecttest

import (
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// Quiet proves that a quiet subject stops growing: at most a few minutes of its plan later, one
// minute adds nothing that stays. A subject that says it is still filling must show that it is.
func Quiet(t *testing.T, s subject.Subject) {
	if len(s.Sites) > 0 || s.Grows != (subject.Growth{}) {
		t.Fatal("a quiet subject has neither sites nor a growth")
	}
	for _, name := range []string{"low", "mid", "high"} {
		if _, ok := s.Load(name); !ok {
			t.Fatalf("no load named %s", name)
		}
	}
	l, _ := s.Load("low")
	first, err := minutes(t, s, l, func(v *subject.Service) http.HandlerFunc { return v.Handler })
	if err != nil && !l.StillFilling {
		t.Error(err)
	}
	if s.Shape == nil && l.StillFilling && first.heapBytes < 1<<18 {
		t.Errorf("it says that it is still filling after a minute, and did not grow: %+v", first)
	}
}

// maxMinutes bounds how long a subject may take to show a minute without growth. One is enough
// for most; a slow machine sends fewer requests than the plan wants, so that filling takes longer.
const maxMinutes = 5

// minutes drives a subject for a minute of its plan, and then for more until one leaves nothing
// behind. It returns the first one's growth, and an error when every one of them grew.
func minutes(t *testing.T, s subject.Subject, l subject.Load, pick func(*subject.Service) http.HandlerFunc) (first counts, err error) {
	t.Helper()
	runtime.MemProfileRate = 0 // only totals are read here
	second := min(20*time.Millisecond, max(6*time.Millisecond, time.Duration(l.RatePerSecond/3000*float64(time.Second))))
	b := newBench(t, s, l, second, pick)
	b.follow(60)
	start := b.settle()
	before := start
	for n := range maxMinutes {
		sent := b.stats.Sent.Load()
		b.follow(60)
		now := b.settle()
		grown := now.minus(before)
		if n == 0 {
			first = grown
		}
		t.Logf("minute %d, %d requests: heap %+d B of %d, goroutines %+d of %d", n+2, b.stats.Sent.Load()-sent, grown.heapBytes, before.heapBytes, grown.goroutines, before.goroutines)
		if err = still(grown, start); err == nil {
			return first, nil
		}
		before = now
	}
	return first, err
}

// still returns an error when a minute's growth is more than noise, beside what was held after
// the first minute.
func still(grown, start counts) error {
	if limit := max(1<<20, start.heapBytes/8); grown.heapBytes > limit {
		return fmt.Errorf("the heap grew by %d B in a minute, more than %d, minute after minute", grown.heapBytes, limit)
	}
	if limit := max(8, start.goroutines/8); grown.goroutines > limit {
		return fmt.Errorf("%d goroutines more after a minute, more than %d, minute after minute", grown.goroutines, limit)
	}
	return nil
}

// Control proves that the yardstick of Quiet can fail: it must refuse the leaking form of a leak.
func Control(t *testing.T, s subject.Subject) {
	l, _ := s.Load("small")
	l.SizeBytes *= 8
	if _, err := minutes(t, s, l, func(v *subject.Service) http.HandlerFunc { return v.Handler }); err == nil {
		t.Error("a leak passes as quiet")
	}
}
