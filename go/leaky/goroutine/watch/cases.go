// Package watch: loops, contexts and timers that never end.
package watch

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "select-no-exit", Title: "a watch loop without a done case", Cause: "select-no-exit", Holder: suite.Gone, Leak: leakWatch, Fixed: fixedWatch},
		suite.Case{ID: "select-two-results", Title: "a select over two answers that both never come", Cause: "select-no-exit", Holder: suite.Gone, Leak: leakEither, Fixed: fixedEither},
		suite.Case{ID: "context-kept", Title: "a cancel function that is stored and never called", Cause: "context-never-cancelled", Holder: suite.Gone, Leak: leakPoll, Fixed: fixedPoll},
		suite.Case{ID: "context-background", Title: "a loop that waits for the end of Background", Cause: "context-never-cancelled", Holder: suite.Gone, Leak: leakRefresh, Fixed: fixedRefresh},
		suite.Case{ID: "context-child", Title: "the parent of a detached child is cancelled, the child is not", Cause: "context-never-cancelled", Holder: suite.Gone, Leak: leakDetach, Fixed: fixedDetach},
		suite.Case{ID: "timer-stopped", Title: "a receive from a timer that was stopped", Cause: "timer-never-fires", Holder: suite.Gone, Leak: leakExpire, Fixed: fixedExpire},
		suite.Case{ID: "ticker-stopped", Title: "a range over a ticker that was stopped", Cause: "timer-never-fires", Holder: suite.Gone, Leak: leakBeat, Fixed: fixedBeat},
	)
}
