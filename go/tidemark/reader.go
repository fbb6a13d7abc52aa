package tidemark

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"strconv"
	"sync"
	"time"
)

// reader reads all signals without stopping the world: runtime/metrics, debug.ReadGCStats and files of the kernel.
// Its buffers are reused, so a read allocates next to nothing.
type reader struct {
	mu      sync.Mutex
	samples []metrics.Sample
	plans   []plan // one a signal
	values  []float64
	gcStats debug.GCStats
	status  procStatus
	cgroup  *cgroup
	gogc    float64 // for versions that do not tell it
	liveWhy string  // why live heap is unknown, "" when it is known
}

// plan is what a signal resolved to on this Go version.
type plan struct {
	source  *source // nil when nothing offers it
	samples []int   // indices of reader.samples, for a sum of metrics
}

// resolve picks for each signal the first source whose metrics are all in offered.
func resolve(offered map[string]bool) []plan {
	plans := make([]plan, len(signals))
	for i := range signals {
		for j := range signals[i].sources {
			s := &signals[i].sources[j]
			if s.read != nil || allIn(s.metrics, offered) {
				plans[i].source = s
				break
			}
		}
	}
	return plans
}

func allIn(names []string, set map[string]bool) bool {
	for _, n := range names {
		if !set[n] {
			return false
		}
	}
	return true
}

func newReader() *reader {
	offered := map[string]bool{}
	for _, d := range metrics.All() {
		if d.Kind == metrics.KindUint64 || d.Kind == metrics.KindFloat64 {
			offered[d.Name] = true
		}
	}
	r := &reader{plans: resolve(offered), values: make([]float64, len(signals)), cgroup: findCgroup("/proc/self/cgroup", "/sys/fs/cgroup")}
	index := map[string]int{}
	for i := range r.plans {
		p := &r.plans[i]
		if p.source == nil {
			continue
		}
		for _, name := range p.source.metrics {
			if _, ok := index[name]; !ok {
				index[name] = len(r.samples)
				r.samples = append(r.samples, metrics.Sample{Name: name})
			}
			p.samples = append(p.samples, index[name])
		}
	}
	r.gogc = 100
	switch v := os.Getenv("GOGC"); v {
	case "off":
		r.gogc = math.NaN()
	default:
		if n, err := strconv.ParseInt(v, 10, 32); err == nil {
			r.gogc = float64(n)
		}
		if r.gogc < 0 {
			r.gogc = math.NaN()
		}
	}
	return r
}

// reading is one look at all signals; NaN stands where there is no value.
type reading struct {
	at      time.Time
	values  []float64
	liveWhy string
}

// signalIndex finds a signal without labels; filled by init, since the table's functions use it.
var signalIndex = map[string]int{}

func init() {
	for i, s := range signals {
		if s.labels == "" {
			signalIndex[s.name] = i
		}
	}
}

func (r reading) get(name string) float64 { return r.values[signalIndex[name]] }

// read fills into (whose values are reused when they are long enough).
func (r *reader) read(into *reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	metrics.Read(r.samples)
	debug.ReadGCStats(&r.gcStats)
	r.status.read("/proc/self/status")
	r.liveWhy = ""
	for i := range r.plans {
		r.values[i] = math.NaN()
		if s := r.plans[i].source; s != nil && s.read == nil {
			r.values[i] = r.sum(r.plans[i].samples)
		}
	}
	r.normalise()
	for i := range r.plans {
		if s := r.plans[i].source; s != nil && s.read != nil {
			if v, ok := s.read(r); ok {
				r.values[i] = v
			}
		}
	}
	into.at = time.Now()
	into.values = append(into.values[:0], r.values...)
	into.liveWhy = r.liveWhy
}

func (r *reader) sum(samples []int) float64 {
	total := 0.0
	for _, i := range samples {
		switch v := r.samples[i].Value; v.Kind() {
		case metrics.KindUint64:
			total += float64(v.Uint64())
		case metrics.KindFloat64:
			total += v.Float64()
		default:
			return math.NaN()
		}
	}
	return total
}

// normalise turns the runtime's "off" (the largest number) into no value.
func (r *reader) normalise() {
	if g := &r.values[signalIndex[gogcPercent]]; *g > math.MaxInt32 {
		*g = math.NaN()
	}
	if l := &r.values[signalIndex[memoryLimit]]; *l >= math.MaxInt64 {
		*l = math.NaN()
	}
	if g := &r.values[signalIndex[heapGoal]]; *g >= 1<<62 {
		*g = math.NaN()
	}
}

func (r *reader) value(name string) float64 { return r.values[signalIndex[name]] }

func (r *reader) pauseSeconds() (float64, bool) { return r.gcStats.PauseTotal.Seconds(), true }

func (r *reader) lastGC() (float64, bool) {
	return float64(r.gcStats.LastGC.UnixNano()) / 1e9, r.gcStats.NumGC > 0
}

func (r *reader) gogcAtStart() (float64, bool) { return r.gogc, !math.IsNaN(r.gogc) }

// limitOfRuntime reads the limit; a negative argument changes nothing and stops nothing.
func (r *reader) limitOfRuntime() (float64, bool) {
	limit := debug.SetMemoryLimit(-1)
	return float64(limit), limit != math.MaxInt64
}

func (r *reader) threadsByProfile() (float64, bool) {
	p := pprof.Lookup("threadcreate")
	return float64(p.Count()), p != nil
}

func (r *reader) memProfileRate() (float64, bool) { return float64(runtime.MemProfileRate), true }

func (r *reader) mutexFraction() (float64, bool) {
	return float64(runtime.SetMutexProfileFraction(-1)), true
}

func (r *reader) startSeconds() (float64, bool) {
	return float64(processStart.UnixNano()) / 1e9, true
}
