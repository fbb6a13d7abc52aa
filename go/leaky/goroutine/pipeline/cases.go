// Package pipeline: ranges without an end and channels that were never made.
package pipeline

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "range-no-close", Title: "workers range over jobs that are never closed", Cause: "no-close", Holder: suite.Gone, Leak: leakPool, Fixed: fixedPool},
		suite.Case{ID: "merge-no-close", Title: "a generic merge forgets to close its output", Cause: "no-close", Holder: suite.Gone, Leak: leakMerge, Fixed: fixedMerge},
		suite.Case{ID: "close-skipped", Title: "an error return skips the close", Cause: "no-close", Holder: suite.Gone, Leak: leakProduce, Fixed: fixedProduce},
		suite.Case{ID: "nil-receive", Title: "a result field that was never made", Cause: "nil-channel", Holder: suite.Gone, Leak: leakTask, Fixed: fixedTask},
		suite.Case{ID: "nil-send", Title: "a channel made in one branch only", Cause: "nil-channel", Holder: suite.Gone, Leak: leakTrace, Fixed: fixedTrace},
		suite.Case{ID: "select-forever", Title: "an empty select keeps a helper alive", Cause: "empty-select", Holder: suite.Gone, Leak: leakServe, Fixed: fixedServe},
	)
}
