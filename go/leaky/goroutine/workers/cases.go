// Package workers: counts and signals that do not come.
package workers

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "wg-early-return", Title: "an early return skips Done", Cause: "waitgroup-count", Holder: suite.Gone, Leak: leakFetch, Fixed: fixedFetch},
		suite.Case{ID: "wg-add-one-too-many", Title: "Add counts an item that starts nobody", Cause: "waitgroup-count", Holder: suite.Gone, Leak: leakBatch, Fixed: fixedBatch},
		suite.Case{ID: "wg-field-closure", Title: "a group in a struct, Done only on success", Cause: "waitgroup-count", Holder: suite.Gone, Leak: leakDrain, Fixed: fixedDrain},
		suite.Case{ID: "cond-never-signalled", Title: "the state changes and nobody signals", Cause: "cond-no-signal", Holder: suite.Gone, Leak: leakGate, Fixed: fixedGate},
		suite.Case{ID: "cond-signal-one", Title: "one signal for two waiters", Cause: "cond-no-signal", Holder: suite.Gone, Leak: leakBarrier, Fixed: fixedBarrier},
	)
}
