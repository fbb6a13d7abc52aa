package tidemark

import (
	"bytes"
	"math/rand"
	"runtime/pprof"
	"testing"
)

//go:noinline
func parkBefore(stop chan struct{}) { <-stop }

//go:noinline
func parkLater(stop chan struct{}) { <-stop }

func goroutineProfile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, pprof.Lookup("goroutine").WriteTo(&b, 0))
	return b.Bytes()
}

func parked(t testing.TB, function string) int64 {
	values := symbolic(t, goroutineProfile(t), "github.com/tidemark-go/tidemark/go/tidemark."+function)
	return values[0]
}

func TestDifferenceHasNewAndEndedStacks(t *testing.T) {
	ended, later := make(chan struct{}), make(chan struct{})
	defer close(later)
	for i := 0; i < 3; i++ {
		go parkBefore(ended)
	}
	eventually(t, "three parked", func() bool { return parked(t, "parkBefore") == 3 })
	first := goroutineProfile(t)
	close(ended)
	for i := 0; i < 5; i++ {
		go parkLater(later)
	}
	eventually(t, "five others parked", func() bool { return parked(t, "parkLater") == 5 && parked(t, "parkBefore") == 0 })

	diff, totals, err := subtractProfiles(goroutineProfile(t), first, 1<<20)
	must(t, err)
	const pkg = "github.com/tidemark-go/tidemark/go/tidemark."
	if v := symbolic(t, diff, pkg+"parkLater"); v[0] != 5 {
		t.Errorf("new stack: %v, want 5", v)
	}
	if v := symbolic(t, diff, pkg+"parkBefore"); v[0] != -3 {
		t.Errorf("ended stack: %v, want -3", v)
	}
	if totals[0] < 1 || totals[0] > 3 { // 5 − 3, and a goroutine of the test at most
		t.Errorf("totals %v, want about 2", totals)
	}
}

func TestDifferenceOfEqualProfilesIsEmpty(t *testing.T) {
	p := goroutineProfile(t)
	diff, totals, err := subtractProfiles(p, p, 1<<20)
	must(t, err)
	parsed, err := parseProfile(diff, 1<<20)
	must(t, err)
	if len(parsed.samples) != 0 || totals[0] != 0 {
		t.Errorf("%d samples, totals %v", len(parsed.samples), totals)
	}
}

func TestDifferenceIsBounded(t *testing.T) {
	p := goroutineProfile(t)
	if _, _, err := subtractProfiles(p, p, 100); err == nil {
		t.Error("a profile larger than the bound was taken")
	}
	if _, _, err := subtractProfiles(p, nil, 1<<20); err == nil {
		t.Error("no profile at all was taken")
	}
}

func TestBrokenFieldsAreErrorsNotPanics(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for i := 0; i < 20_000; i++ {
		b := make([]byte, random.Intn(40))
		random.Read(b)
		_ = eachField(b, func(f field) error {
			if len(f.raw) == 0 || len(f.raw) > len(b) {
				t.Fatalf("raw of %d bytes from %d", len(f.raw), len(b))
			}
			_, err := parseSample(f.data)
			return err
		})
	}
	if err := eachField([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, func(field) error { return nil }); err == nil {
		t.Error("a length beyond the end was taken")
	}
}
