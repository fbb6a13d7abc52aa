package tidemark

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
)

// memRate remembers who chose runtime.MemProfileRate. A rate that changes in mid-run makes the samples before it count
// wrongly, so the choice should be the first thing that happens: TIDEMARK_MEM_PROFILE_RATE is applied when this
// package is initialised, before main; Options.MemProfileRate only in Start.
var memRate struct {
	sync.Mutex
	chosen int
	from   string
}

func init() {
	if n, err := strconv.Atoi(os.Getenv("TIDEMARK_MEM_PROFILE_RATE")); err == nil && n >= 0 {
		setMemProfileRate(n, "TIDEMARK_MEM_PROFILE_RATE")
	} else {
		memRate.chosen, memRate.from = runtime.MemProfileRate, "the Go runtime's default or the program"
	}
}

func setMemProfileRate(rate int, who string) {
	memRate.Lock()
	defer memRate.Unlock()
	if rate == runtime.MemProfileRate {
		memRate.chosen, memRate.from = rate, who
		return
	}
	allocated := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(allocated)
	runtime.MemProfileRate = rate
	memRate.chosen = rate
	memRate.from = fmt.Sprintf("%s, after %d bytes were allocated", who, allocated[0].Value.Uint64())
}

func memProfileRateFrom() string {
	memRate.Lock()
	defer memRate.Unlock()
	if runtime.MemProfileRate != memRate.chosen {
		return fmt.Sprintf("the program, after %s", memRate.from)
	}
	return memRate.from
}
