package tidemark

import "math"

// Why a live heap is unknown.
const (
	liveNoGC     = "no GC cycle has ended yet"
	liveGogcOff  = "GOGC is off, so the goal says nothing about what is alive"
	liveMinimum  = "the heap is below the runtime's minimum goal"
	liveLimited  = "the memory limit, not GOGC, sets the goal"
	liveNoValues = "this Go version tells no heap goal"
)

// minimumGoal is the smallest heap goal at GOGC=100; it scales with GOGC (defaultHeapMinimum of the runtime).
const minimumGoal = 4 << 20

// liveByFormula computes the live heap for Go versions without /gc/heap/live:bytes (before 1.21), from the runtime's
//
//	goal = live + (live + stacks + globals) × GOGC/100
//
// (Go 1.18 and later). Its limits: globals are not told and are left out, so live may be too large by at most
// globals × GOGC/(100+GOGC); stacks are those of now, not of the last cycle; GOGC is the environment's, a
// debug.SetGCPercent in the program is not seen. Where the goal is not made by this formula it answers false, and
// liveWhy says which reason holds.
func (r *reader) liveByFormula() (float64, bool) {
	goal := r.value(heapGoal)
	live, why := liveFromGoal(liveInputs{
		cycles: r.value(gcCycles), goal: goal, stacks: r.value(heapStacks), gogcPercent: r.value(gogcPercent),
		limit: r.value(memoryLimit), mapped: r.value(goTotal) - r.value(heapReleased), alloc: r.value(heapAlloc),
	})
	r.liveWhy = why
	return live, why == ""
}

// liveInputs holds bytes, NaN where there is no value.
type liveInputs struct {
	cycles, goal, stacks, gogcPercent, limit, mapped, alloc float64
}

func liveFromGoal(in liveInputs) (live float64, why string) {
	switch {
	case in.cycles < 1:
		return 0, liveNoGC
	case math.IsNaN(in.gogcPercent):
		return 0, liveGogcOff
	case math.IsNaN(in.goal) || math.IsNaN(in.stacks):
		return 0, liveNoValues
	}
	growth := in.gogcPercent / 100
	if in.goal <= minimumGoal*growth {
		return 0, liveMinimum
	}
	// The limit sets the goal when the heap at its goal and all else that is mapped would fill it: 5 % to be sure.
	if in.goal+in.mapped-in.alloc >= .95*in.limit { // false without a limit: NaN
		return 0, liveLimited
	}
	return math.Max(0, (in.goal-in.stacks*growth)/(1+growth)), ""
}
